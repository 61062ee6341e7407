import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { Health } from '../../src/agent/health.ts';
import { loop } from '../../src/agent/loop.ts';
import { tickOnce, ticksOver } from '../../src/agent/replay.ts';
import { openNode } from '../../src/agent/source.ts';
import type { Node } from '../../src/agent/tick.ts';
import { readPodLogs } from '../../src/edges/pod-logs.ts';
import type { NodeReport } from '../../src/model/report.ts';
import { podsOfLogs } from '../../src/pods/pod-logs.ts';
import { record } from '../../src/recording/record.ts';
import { besideOf } from '../../src/recording/record-beside.ts';
import { openRecording } from '../../src/recording/recording.ts';
import { anonymized, type Redaction } from '../../src/recording/redact.ts';
import { lay, tempDir } from '../temp.ts';
import { passOver } from './record-once.ts';

const uid = '8a05cdc7-1ab4-4870-8afa-97b66d5c660b';
const id = 'f0ee60ca0d9b506ee47dea98a019cb5d43f0ead799e80cb6d5c0859d0b78573d';
const next = 'a0ee60ca0d9b506ee47dea98a019cb5d43f0ead799e80cb6d5c0859d0b78573d';
const pod = `kubepods/burstable/pod${uid}`;

const figures = (usage: number): Readonly<Record<string, string>> => ({
  'memory.usage_in_bytes': `${usage}\n`,
  'memory.stat': 'total_active_file 10\ntotal_inactive_file 20\ntotal_shmem 5\n',
});

const pods = {
  kind: 'List',
  items: [
    {
      kind: 'Pod',
      metadata: {
        ...{ uid, namespace: 'acme-shop', name: 'acme-cart-6d5f-x2x1z' },
        labels: { app: 'acme-cart', 'acme.com/team': 'acme-payments', 'pod-template-hash': '6d5f' },
        ownerReferences: [{ kind: 'ReplicaSet', name: 'acme-cart-6d5f', controller: true }],
        annotations: { 'realmem.dev/memory': 'acme-cart 5Mi', note: 'hunter2' },
      },
      spec: {
        containers: [{ name: 'acme-web', env: [{ name: 'PASSWORD', value: 'hunter2' }], image: 'acme/web' }],
      },
      status: {
        qosClass: 'Burstable',
        containerStatuses: [{ name: 'acme-web', containerID: `containerd://${id}`, state: { running: {} } }],
      },
    },
  ],
};

const arcstats = (size: number): Readonly<Record<string, string>> => ({
  'proc/spl/kstat/zfs/arcstats': `12 1 0x01 1 1 1 1\nname type data\nsize 4 ${size}\nc_min 4 1000\n`,
});

/** A host of one pod and one service. */
function hostIn(test: TestContext): string {
  const root = tempDir(test);
  const log = `acme-shop_acme-cart-x2x1z_${uid}/acme-web`;
  lay(root, { [`var/log/pods/${log}/0.log`]: 'hunter2\n', 'var/log/containers/': '' });
  fs.symlinkSync(
    `/var/log/pods/${log}/0.log`,
    path.join(root, `var/log/containers/acme-cart-x2x1z_acme-shop_acme-web-${id}.log`),
  );
  const at = (cgroup: string, usage: number) =>
    Object.fromEntries(
      Object.entries(figures(usage)).map(([file, text]) => [`sys/fs/cgroup/memory/${cgroup}/${file}`, text]),
    );
  lay(root, {
    ...{
      ...at('kubepods', 1000),
      ...at('kubepods/burstable', 900),
      ...at(pod, 800),
      ...at(`${pod}/${id}`, 700),
    },
    ...at('system.slice/acme-db.service', 300),
    'proc/meminfo': 'MemTotal: 99 kB\nMemFree: 50 kB\nBuffers: 1 kB\nCached: 9 kB\nShmem: 2 kB\n',
    ...arcstats(20_000),
    'proc/71/cgroup': `9:memory:/${pod}/${id}\n`,
    'proc/71/status': 'Name:\tacme-worker\nUid:\t1000\nVmSize:\t   90 kB\nVmRSS:\t   50 kB\n',
    'proc/71/statm': '22 12 3 1 0 5 0\n',
    'proc/71/stat': '71 (acme-worker) S 1 2 3\n',
    'proc/71/smaps_rollup': '5500-7fff ---p 00000000 00:00 0 [rollup]\nPss:   40 kB\n',
    'proc/71/cmdline': 'acme-worker\0--password=hunter2\0',
    'proc/71/environ': 'PASSWORD=hunter2\0',
    'proc/72/cgroup': '9:memory:/system.slice/acme-db.service\n',
    'proc/72/status': 'Name:\tacme-db\n',
  });
  return root;
}

