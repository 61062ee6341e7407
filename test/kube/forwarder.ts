/** Port-forward as the API server and the kubelet do it, for an HTTP server of tests. */
import { createHash } from 'node:crypto';
import type http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';

export interface Forwarded {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/** Where the port leads: a port of 127.0.0.1, nothing that listens, or a refusal of the API. */
export type Destination = number | 'refused' | { readonly status: number; readonly message: string };

/** Makes the server forward ports. @returns the headers of each request */
export function forwardPorts(
  server: http.Server,
  destinationOf: (forwarded: Forwarded) => Destination,
): http.IncomingHttpHeaders[] {
  const asked: http.IncomingHttpHeaders[] = [];
  server.on('upgrade', (request: http.IncomingMessage, socket: Duplex) => {
    asked.push(request.headers);
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://a');
    const [, namespace = '', pod = ''] =
      /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/portforward$/.exec(pathname) ?? [];
    const port = Number(searchParams.get('ports'));
    const destination = destinationOf({ namespace, pod, port });
    socket.on('error', () => {});
    if (typeof destination === 'object') {
      const { status, message } = destination;
      const body = JSON.stringify({ kind: 'Status', reason: 'Forbidden', message });
      socket.end(
        `HTTP/1.1 ${status} No\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
      );
      return;
    }
    const key = request.headers['sec-websocket-key'] ?? '';
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    const head = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`];
    const protocol = `Sec-WebSocket-Protocol: ${request.headers['sec-websocket-protocol']}`;
    socket.write(['HTTP/1.1 101 Switching Protocols', ...head, protocol, '', ''].join('\r\n'));
    const ports = Buffer.alloc(2);
    ports.writeUInt16LE(port);
    for (const channel of [0, 1]) socket.write(frame(Buffer.concat([Buffer.of(channel), ports])));
    const fail = (): void => {
      const why = `error forwarding port ${port} to pod ${pod}, uid : failed to connect to localhost:${port} inside namespace: dial tcp4 127.0.0.1:${port}: connect: connection refused`;
      socket.write(frame(Buffer.concat([Buffer.of(1), Buffer.from(why)])));
      socket.end(frame(Buffer.alloc(0), 8));
    };
    if (destination === 'refused') {
      fail();
      return;
    }
    const target = net.connect(destination, '127.0.0.1');
    target.on('error', fail);
    target.on('data', (data: Buffer) => socket.write(frame(Buffer.concat([Buffer.of(0), data]))));
    target.on('end', () => socket.end(frame(Buffer.alloc(0), 8)));
    socket.on('close', () => target.destroy());
    let rest = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (let read = unmask(rest); read !== undefined; read = unmask(rest)) {
        rest = rest.subarray(read.length);
        if (read.opcode === 2) target.write(read.payload.subarray(1));
        else if (read.opcode === 8) socket.end();
      }
    });
  });
  return asked;
}

/** A frame of a server: unmasked. @param opcode 2: binary, 8: close, 9: ping */
export function frame(payload: Buffer, opcode = 2, isLast = true): Buffer {
  const first = (isLast ? 0x80 : 0) | opcode;
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.of(first, length), payload]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head.writeUInt8(first, 0);
  head.writeUInt8(length < 65_536 ? 126 : 127, 1);
  if (length < 65_536) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

/** The first frame of a client: masked. Undefined: it is not complete yet. */
export function unmask(
  bytes: Buffer,
): { readonly opcode: number; readonly payload: Buffer; readonly length: number } | undefined {
  if (bytes.length < 6) return undefined;
  const short = bytes.readUInt8(1) & 0x7f;
  const at = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < at + 4) return undefined;
  const size =
    short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (bytes.length < at + 4 + size) return undefined;
  const payload = Buffer.from(bytes.subarray(at + 4, at + 4 + size));
  for (const [index, byte] of payload.entries())
    payload.writeUInt8(byte ^ bytes.readUInt8(at + (index % 4)), index);
  return { opcode: bytes.readUInt8(0) & 0x0f, payload, length: at + 4 + size };
}
