/** `kubectl realmem probe`: the API server, the port-forward and the agent are real HTTP. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { encodeCheckpoint } from '../../../src/checkpoint/write.ts';
import { agentPodOn, clusterWithAgents } from '../../cluster-view/made/agents-api.ts';
import { type Answer, notFound } from '../../cluster-view/made/api.ts';
import { id, job, result, site } from '../../probe-job/made.ts';
import { tempDir } from '../../temp.ts';
import { play } from '../../usage/made/played.ts';
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
  /** Answers of the API to patches of the pod, one after another. Default: they succeed. */
  readonly patches?: readonly number[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** Of the container after the probe. */
  readonly idAfter?: string;
  readonly found?: object;
  /** When the history of the node was written, at each reading. Absent: there is none. */
  readonly written?: () => string;
  /** In base64. */
  readonly history?: () => string;
}

const metadata = { uid: 'pod-u', resourceVersion: '7' };
const pod = {
  metadata,
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
  {
    explained = explanation,
    agent = usualAgent,
    forbidden = [],
    patches = [],
    annotations,
    idAfter = id,
    found = result,
    written,
    history,
  }: Made = {},
) {
  const patched: unknown[] = [];
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
      '/api/v1/namespaces/shop/pods/cart-1': () =>
        JSON.stringify({ ...pod, metadata: { ...metadata, annotations } }).replace(
          id,
          deletions === 0 ? id : idAfter,
        ),
      [`${pods}/realmem-node-1`]: JSON.stringify(agent),
      [jobs]: JSON.stringify({ metadata: { uid: 'u' } }),
      // Deleted first, then asked for.
      [`${jobs}/${job.name}`]: (): Answer => (deletions++ === 0 ? '{}' : notFound),
      [pods]: JSON.stringify({ items: [probe] }),
      ...(written !== undefined && {
        '/api/v1/namespaces/realmem/configmaps/history-node-1': () =>
          JSON.stringify({
            metadata: { annotations: { 'realmem.dev/written': written() } },
            binaryData: { 'history.json.gz': history?.() },
          }),
      }),
      [`${pods}/p/log`]: `${JSON.stringify({ result: found })}\n`,
    },
  );
  const [listener] = server.listeners('request') as [http.RequestListener];
  server.removeAllListeners('request');
  server.on('request', async (request: http.IncomingMessage, response: http.ServerResponse) => {
    if (request.method === 'PATCH') {
      const status = patches[patched.length] ?? 200;
      patched.push(JSON.parse((await request.toArray()).join('')));
      response.writeHead(status).end(JSON.stringify({ kind: 'Status', message: `refused with ${status}` }));
      return;
    }
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
  return { probed, created: () => asked.includes(jobs), patched };
}

const MiB = 1024 ** 2;
const probedAt = Date.parse('2026-11-01T00:00:00Z') / 1000;
const entry = {
  ...{ at: '2026-11-01T00:00:00Z', neededCacheBytes: 32 * MiB, coldCacheBytes: 64 * MiB },
  ...{ errorBytes: MiB, watchedSeconds: 60 },
};

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

describe('the answer of a probe in the cluster', () => {
  const key = 'realmem.dev/probe';

  it('is kept in one annotation of the pod, if the pod is still the one that was read', async (test) => {
    const { probed, patched } = await cluster(test);
    const { code, stderr } = await probed('y');
    assert.equal(code, 0, stderr);
    assert.deepEqual(patched, [
      { metadata: { ...metadata, annotations: { [key]: JSON.stringify({ cart: entry }) } } },
    ]);
    assert.match(stderr, /\nIts answer goes into the annotation realmem\.dev\/probe of the pod/);
    assert.match(
      stderr,
      /\nKept\. The agent of node-1 takes it soon; then: kubectl realmem suggest -n shop --why\nThe agent writes its history up to 5 minutes later\. .*: kubectl -n realmem logs realmem-node-1\n$/,
    );
  });

  it('is awaited in the history of the node: a history that was written again is not enough', async (test) => {
    const { aggregates, ...others } = play([{ pod: 'cart-1', container: 'cart', real: () => 10 }], {
      days: 1 / 24,
    }).kept();
    const packed = (): string =>
      gzipSync(encodeCheckpoint({ node: 'node-1', at: probedAt + 60, aggregates, ...others })).toString(
        'base64',
      );
    const before = packed();
    for (const { aggregate } of aggregates) aggregate.probed({ pod: 'cart-1', ...entry, at: probedAt });
    const after = packed();
    let reads = 0;
    const { probed } = await cluster(test, {
      written: () => `${Math.floor(reads++ / 2)}`,
      history: () => (reads < 5 ? before : after),
    });
    assert.match((await probed('y')).stderr, /\nKept\. The agent of node-1 has it; then: /);
    assert.equal(reads, 6);
  });

  it('leaves the answers of other containers of the pod, and no others', async (test) => {
    const other = { ...entry, neededCacheBytes: 1 };
    const { probed, patched } = await cluster(test, {
      annotations: { [key]: JSON.stringify({ cart: other, gone: other }), memory: 'x' },
      found: { ...result, answer: { ...result.answer, isAtMost: true } },
    });
    await probed(undefined, '--yes');
    assert.deepEqual(patched, [
      {
        metadata: {
          ...metadata,
          annotations: { [key]: JSON.stringify({ cart: { ...entry, isAtMost: true } }) },
        },
      },
    ]);
  });

  it('is tried again when the pod has changed meanwhile, up to five times', async (test) => {
    const twice = await cluster(test, { patches: [409, 409] });
    assert.match((await twice.probed('y')).stderr, /\nKept\. /);
    assert.equal(twice.patched.length, 3);
    const always = await cluster(test, { patches: [409, 409, 409, 409, 409, 409] });
    const { code, stderr } = await always.probed('y');
    assert.match(stderr, /\nNot kept for realmem suggest: refused with 409\.\n$/);
    assert.deepEqual([code, always.patched.length], [0, 5]);
  });

  it('is printed and not kept without the right to patch pods, and one line says so before', async (test) => {
    const { probed, patched } = await cluster(test, { forbidden: ['patch'] });
    const { code, stdout, stderr } = await probed('y');
    assert.deepEqual([code, patched], [0, []]);
    assert.match(stdout, /\nNEEDS 40Mi/);
    assert.match(
      stderr,
      /\nIts answer will not be kept for realmem suggest: no right to patch pods in shop; ask for a Role in shop with patch on pods \(docs\/probe\.md\)\.\n$/,
    );
  });

  for (const [what, made, why] of [
    ['a policy refuses', { patches: [403] }, 'no right to patch pods in shop; ask for a Role in shop'],
    ['the API server fails', { patches: [500] }, 'refused with 500'],
    ['the container restarted', { idAfter: 'f'.repeat(64) }, 'shop/cart-1/cart restarted during the probe'],
    [
      'it found nothing',
      { found: { ...result, answer: { ...result.answer, stopped: 'short' } } },
      'it had too little memory before the first step',
    ],
    [
      'the pod of the probe sent a size that no machine has',
      { found: { ...result, answer: { ...result.answer, neededCacheBytes: 2 ** 52 } } },
      'expected a number of bytes at "neededCacheBytes"',
    ],
  ] satisfies readonly (readonly [string, Made, string])[])
    it(`is printed and not kept when ${what}, and a line says why`, async (test) => {
      const { probed } = await cluster(test, made);
      const { code, stderr } = await probed('y');
      assert.equal(code, 0);
      assert.ok(stderr.includes(`\nNot kept for realmem suggest: ${why}`), stderr);
    });

  it('is not kept with --no-keep, and with --dry-run', async (test) => {
    const { probed, patched } = await cluster(test);
    const { stderr } = await probed('y', '--no-keep');
    assert.doesNotMatch(stderr, /realmem suggest/);
    await probed('y', '--dry-run');
    assert.deepEqual(patched, []);
  });
});

describe('probe on this machine', () => {
  it('refuses --history-dir with a cluster', async () => {
    const { code, stderr } = await start(['probe', 'web', '--history-dir', '/x', '--kubeconfig', '/y']).ended;
    assert.equal(code, 2);
    assert.match(stderr, /--kubeconfig reads a cluster, --history-dir reads files; pass one of them/);
  });

  it('refuses -c, which is for a cluster', async () => {
    const { code, stderr } = await start(['probe', 'web', '-c', 'x']).ended;
    assert.deepEqual(
      [code, stderr],
      [2, 'error: -c names a container of a cluster; here TARGET names it: namespace/pod/container\n'],
    );
  });
});
