/** `kubectl realmem probe`: the API server, the port-forward and the agent are real HTTP. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { agentPodOn, clusterWithAgents } from '../../cluster-view/agents-api.ts';
import { type Answer, notFound } from '../../cluster-view/api.ts';
import { id, job, result, site } from '../../probe-job/made.ts';
import { tempDir } from '../../temp.ts';
import { start } from '../run.ts';

const explanation = {
  ...{ name: 'shop/cart-1/cart', cgroup: '/kubepods/x', directory: site.directory, where: 'cgroup v2' },
  ...{ usage: {}, lru: 'classic', parts: [], tools: [], faults: [] },
};

interface Made {
  readonly explained?: object;
  readonly agent?: object;
  /** Verbs that the user may not use. */
  readonly forbidden?: readonly string[];
}

const pod = {
  spec: { nodeName: 'node-1', containers: [{ name: 'cart' }] },
  status: {
    containerStatuses: [
      {
        ...{ name: 'cart', containerID: `containerd://${id}` },
        state: { running: { startedAt: '2026-11-01T00:00:00Z' } },
      },
    ],
  },
};

const usualAgent = {
  ...agentPodOn('node-1'),
  spec: {
    containers: [{ name: 'agent', image: site.image, imagePullPolicy: 'IfNotPresent' }],
    imagePullSecrets: [{ name: 'registry' }],
    volumes: [{ name: 'cgroup', hostPath: { path: '/sys/fs/cgroup' } }],
  },
};

async function cluster(
  test: TestContext,
  { explained = explanation, agent = usualAgent, forbidden = [] }: Made = {},
) {
  const program = http
    .createServer((_, response) => response.end(JSON.stringify(explained)))
    .listen(0, '127.0.0.1');
  await once(program, 'listening');
  test.after(() => void program.close());
  const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const jobs = '/apis/batch/v1/namespaces/realmem/jobs';
  const pods = '/api/v1/namespaces/realmem/pods';
  let deletions = 0;
  const probe = {
    metadata: { name: 'p' },
    status: { phase: 'Running', containerStatuses: [{ name: 'probe', state: { running: {} } }] },
  };
  const { server, asked } = await clusterWithAgents(
    test,
    { 'node-1': (program.address() as AddressInfo).port },
    {
      '/api/v1/namespaces/shop/pods/cart-1': JSON.stringify(pod),
      [`${pods}/realmem-node-1`]: JSON.stringify(agent),
      [jobs]: JSON.stringify({ metadata: { uid: 'u' } }),
      // Deleted first, then asked for.
      [`${jobs}/${job.name}`]: (): Answer => (deletions++ === 0 ? '{}' : notFound),
      [pods]: JSON.stringify({ items: [probe] }),
      [`${pods}/p/log`]: `${JSON.stringify({ result })}\n`,
    },
  );
  const [listener] = server.listeners('request') as [http.RequestListener];
  server.removeAllListeners('request');
  server.on('request', async (request: http.IncomingMessage, response: http.ServerResponse) => {
    if (request.url !== reviews) return listener(request, response);
    const { spec } = JSON.parse((await request.toArray()).join('')) as {
      readonly spec: { readonly resourceAttributes: { readonly verb: string } };
    };
    const allowed = !forbidden.includes(spec.resourceAttributes.verb);
    return response.end(JSON.stringify({ status: { allowed } }));
  });
  const file = path.join(tempDir(test), 'config');
  fs.writeFileSync(
    file,
    JSON.stringify({
      'current-context': 'x',
      clusters: [
        { name: 'c', cluster: { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } },
      ],
      contexts: [{ name: 'x', context: { cluster: 'c', user: '' } }],
    }),
  );
  const probed = (answer: string | undefined, ...flags: readonly string[]) =>
    start(['probe', 'shop/cart-1', '--kubeconfig', file, ...flags], {}, { ask: async () => answer }).ended;
  return { probed, created: () => asked.includes(jobs) };
}

