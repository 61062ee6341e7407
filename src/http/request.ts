/** Parses the head of an HTTP request: the part of RFC 9112 needed to answer one GET or HEAD per connection. */

import { defined } from '../model/json.ts';

export interface Request {
  readonly method: 'GET' | 'HEAD';
  /** Without its query. */
  readonly path: string;
  /** The Host header as sent. An HTTP/1.0 client may omit it. */
  readonly host?: string;
  readonly authorization?: string;
  /** Formats that the client accepts. */
  readonly accept?: string;
  readonly acceptEncoding?: string;
}

export interface HttpRefusal {
  readonly status: 400 | 405 | 414 | 431 | 505;
  readonly why: string;
}

/** Maximum head in bytes. A service account's bearer token has less than 2 KiB. */
export const longestHead = 8 * 1024;
const longestTarget = 1024;
const mostHeaders = 64;

const refuse = (status: HttpRefusal['status'], why: string): HttpRefusal => ({ status, why });

const tokenPattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** ASCII control characters except tab. Bytes above ASCII may be part of a UTF-8 character. */
const controlPattern = /[^\P{Cc}\t\u0080-\u009f]/u;

/** @param head the text before the empty line, one character per byte (latin1) @returns why it is refused, if it is */
export function parseHead(head: string): Request | HttpRefusal {
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
  const accepted = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    const value = line.slice(colon + 1);
    if (!tokenPattern.test(name) || controlPattern.test(value))
      return refuse(400, 'expected header fields of the form "name: value"');
    const field = name.toLowerCase();
    if (field === 'accept' || field === 'accept-encoding') {
      // Two fields of this name are one list.
      const before = accepted.get(field);
      accepted.set(field, before === undefined ? value.trim() : `${before},${value.trim()}`);
    }
    if (field !== 'host' && field !== 'authorization') continue;
    // With two, a proxy and this server could each use a different one.
    if ((field === 'host' ? host : authorization) !== undefined)
      return refuse(400, `expected one header field ${field}, got two`);
    if (field === 'host') host = value.trim();
    else authorization = value.trim();
  }
  // Every browser sends Host, even over HTTP/1.0. So a request without it does not come from a foreign web page.
  if (host === undefined && version === 'HTTP/1.1') return refuse(400, 'expected a header field Host');
  if (method !== 'GET' && method !== 'HEAD') return refuse(405, 'expected GET or HEAD');
  return {
    method,
    path: target.split('?', 1)[0] as string,
    ...(host !== undefined && { host }),
    ...defined({
      authorization,
      accept: accepted.get('accept'),
      acceptEncoding: accepted.get('accept-encoding'),
    }),
  };
}

/** Whether a socket's address is a loopback address. */
export const isLoopback = (address: string): boolean => /^(?:::ffff:)?127\.|^::1$/.test(address);

/**
 * Whether a Host header is localhost or a loopback address. An attacker cannot point such a name here by DNS (DNS rebinding).
 * Accepts any port, because `kubectl port-forward` may listen on another.
 */
export function namesLoopback(host: string): boolean {
  const [, name = ''] = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/.exec(host) ?? [];
  return /^localhost\.?$/i.test(name) || /^127(?:\.\d{1,3}){3}$/.test(name) || name === '[::1]';
}

/** The port in a Host header; that of http if it names none. */
export const portIn = (host: string): string => /:(\d+)$/.exec(host)?.[1] ?? '80';
