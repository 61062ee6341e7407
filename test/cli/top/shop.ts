/** The API server of a small cluster: two real reports, a made one with pods that need attention, a stale and a missing node. */
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { parse } from 'yaml';
import { rfc3339 } from '../../../src/model/time.ts';
import { tempDir } from '../../temp.ts';

const fixtures = new URL('../../../fixtures/', import.meta.url);

interface Report {
  readonly metadata: { readonly name: string };
  readonly observed: { readonly at: unknown };
}

const readReport = (file: string): Report =>
  parse(fs.readFileSync(new URL(file, fixtures), 'utf8')) as Report;
// Read once: YAML takes longer than a test.
const busy = readReport('cluster/busy-node.yaml');
const first = readReport('hosts/kubernetes-v1/published.yaml');
const second = readReport('hosts/kubernetes-v2-systemd/published.yaml');

/** @param ageSeconds how long ago the agent observed the node */
function reportOf(report: Report, ageSeconds?: number): object {
  const age = ageSeconds ?? Number(report.observed.at);
  return { ...report, observed: { ...report.observed, at: rfc3339(Date.now() - 1000 * age) } };
}

const nodeOf = (name: string, memory: string): object => ({
  metadata: { name, labels: { 'kubernetes.io/os': 'linux' } },
  spec: {},
  status: { allocatable: { memory }, nodeInfo: { operatingSystem: 'linux' } },
});

const agents = {
  metadata: { namespace: 'realmem', name: 'realmem' },
  spec: {
    template: {
      spec: { nodeSelector: { 'kubernetes.io/os': 'linux' }, tolerations: [{ operator: 'Exists' }] },
    },
  },
  status: { desiredNumberScheduled: 4 },
};

/** The lists of the cluster by path. */
export const shopLists = (): Readonly<Record<string, readonly object[]>> => ({
  '/apis/realmem.dev/v1alpha1/nodememoryreports': [
    reportOf(busy),
    reportOf(first, 30),
    // Three hours old: its agent has stopped.
    reportOf(second, 10_800),
  ],
  '/api/v1/nodes': [
    nodeOf('ip-10-0-38-17.eu-central-1.compute.internal', '14.6Gi'),
    nodeOf('kubernetes-v1', '23Gi'),
    nodeOf('kubernetes-v2-systemd', '600Mi'),
    nodeOf('node-without-report', '4Gi'),
  ],
  '/apis/apps/v1/daemonsets': [agents],
});

export interface ShopServer {
  /** Path of the kubeconfig. */
  readonly kubeconfig: string;
  readonly asked: readonly string[];
}

/** @param lists by path. A path that is not there is not found; a number is the status of a refusal */
export async function serveShop(
  test: TestContext,
  lists: Readonly<Record<string, readonly object[] | number>> = shopLists(),
): Promise<ShopServer> {
  const asked: string[] = [];
  const server = http.createServer(({ url = '' }, response) => {
    asked.push(decodeURIComponent(url));
    const { pathname } = new URL(url, 'http://a');
    const items = Object.hasOwn(lists, pathname) ? lists[pathname] : 404;
    if (typeof items === 'number') {
      const reason = items === 403 ? 'Forbidden' : 'NotFound';
      const message =
        items === 403 ? `${pathname} is forbidden` : 'the server could not find the requested resource';
      response.writeHead(items).end(JSON.stringify({ kind: 'Status', reason, message }));
    } else response.end(JSON.stringify({ kind: 'List', metadata: {}, items }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const kubeconfig = path.join(tempDir(test), 'config');
  fs.writeFileSync(
    kubeconfig,
    JSON.stringify({
      'current-context': 'shop',
      clusters: [{ name: 'shop', cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: 'jane', user: { token: 't' } }],
      contexts: [{ name: 'shop', context: { cluster: 'shop', user: 'jane' } }],
    }),
  );
  return { kubeconfig, asked };
}
