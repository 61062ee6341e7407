/** The head of an HTTP request: as much of RFC 9112 as a server needs that answers GET and HEAD once per connection. */

export interface Request {
  readonly method: 'GET' | 'HEAD';
  /** Without its query. */
  readonly path: string;
  /** As the client wrote it; a client of HTTP/1.0 may send none. */
  readonly host?: string;
  readonly authorization?: string;
}

export interface Refusal {
  readonly status: 400 | 405 | 414 | 431 | 505;
  readonly why: string;
}

/** Bytes. A bearer token of a service account has less than 2 KiB. */
export const longestHead = 8 * 1024;
const longestTarget = 1024;
const mostHeaders = 64;

const refuse = (status: Refusal['status'], why: string): Refusal => ({ status, why });

const tokenPattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Those of ASCII but the tab; a byte above may be part of a letter. */
const controlPattern = /[^\P{Cc}\t\u0080-\u009f]/u;

/** @param head what stands before the empty line, one character a byte (latin1) */
export function parseHead(head: string): Request | Refusal {
  const [requestLine = '', ...lines] = head.split('\r\n');
  const [method = '', target = '', version = '', ...more] = requestLine.split(' ');
  if (!tokenPattern.test(method) || target === '' || more.length > 0 || controlPattern.test(target))
    return refuse(400, 'expected a request line: GET /path HTTP/1.1');
  if (!/^HTTP\/\d\.\d$/.test(version)) return refuse(400, 'expected HTTP/1.1 at the end of the request line');
  if (!version.startsWith('HTTP/1.')) return refuse(505, 'expected HTTP/1.0 or HTTP/1.1');
  if (target.length > longestTarget)
    return refuse(414, `expected a target of at most ${longestTarget} bytes`);
  if (lines.length > mostHeaders) return refuse(431, `expected at most ${mostHeaders} header fields`);
  let host: string | undefined;
  let authorization: string | undefined;
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    const value = line.slice(colon + 1);
    if (!tokenPattern.test(name) || controlPattern.test(value))
      return refuse(400, 'expected header fields of the form "name: value"');
    const field = name.toLowerCase();
    if (field !== 'host' && field !== 'authorization') continue;
    // Of two the client and we could each believe another one.
    if ((field === 'host' ? host : authorization) !== undefined)
      return refuse(400, `expected one header field ${field}, got two`);
    if (field === 'host') host = value.trim();
    else authorization = value.trim();
  }
  // Every browser sends Host, whatever it speaks: without it no page of a stranger is asking.
  if (host === undefined && version === 'HTTP/1.1') return refuse(400, 'expected a header field Host');
  if (method !== 'GET' && method !== 'HEAD') return refuse(405, 'expected GET or HEAD');
  return {
    method,
    path: target.split('?', 1)[0] as string,
    ...(host !== undefined && { host }),
    ...(authorization !== undefined && { authorization }),
  };
}

/** Whether an address of a socket is one of the loopback interface. */
export const isLoopback = (address: string): boolean => /^(?:::ffff:)?127\.|^::1$/.test(address);

/**
 * Whether a Host names this machine in a way that no name server can give to a stranger: a loopback address, or localhost.
 * Any port: `kubectl port-forward` may listen on another.
 */
export function namesLoopback(host: string): boolean {
  const [, name = ''] = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/.exec(host) ?? [];
  return /^localhost\.?$/i.test(name) || /^127(?:\.\d{1,3}){3}$/.test(name) || name === '[::1]';
}
