/** Clients that wish an HTTP server no good; each is bounded in number and time. From loopback, under many addresses. */
import net from 'node:net';

/** The n-th address of 127.0.0.0/8, from 127.1.0.1 on. */
export const sourceAddress = (n: number): string => `127.${1 + (n >> 16)}.${(n >> 8) & 255}.${1 + (n & 127)}`;

export interface Peer {
  readonly socket: net.Socket;
  readonly closed: Promise<void>;
  /** What came. Not kept where nothing is read. */
  readonly text: () => string;
}

/** A connection of its own. One that is refused or reset is closed, and no error. */
export function connect(address: string, from: string, reads = true): Peer {
  const { hostname: host, port } = new URL(`http://${address}`);
  const socket = net.connect({ host, port: Number(port), localAddress: from, allowHalfOpen: true });
  const chunks: Buffer[] = [];
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.on('error', () => {});
  });
  if (reads) {
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => socket.end());
  }
  return { socket, closed, text: () => Buffer.concat(chunks).toString() };
}

export const getRequest = (path: string, more = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${more}\r\n`;

/** Asks once, and settles with what came when the connection is closed. */
export async function ask(address: string, from: string, path: string): Promise<string> {
  const peer = connect(address, from);
  peer.socket.write(getRequest(path));
  await peer.closed;
  return peer.text();
}

/** Whether this is a whole answer: all that its content-length says. */
export function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  const length = /^content-length: (\d+)\r$/im.exec(text.slice(0, end + 2))?.[1];
  return end > 0 && Buffer.byteLength(text.slice(end + 4)) === Number(length);
}
