/** An API server on loopback with an installation of realmem on two nodes. */
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { parse } from 'yaml';
import type { Check } from '../../src/doctor/check.ts';
import { checkCluster } from '../../src/doctor/cluster.ts';
import { openKube } from '../../src/kube/client.ts';
import { asPrinted } from '../../src/kube/printed-error.ts';
import { version } from '../../src/model/product.ts';
import { rfc3339 } from '../../src/model/time.ts';
import { agentsOf, agentsPath, at, nodeOf, reportOf } from '../cluster-view/made/made.ts';

export const paths = {
  version: '/version',
  review: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
  definition: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/nodememoryreports.realmem.dev',
  agents: agentsPath,
  events: '/api/v1/namespaces/realmem/events',
  nodes: '/api/v1/nodes',
  reports: '/apis/realmem.dev/v1alpha1/nodememoryreports',
  policies: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
  bindings: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
  histories: '/api/v1/namespaces/realmem/configmaps',
  pods: '/api/v1/pods',
  jobs: '/apis/batch/v1/namespaces/realmem/jobs',
} as const;

/** A list, an object, or a refusal by its status. A function gets the body of the request. */
export type Answer = readonly unknown[] | object | number;
export type Answers = Readonly<Record<string, Answer | ((body: string, query: URLSearchParams) => Answer)>>;

export const definition = parse(
  fs.readFileSync(new URL('../../charts/realmem/files/crds/nodememoryreports.yaml', import.meta.url), 'utf8'),
);

export const conditionOf = (type: string, status: string, reason: string, message = 'Why.'): object => ({
  type,
  status,
  reason,
  message,
});
const enforced = conditionOf('PolicyEnforced', 'True', 'Enforced');

/** @param more fields of the report */
export const reportWith = (
  name: string,
  more: Parameters<typeof reportOf>[2] = {},
  conditions: readonly object[] = [enforced],
): object => reportOf(name, [], { status: { conditions }, ...more });

/** @param more of the metadata */
export const agentSet = (
  status: object = { desiredNumberScheduled: 2, numberReady: 2 },
  more: object = {},
): object => ({
  ...agentsOf(),
  metadata: {
    ...{ namespace: 'realmem', name: 'realmem' },
    labels: { 'app.kubernetes.io/version': version },
    ...more,
  },
  status,
});

const policyNames = ['pods', 'reports', 'configmaps'].map((part) => `realmem-${part}`);
export const policies = policyNames.map((name) => ({ metadata: { name } }));
export const bindings = policyNames.map((policyName) => ({
  metadata: { name: policyName },
  spec: { policyName, validationActions: ['Deny'] },
}));

export const historyOf = (node: string, ageMs = 1_800_000): object => ({
  metadata: { name: `history-${node}`, annotations: { 'realmem.dev/written': rfc3339(at - ageMs) } },
});

const healthy: Answers = {
  [paths.version]: { major: '1', minor: '34', gitVersion: 'v1.34.4' },
  [paths.review]: { status: { allowed: true } },
  [paths.definition]: definition,
  [paths.agents]: [agentSet()],
  [paths.events]: [],
  [paths.nodes]: [nodeOf('node-1'), nodeOf('node-2')],
  [paths.reports]: [reportWith('node-1'), reportWith('node-2')],
  [paths.policies]: policies,
  [paths.bindings]: bindings,
  [paths.histories]: [historyOf('node-1'), historyOf('node-2')],
  [paths.pods]: [],
  [paths.jobs]: [],
};

/** URL of an API server that answers like a healthy cluster, except for these paths. */
export async function serve(test: TestContext, other: Answers = {}): Promise<string> {
  const answers = { ...healthy, ...other };
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://a');
      const known = answers[pathname] ?? 404;
      const answer = typeof known === 'function' ? known(body, searchParams) : known;
      response.setHeader('date', new Date(at).toUTCString());
      if (typeof answer === 'number') {
        const reason = answer === 403 ? 'Forbidden' : answer === 401 ? 'Unauthorized' : 'NotFound';
        const message = answer === 403 ? `${pathname} is forbidden: User "jane" cannot list it` : reason;
        response.writeHead(answer).end(JSON.stringify({ kind: 'Status', reason, message }));
      } else
        response.end(
          JSON.stringify(Array.isArray(answer) ? { kind: 'List', metadata: {}, items: answer } : answer),
        );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** @param local milliseconds since 1970 by the clock of this machine @param stepMs how long each reading of the clock takes */
export async function checksOf(
  test: TestContext,
  other: Answers = {},
  { local = at, stepMs = 6 }: { readonly local?: number; readonly stepMs?: number } = {},
): Promise<readonly Check[]> {
  const server = await serve(test, other);
  let served: number | undefined;
  let ticked = 0;
  const kube = openKube(
    async () => ({ server }),
    (time) => {
      served = time;
    },
  );
  try {
    return await checkCluster({
      ...{ kube, server: 'https://prod.example.org:6443', context: 'prod' },
      printed: (error) => asPrinted(error, server),
      now: () => local,
      ticks: () => {
        ticked += stepMs;
        return ticked;
      },
      served: () => served,
    });
  } finally {
    kube.close();
  }
}
