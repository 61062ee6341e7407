/** Servers that answer as no server should, byte by byte. */
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { type Access, type Kube, openKube } from '../../src/kube/client.ts';

export interface Hostile {
  readonly kube: Kube;
  readonly port: number;
  /** Connections that are open. */
  readonly open: () => number;
}

/** @param answer to each request, with its text */
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
 * Writes the same for ever, as fast as it is read.
 * @param most bytes after which it only keeps the connection open
 */
export function flood(socket: Socket, text: string | Buffer, most = Number.POSITIVE_INFINITY): void {
  const more = (): void => {
    while (!socket.destroyed && socket.bytesWritten < most && socket.write(text));
  };
  socket.on('drain', more);
  more();
}

/** Settles when the server sees no connection any more. */
export async function allClosed({ open }: Hostile): Promise<void> {
  while (open() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}