describe('probe in the cluster', () => {
  it('creates nothing for a pod that only has the labels of an agent', async (test) => {
    const { volumes: _, ...spec } = usualAgent.spec;
    const { probed, created } = await cluster(test, { agent: { ...usualAgent, spec } });
    const { code, stderr } = await probed(undefined, '--yes');
    assert.notEqual(code, 0);
    assert.match(stderr, /realmem-node-1: expected an agent, which has the volume \/sys\/fs\/cgroup/);
    assert.equal(created(), false);
  });

  it('prints the Job with --dry-run: image and secrets of the agents, and one writable directory', async (test) => {
    const { probed, created } = await cluster(test);
    const { code, stdout, stderr } = await probed(undefined, '--dry-run', '--duration', '10m');
    assert.deepEqual([code, stderr], [0, '']);
    for (const part of [
      `image: ${site.image}`,
      '- name: registry',
      `path: ${site.directory}\n`,
      'activeDeadlineSeconds: 780',
      '- --duration\n            - 10m\n',
    ])
      assert.ok(stdout.includes(part), `${part}\n${stdout}`);
    assert.equal(created(), false);
  });

  it('shows the Job, asks, and prints what the probe found', async (test) => {
    const { probed, created } = await cluster(test);
    const { code, stdout, stderr } = await probed('y');
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /^apiVersion: batch\/v1\nkind: Job\n[\s\S]*\nThis Job probes shop\/cart-1\/cart on node-1/,
    );
    assert.match(
      stdout,
      /^shop\/cart-1\/cart {3}node-1 {3}cgroup v2 [^\n]*\nNEEDS 40Mi ± 1Mi = real 8Mi \+ needed page cache 32Mi\n/,
    );
    assert.ok(created());
  });

  it('prints the result as JSON with --yes, without a question', async (test) => {
    const { probed } = await cluster(test);
    const { code, stdout } = await probed(undefined, '--yes', '-o', 'json');
    assert.equal(code, 0);
    const { name, needsBytes } = JSON.parse(stdout) as { readonly name: string; readonly needsBytes: number };
    assert.deepEqual([name, needsBytes], ['shop/cart-1/cart', 40 * 1024 ** 2]);
  });

  for (const [answer, code, says] of [
    ['n', 1, /\nNothing was changed\.\n$/],
    ['', 1, /\nNothing was changed\.\n$/],
    [undefined, 2, /\nerror: --yes is required where standard input is no terminal\n$/],
  ] as const)
    it(`creates nothing if the answer is ${answer === undefined ? 'impossible' : `"${answer}"`}`, async (test) => {
      const { probed, created } = await cluster(test);
      const ran = await probed(answer);
      assert.equal(ran.code, code);
      assert.match(ran.stderr, says);
      assert.equal(created(), false);
    });

  it('names the rights that the user lacks, and creates nothing', async (test) => {
    const { probed, created } = await cluster(test, { forbidden: ['create', 'delete'] });
    const { code, stderr } = await probed('y');
    assert.equal(code, 3);
    assert.equal(
      stderr,
      'error: namespace realmem: expected the right to run a Job that probes, got no right to create jobs.batch, delete jobs.batch; ask for a Role in realmem with create, get, delete on jobs.batch; get, list on pods; get on pods/log (docs/probe.md)\n',
    );
    assert.equal(created(), false);
  });

  for (const [what, directory, says] of [
    [
      'none, as from an older agent',
      undefined,
      /expected an agent that knows probes, got another; upgrade realmem/,
    ],
    [
      'another container',
      `/sys/fs/cgroup/kubepods/${'f'.repeat(64)}`,
      /whose name contains 0123456789abcdef/,
    ],
    ['above the cgroups', `/sys/fs/cgroup/../../etc/${id}`, /expected a directory below \/sys\/fs\/cgroup/],
    ['the whole host', `/${id}`, /expected a directory below/],
  ] as const)
    it(`mounts no directory that an agent names if it is ${what}`, async (test) => {
      const { probed, created } = await cluster(test, { explained: { ...explanation, directory } });
      const { code, stderr } = await probed('y');
      assert.equal(code, 3);
      assert.match(stderr, says);
      assert.equal(created(), false);
    });
});

describe('probe on this machine', () => {
  it('refuses -c, which is for a cluster', async () => {
    const { code, stderr } = await start(['probe', 'web', '-c', 'x']).ended;
    assert.deepEqual(
      [code, stderr],
      [2, 'error: -c names a container of a cluster; here TARGET names it: namespace/pod/container\n'],
    );
  });
});
