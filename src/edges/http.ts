/** The agent's listeners. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Fault } from '../model/fault.ts';
import { codeOf } from './errors.ts';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface Listener {
  /** `127.0.0.1:9643` */
  readonly address: string;
  close(): Promise<void>;
}

export interface Address {
  /** Absent: all addresses of this machine. */
  readonly host?: string;
  readonly port: number;
}

/**
 * Serves GET and HEAD by a function from path to answer; undefined is 404.
 * @throws Fault when the address cannot be taken
 */
export function listen(address: Address, answer: (path: string) => Answer | undefined): Promise<Listener> {
  const server = http.createServer((request, response) => {
    const known = request.method === 'GET' || request.method === 'HEAD';
    const found = known
      ? answerOf(request.url ?? '/', answer)
      : { status: 405, type: 'text/plain', body: 'GET or HEAD\n' };
    response.writeHead(found.status, {
      'content-type': `${found.type}; charset=utf-8`,
      'content-length': Buffer.byteLength(found.body),
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    response.end(request.method === 'HEAD' ? undefined : found.body);
  });
  // A probe takes milliseconds: who says nothing for long is not one.
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new Fault({
          where: `${address.host ?? ''}:${address.port}`,
          expected: 'to listen there',
          got: codeOf(error) ?? error.message,
          todo: 'give another address, or "off"',
        }),
      );
    });
    server.listen(address.port, address.host, () => {
      const { address: host, port } = server.address() as AddressInfo;
      resolve({ address: `${host.includes(':') ? `[${host}]` : host}:${port}`, close: () => close(server) });
    });
  });
}

function answerOf(url: string, answer: (path: string) => Answer | undefined): Answer {
  try {
    return answer(url.split('?', 1)[0] as string) ?? { status: 404, type: 'text/plain', body: 'not found\n' };
  } catch (error) {
    return { status: 500, type: 'text/plain', body: `${error instanceof Error ? error.message : 'error'}\n` };
  }
}

function close(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