/** Live, as far as anything can tell, and changed by `change` after each sample. */
function liveNode(root: string, change: (sample: number) => void): Node {
  const node = openNode(
    { root, node: 'acme-node-1', pods: { file: 'pods', text: JSON.stringify(pods) } },
    [],
  );
  let sample = 0;
  const meminfo = () => {
    change(++sample);
    return node.host.meminfo();
  };
  return {
    ...node,
    host: { ...node.host, recording: undefined, machine: { pageBytes: 4096, cpus: 2 }, meminfo },
  };
}

interface Made {
  readonly root: string;
  readonly target: string;
  readonly report: NodeReport;
}

/** @param named whether the names come from the API, rather than from the kubelet's logs */
async function recorded(
  test: TestContext,
  samples: number,
  redaction?: Redaction,
  named = true,
): Promise<Made> {
  const root = hostIn(test);
  const target = path.join(tempDir(test), 'recording');
  const write = (cgroup: string, usage: number): void => {
    for (const [file, text] of Object.entries(figures(usage)))
      lay(path.join(root, 'sys/fs/cgroup/memory'), { [`${cgroup}/${file}`]: text });
  };
  const node = liveNode(root, (sample) => {
    // The container grows and shrinks again; the service makes way for another one.
    if (sample === 1) write(`${pod}/${id}`, 5000);
    if (sample === 2) {
      write(`${pod}/${id}`, 600);
      fs.rmSync(path.join(root, 'sys/fs/cgroup/memory/system.slice/acme-db.service'), { recursive: true });
      write('system.slice/acme-new.service', 200);
      write(`${pod}/${next}`, 50);
      lay(root, arcstats(10_000));
    }
  });
  const { report } = await record(
    { ...node, pass: passOver(node) },
    openRecording(target, redaction),
    { samples, everyMs: 1, signal: new AbortController().signal },
    { ...besideOf(root), ...(named && { pods: { file: 'pods', text: JSON.stringify(pods) } }), redaction },
  );
  node.host.close();
  return { root, target, report };
}

async function replayed(target: string): Promise<NodeReport> {
  const node = openNode({ root: target }, []);
  const { report } = await tickOnce(node, 0);
  node.host.close();
  assert.ok(report !== undefined);
  return report;
}

const textsIn = (directory: string): readonly (readonly [string, string])[] =>
  fs.readdirSync(directory, { recursive: true, withFileTypes: true }).map((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    const text = entry.isFile()
      ? fs.readFileSync(file, 'utf8')
      : entry.isSymbolicLink()
        ? fs.readlinkSync(file)
        : '';
    return [path.relative(directory, file), text];
  });

const redaction = (salt: string): Redaction =>
  anonymized((text) => createHmac('sha256', salt).update(text).digest('hex'));

/** A report without the names in it, in an order that no name decides. */
function bare(report: NodeReport): unknown {
  const without = (one: object): string =>
    JSON.stringify(one, (key, value) =>
      ['namespace', 'name', 'pod', 'uid', 'podUID', 'id', 'cgroup', 'limitFrom', 'workload'].includes(key)
        ? undefined
        : value,
    );
  const { pods, containers, others, node, observed } = report;
  return [...[pods, containers, others].map((list) => list.map(without).sort()), node, observed];
}

