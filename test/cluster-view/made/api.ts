/** An API server on loopback that answers lists page by page. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { openKube, type TunnelKube } from '../../../src/kube/client.ts';

/** Items of a list, a refusal, or a text that is sent as it is. */
export type Answer = readonly unknown[] | Refusal | string;

interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly reason?: string;
}

export const forbidden = (resource: string, group = ''): Refusal => ({
  status: 403,
  reason: 'Forbidden',
  message: `${group === '' ? resource : `${resource}.${group}`} is forbidden: User "jane" cannot list resource "${resource}" in API group "${group}" at the cluster scope`,
});

export const notFound: Refusal = {
  status: 404,
  reason: 'NotFound',
  message: 'the server could not find the requested resource',
};

export interface FakeCluster {
  readonly kube: TunnelKube;
  /** Decoded paths with their queries, as asked. */
  readonly asked: readonly string[];
  readonly server: http.Server;
}

/**
 * @param answers by path without query; a path that is not there is not found
 * @param pageSize most items of a page, whatever the client asks for
 */
export async function fakeCluster(
  test: TestContext,
  answers: Readonly<Record<string, Answer | ((url: URL) => Answer)>>,
  pageSize = 500,
): Promise<FakeCluster> {
  const asked: string[] = [];
  const server = http.createServer(({ url = '' }, response) => {
    asked.push(decodeURIComponent(url));
    const { pathname, searchParams } = new URL(url, 'http://a');
    const known = Object.hasOwn(answers, pathname) ? answers[pathname] : undefined;
    const answer = typeof known === 'function' ? known(new URL(url, 'http://a')) : (known ?? notFound);
    if (typeof answer === 'string') {
      response.end(answer);
      return;
    }
    if ('status' in answer) {
      response.writeHead(answer.status).end(JSON.stringify({ kind: 'Status', ...answer }));
      return;
    }
    const from = Number(searchParams.get('continue') ?? 0);
    const to = from + Math.min(pageSize, Number(searchParams.get('limit')));
    const rest = Math.max(0, answer.length - to);
    const metadata = rest > 0 ? { continue: String(to), remainingItemCount: rest } : {};
    response.end(JSON.stringify({ kind: 'List', metadata, items: answer.slice(from, to) }));
  });
  const kube = await clientOf(test, server);
  return { kube, asked, server };
}

/** A client of this server. The server listens on the loopback until the end of the test. */
export async function clientOf(test: TestContext, server: http.Server): Promise<TunnelKube> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const kube = openKube(async () => ({ server: `http://127.0.0.1:${port}` }));
  test.after(() => {
    kube.close();
    server.closeAllConnections();
    server.close();
  });
  return kube;
}
