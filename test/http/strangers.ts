/** Hostile HTTP clients. They connect from many loopback addresses; tests bound their number and time. */
import net from 'node:net';

/** The n-th address of 127.0.0.0/8, from 127.1.0.1 on. */
export const sourceAddress = (n: number): string => `127.${1 + (n >> 16)}.${(n >> 8) & 255}.${1 + (n & 127)}`;

export interface Peer {
  readonly socket: net.Socket;
  readonly closed: Promise<void>;
  /** The received text. Empty for a peer that does not read. */
  readonly text: () => string;
}

/** Opens a connection. A refused or reset connection counts as closed, not as an error. */
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

/** Sends one request. Resolves with the received text when the connection closes. */
export async function ask(address: string, from: string, path: string): Promise<string> {
  const peer = connect(address, from);
  peer.socket.write(getRequest(path));
  await peer.closed;
  return peer.text();
}

/** Whether the text is a complete answer: its body has content-length bytes. */
export function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  const length = /^content-length: (\d+)\r$/im.exec(text.slice(0, end + 2))?.[1];
  return end > 0 && Buffer.byteLength(text.slice(end + 4)) === Number(length);
}
