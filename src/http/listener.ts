/**
 * The agent's HTTP listeners. They may be reachable for attackers, so everything is bounded: one request per connection, at
 * most 8 KiB, no body. node:http would parse everything a client sends and keep an answer for each request.
 */
import { STATUS_CODES } from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { codeOf, LocatedError, messageOf } from '../model/located-error.ts';
import { printable, quoted } from '../model/text.ts';
import { type CloseReason, Connections } from './connections.ts';
import { type Limits, usualLimits } from './limits.ts';
import { isLoopback, longestHead, namesLoopback, parseHead, portIn, type Request } from './request.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly type: string;
  /** Bytes are sent without a copy: many clients can share one buffer. */
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the client says of formats and encodings. */
export type Accepts = Pick<Request, 'accept' | 'acceptEncoding'>;

/** The content of a listener. `undefined` for a path means 404. */
export interface HttpSite {
  /** Answers the kubelet's probes. Served without authorization. */
  readonly probe?: (path: string) => HttpAnswer | undefined;
  /** The answer to an unauthorized client. Undefined: the client may read the pages. Must not reject. */
  readonly refuse?: (request: Request, source: string) => Promise<HttpAnswer | undefined>;
  readonly page: (path: string, accepts?: Accepts) => HttpAnswer | undefined;
  /** Pages that take time to make. Must not reject. */
  readonly slowPage?: (path: string, accepts?: Accepts) => Promise<HttpAnswer> | undefined;
}

export interface Listener {
  /** `127.0.0.1:9643` */
  readonly address: string;
  close(): Promise<void>;
}

export interface Address {
  /** Absent: listen on all addresses of this machine. */
  readonly host?: string;
  readonly port: number;
}

export interface ListenOptions {
  /** Wraps each connection in TLS. */
  readonly secure?: (socket: net.Socket) => Duplex;
  readonly limits?: Limits;
  /** On loopback: requires a Host with the port of this listener. */
  readonly ownPort?: boolean;
  /** What to do when it cannot listen on the address. */
  readonly todo?: string;
  readonly onClosed?: (reason: CloseReason) => void;
}

/**
 * Connections that the kernel queues while the agent is busy with a pass. Accepting one takes up to half a millisecond. Behind
 * a longer queue, a kubelet's probe would exceed its timeout of one second.
 */
const backlog = 512;

/** Bytes per write. TLS copies each slice. */
const sliceLength = 64 * 1024;

/** Bytes after the head, such as the body of a POST, that are discarded before the connection is closed. */
const mostExcess = 64 * 1024;

/** A text/plain answer; `text` without its final newline. */
export const plainText = (status: number, text: string, headers?: HttpAnswer['headers']): HttpAnswer => ({
  status,
  type: 'text/plain',
  body: `${text}\n`,
  ...(headers !== undefined && { headers }),
});

/**
 * Serves GET and HEAD, one request per connection.
 * @throws LocatedError when it cannot listen on the address
 */
