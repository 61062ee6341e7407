/** Servers that send arbitrary bytes. */
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { type Access, type Kube, openKube } from '../../../src/kube/client.ts';

export interface Hostile {
  readonly kube: Kube;
  readonly port: number;
  /** Number of open connections. */
  readonly open: () => number;
}

/** @param answer called with each request's text */
export async function hostile(
  test: TestContext,
  answer: (socket: Socket, request: string) => void,
  more: Partial<Access> = {},
  scheme = 'http',
): Promise<Hostile> {
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (data) => answer(socket, data.toString()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const kube = openKube(async () => ({ server: `${scheme}://127.0.0.1:${port}`, ...more }));
  test.after(() => {
    kube.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { kube, port, open: () => sockets.size };
}

/**
 * Writes the same text without end, as fast as the client reads.
 * @param most bytes after which it only keeps the connection open
 */
export function flood(socket: Socket, text: string | Buffer, most = Number.POSITIVE_INFINITY): void {
  const more = (): void => {
    while (!socket.destroyed && socket.bytesWritten < most && socket.write(text));
  };
  socket.on('drain', more);
  more();
}

/** Resolves when the server has no open connection. */
export async function allClosed({ open }: Hostile): Promise<void> {
  while (open() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}
