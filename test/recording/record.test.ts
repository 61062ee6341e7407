import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readPodLogs } from '../../src/edges/pod-logs.ts';
import type { NodeReport } from '../../src/model/report.ts';
import { podsOfLogs } from '../../src/pods/pod-logs.ts';
import { anonymized, type Redaction } from '../../src/recording/redact.ts';
import { id, next, recorded, replayed, uid } from './recorded-host.ts';

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

/** A report without its names, sorted by figures. */
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
  it('contains the processes of containers, as figures', async (test) => {
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
    // A recording contains no processes of services.
    assert.equal(fs.existsSync(path.join(target, 'proc/72')), false);
  });

  it('contains no secret', async (test) => {
    const { target } = await recorded(test, 3);
    for (const [file, text] of textsIn(target))
      assert.doesNotMatch(file + text, /hunter2|PASSWORD|acme\/web/, file);
  });

  it('contains the names of the kubelet’s logs if there are no pods, and no log content', async (test) => {
    const { root, target } = await recorded(test, 1, undefined, false);
    assert.deepEqual(readPodLogs(target), readPodLogs(root));
    assert.equal(readPodLogs(root)?.pods.length, 1);
    const other = await recorded(test, 1);
    assert.equal(readPodLogs(other.target), undefined);
  });

  it('contains the node and the machine in its manifest', async (test) => {
    const { target } = await recorded(test, 1);
    const { node, machine } = JSON.parse(fs.readFileSync(path.join(target, 'recording.json'), 'utf8'));
    assert.deepEqual([node, machine], ['acme-node-1', { pageBytes: 4096, cpus: 2 }]);
  });
});

describe('an anonymized recording', () => {
  it('gives the same figures under other names', async (test) => {
    const [plain, hidden] = [await recorded(test, 3), await recorded(test, 3, redaction('one'))];
    const [report, other] = [await replayed(plain.target), await replayed(hidden.target)];
    const same = (one: NodeReport): NodeReport => ({ ...one, observed: { ...one.observed, at: '' } });
    assert.deepEqual(bare(same(other)), bare(same(report)));
    const named = other.containers.find(({ name }) => name !== undefined);
    assert.equal(named?.type, 'container');
    assert.equal(named?.pod, other.pods[0]?.name);
    assert.match(other.pods[0]?.workload ?? '', /^Deployment\/n[0-9a-f]{12}$/);
  });

  it('contains the kubelet’s logs under other names that lead to the same cgroups', async (test) => {
    const { target } = await recorded(test, 1, redaction('one'), false);
    const logs = readPodLogs(target);
    const [pod] = podsOfLogs(logs ?? { pods: [], links: [] });
    const { containers } = await replayed(target);
    const found = containers.find((one) => one.id === pod?.containers[0]?.ids[0]);
    assert.ok(found !== undefined);
    assert.equal(found.podUID, pod?.uid);
    assert.doesNotMatch(JSON.stringify(logs), /acme|f0ee60ca|8a05cdc7/);
  });

  it('contains no name in any file or file name', async (test) => {
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