describe('a recording', () => {
  for (const samples of [1, 2, 3, 4])
    it(`of ${samples} samples gives the report of its last moment, with what was remembered`, async (test) => {
      const { target, report } = await recorded(test, samples);
      assert.deepEqual(await replayed(target), report);
    });

  it('folds the peaks of all its samples', async (test) => {
    const { target } = await recorded(test, 3);
    const container = (await replayed(target)).containers.find((one) => one.id === id);
    assert.deepEqual([container?.realBytes, container?.peakRealBytes], [570, 4970]);
  });

  it('shows one sample after the other to whoever keeps looking', async (test) => {
    const { target } = await recorded(test, 3);
    const node = openNode({ root: target }, []);
    const next = ticksOver(node);
    const seen: (number | undefined)[][] = [];
    for (let pass = 0; pass < 4; pass++) {
      const { report } = await next(0, true);
      const [container] = (report?.containers ?? []).filter((one) => one.id === id);
      seen.push([container?.realBytes, container?.peakRealBytes]);
    }
    node.host.close();
    assert.deepEqual(seen, [
      [670, 670],
      [4970, 4970],
      [570, 4970],
      [570, 4970],
    ]);
  });

  it('is followed by the loop', async (test) => {
    const { target } = await recorded(test, 2);
    const node = openNode({ root: target }, []);
    const seen: (number | undefined)[] = [];
    const second = Promise.withResolvers<void>();
    const stop = await loop(node, {
      ...{ periodMs: 100, reportPeriodMs: 100, health: new Health(100, 0), log: { warn: () => {} } },
      onTick: ({ report }) => {
        seen.push(report?.containers[0]?.realBytes);
        if (seen.length === 2) second.resolve();
      },
      onError: (error) => second.reject(error),
    });
    await second.promise;
    await stop();
    node.host.close();
    assert.deepEqual(seen.slice(0, 2), [670, 4970]);
  });

  it('has the processes of containers, in numbers', async (test) => {
    const { target } = await recorded(test, 1);
    const of = (file: string): string => fs.readFileSync(path.join(target, 'proc/71', file), 'utf8');
    assert.deepEqual(fs.readdirSync(path.join(target, 'proc/71')).sort(), [
      'cgroup',
      'smaps_rollup',
      'stat',
      'statm',
      'status',
    ]);
    assert.equal(of('status'), 'Name:\tacme-worker\nVmSize:\t   90 kB\nVmRSS:\t   50 kB\n');
    // Those of a service are nobody's business here.
    assert.equal(fs.existsSync(path.join(target, 'proc/72')), false);
  });

  it('has no secret in it', async (test) => {
    const { target } = await recorded(test, 3);
    for (const [file, text] of textsIn(target))
      assert.doesNotMatch(file + text, /hunter2|PASSWORD|acme\/web/, file);
  });

  it('has the names of the kubelet’s logs where there are no others, and nothing of what is in them', async (test) => {
    const { root, target } = await recorded(test, 1, undefined, false);
    assert.deepEqual(readPodLogs(target), readPodLogs(root));
    assert.equal(readPodLogs(root)?.pods.length, 1);
    const other = await recorded(test, 1);
    assert.equal(readPodLogs(other.target), undefined);
  });

  it('says what it was made on', async (test) => {
    const { target } = await recorded(test, 1);
    const { node, machine } = JSON.parse(fs.readFileSync(path.join(target, 'recording.json'), 'utf8'));
    assert.deepEqual([node, machine], ['acme-node-1', { pageBytes: 4096, cpus: 2 }]);
  });
});

describe('an anonymised recording', () => {
  it('gives the same figures in the same places', async (test) => {
    const [plain, hidden] = [await recorded(test, 3), await recorded(test, 3, redaction('one'))];
    const [report, other] = [await replayed(plain.target), await replayed(hidden.target)];
    const same = (one: NodeReport): NodeReport => ({ ...one, observed: { ...one.observed, at: '' } });
    assert.deepEqual(bare(same(other)), bare(same(report)));
    const named = other.containers.find(({ name }) => name !== undefined);
    assert.equal(named?.type, 'container');
    assert.equal(named?.pod, other.pods[0]?.name);
    assert.match(other.pods[0]?.workload ?? '', /^Deployment\/n[0-9a-f]{12}$/);
  });

  it('has the kubelet’s logs under other names, which lead to the same cgroups', async (test) => {
    const { target } = await recorded(test, 1, redaction('one'), false);
    const logs = readPodLogs(target);
    const [pod] = podsOfLogs(logs ?? { pods: [], links: [] });
    const { containers } = await replayed(target);
    const found = containers.find((one) => one.id === pod?.containers[0]?.ids[0]);
    assert.ok(found !== undefined);
    assert.equal(found.podUID, pod?.uid);
    assert.doesNotMatch(JSON.stringify(logs), /acme|f0ee60ca|8a05cdc7/);
  });

  it('has no name left in any file, nor in any file’s name', async (test) => {
    const texts = [
      ...textsIn((await recorded(test, 3, redaction('one'))).target),
      ...textsIn((await recorded(test, 1, redaction('one'), false)).target),
    ];
    assert.ok(texts.length > 20);
    for (const [file, text] of texts)
      for (const name of ['acme', 'hunter2', uid, id, next, uid.slice(0, 8), id.slice(0, 12)])
        assert.equal((file + text).includes(name), false, `${name} in ${file}`);
  });

  it('has other names in each run', async (test) => {
    const [one, two] = [await recorded(test, 1, redaction('one')), await recorded(test, 1, redaction('two'))];
    const [first, second] = [await replayed(one.target), await replayed(two.target)];
    assert.equal(first.pods.length, second.pods.length);
    assert.notEqual(first.pods[0]?.uid, second.pods[0]?.uid);
    assert.notEqual(first.metadata.name, second.metadata.name);
  });
});