export function listen(address: Address, site: HttpSite, options: ListenOptions = {}): Promise<Listener> {
  const { secure = (socket) => socket, limits = usualLimits, onClosed = () => {}, ownPort = false } = options;
  const { todo = 'give another address, or "off"' } = options;
  const connections = new Connections(limits, onClosed);
  let onlyLoopback = false;
  let ownHost = 'localhost:PORT';

  const isOurs = ({ host }: Request): boolean =>
    ownPort
      ? host !== undefined && namesLoopback(host) && portIn(host) === portIn(ownHost)
      : host === undefined || namesLoopback(host);

  const answerTo = async (request: Request, source: string, stream: Duplex): Promise<void> => {
    const isHead = request.method === 'HEAD';
    if (onlyLoopback && !isOurs(request)) {
      const got = request.host === undefined ? 'none' : quoted(request.host);
      const message = `expected Host localhost or a loopback address, got ${got}; open http://${ownHost}`;
      return send(stream, plainText(403, message), isHead);
    }
    const probe = answered(site.probe, request.path);
    if (probe !== undefined) return send(stream, probe, isHead);
    const refusal = await site.refuse?.(request, source);
    if (refusal !== undefined) return send(stream, refusal, isHead);
    const page =
      answered((path) => site.page(path, request), request.path) ??
      (await site.slowPage?.(request.path, request));
    send(stream, page ?? plainText(404, 'not found'), isHead);
  };

  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    // A client that disconnects is normal.
    socket.on('error', () => {});
    const connection = connections.add(socket, secure);
    if (connection === undefined) return;
    const { stream, source } = connection;
    stream.on('error', () => socket.destroy());
    onHead(
      stream,
      (head) => {
        connections.requested(socket);
        const request = head === undefined ? tooLong : parseHead(head);
        if ('why' in request) {
          const allow = request.status === 405 ? { allow: 'GET, HEAD' } : undefined;
          send(stream, plainText(request.status, request.why, allow), false);
        } else void answerTo(request, source, stream);
      },
      () => connections.close(socket, 'excess_data'),
    );
  });
  return new Promise((resolve, reject) => {
    server.on('error', (error) => {
      // Once it listens, an error concerns one connection only.
      if (server.listening) return;
      connections.end();
      reject(
        new LocatedError({
          where: `${address.host ?? ''}:${address.port}`,
          expected: 'an address to listen on',
          got: codeOf(error) ?? error.message,
          todo,
        }),
      );
    });
    server.listen({ port: address.port, host: address.host, backlog }, () => {
      const { address: host, port } = server.address() as net.AddressInfo;
      onlyLoopback = isLoopback(host);
      if (ownPort) ownHost = `localhost:${port}`;
      resolve({
        address: `${host.includes(':') ? `[${host}]` : host}:${port}`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            connections.end();
          }),
      });
    });
  });
}

const tooLong = { status: 431, why: `expected a head of at most ${longestHead} bytes` } as const;

/**
 * Reads up to the first empty line and discards the rest: a second request is never answered.
 * @param done receives the head without the empty line; undefined when the head is too long
 */
function onHead(stream: Duplex, done: (head: string | undefined) => void, onExcess: () => void): void {
  let head = '';
  let excess: number | undefined;
  stream.on('data', (chunk: Buffer) => {
    if (excess === undefined) {
      const searched = Math.max(0, head.length - 3);
      head += chunk.toString('latin1', 0, longestHead + 4);
      const end = head.indexOf('\r\n\r\n', searched);
      if (end < 0 && head.length <= longestHead) return;
      excess = 0;
      done(end < 0 || end > longestHead ? undefined : head.slice(0, end));
      head = '';
    } else {
      excess += chunk.length;
      if (excess > mostExcess) onExcess();
    }
  });
  stream.on('end', () => {
    if (excess === undefined) stream.destroy();
  });
}

function answered(answer: ((path: string) => HttpAnswer | undefined) | undefined, path: string) {
  try {
    return answer?.(path);
  } catch (error) {
    return plainText(500, printable(messageOf(error)));
  }
}

/** Keeps pages of other origins out. An answer that is a page replaces the policy by its own. */
const closed = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

/** Sends the answer in slices as fast as the client reads, then ends our side of the connection. */
function send(stream: Duplex, { status, type, body, headers }: HttpAnswer, headOnly: boolean): void {
  if (stream.destroyed) return;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const headerFields = {
    'content-type': `${type}; charset=utf-8`,
    'content-length': bytes.length,
    ...closed,
    'cache-control': 'no-store',
    connection: 'close',
    ...headers,
  };
  const lines = Object.entries(headerFields).map(([name, value]) => `${name}: ${value}\r\n`);
  // Send the head and the first slice in one packet.
  stream.cork();
  stream.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`);
  let sent = headOnly ? bytes.length : 0;
  const sendOn = (): void => {
    while (sent < bytes.length) {
      const slice = bytes.subarray(sent, sent + sliceLength);
      sent += slice.length;
      if (!stream.write(slice)) {
        stream.once('drain', sendOn);
        return;
      }
    }
    stream.end();
  };
  sendOn();
  stream.uncork();
}
