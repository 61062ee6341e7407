/** A small API server on loopback, for one agent. */
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { policyMessage } from '../../src/kube/policy-check.ts';
import { tempDir } from '../temp.ts';

export interface Answers {
  /** Of the question who the agent is. A number is the status of a refusal. */
  readonly identity?: object | number;
  /** Of the write that the policy must refuse. */
  readonly policy?: 'refuses' | 'is missing';
  readonly nodes?: number;
}

const claim = (name: string) => `authentication.kubernetes.io/${name}`;
export const agentPod = {
  status: {
    userInfo: {
      username: 'system:serviceaccount:realmem:realmem',
      extra: {
        [claim('pod-name')]: ['realmem-x'],
        [claim('node-name')]: ['node-1'],
        [claim('node-uid')]: ['u-1'],
      },
    },
  },
};

const refusal = (code: number, message: string, causes: readonly object[] = []) => ({
  ...{ kind: 'Status', status: 'Failure', reason: 'Forbidden', code, message, details: { causes } },
});

/** @returns its kubeconfig, and each call as `METHOD /path`. The answers can change while it runs */
export async function apiServer(test: TestContext, answers: Answers = {}) {
  const calls: string[] = [];
  const api = { answers };
  const reply = (method: string, asked: string): readonly [number, object] => {
    const { identity = agentPod, policy = 'refuses', nodes = 3 } = api.answers;
    if (asked.endsWith('/selfsubjectreviews'))
      return typeof identity === 'number' ? [identity, refusal(identity, 'no\u001b[2J')] : [201, identity];
    if (asked === '/api/v1/nodes')
      return [200, { kind: 'List', metadata: { remainingItemCount: nodes - 1 }, items: [{}] }];
    if (method === 'PATCH')
      return policy === 'refuses'
        ? [422, refusal(422, 'denied', [{ message: `denied request: ${policyMessage}` }])]
        : [200, {}];
    return [200, { kind: 'PodList', metadata: { resourceVersion: '1' }, items: [] }];
  };
  const server = http.createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://api');
    calls.push(`${request.method} ${pathname}`);
    request.resume();
    // A watch stays open without an event.
    if (searchParams.has('watch')) return void response.flushHeaders();
    const [status, body] = reply(request.method ?? '', pathname);
    response.statusCode = status;
    response.end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const kubeconfig = path.join(tempDir(test), 'config');
  const { port } = server.address() as AddressInfo;
  fs.writeFileSync(
    kubeconfig,
    JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'x' },
      clusters: [
        { name: 'c', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
      ],
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    }),
  );
  return { kubeconfig, calls, api };
}
