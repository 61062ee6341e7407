/** From the answer of a probe to the suggestion: the annotation of the pod, the agent's history, `realmem suggest`. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openNode } from '../../../src/agent/source.ts';
import { tick } from '../../../src/agent/tick.ts';
import { encodeCheckpoint } from '../../../src/checkpoint/write.ts';
import { FollowedPods } from '../../../src/identify/followed-pods.ts';
import type { Call } from '../../../src/kube/client.ts';
import { type Fields, fieldsOf } from '../../../src/model/json.ts';
import { keptAnswer } from '../../../src/probe/kept.ts';
import { keepAnswer } from '../../../src/probe-job/keep.ts';
import { patchOf } from '../../../src/publish/annotations.ts';
import { matchesGolden } from '../../golden.ts';
import { result } from '../../probe-job/made.ts';
import { lay, tempDir } from '../../temp.ts';
import { day, MiB, monday, play } from '../../usage/made/played.ts';
import { run } from '../run.ts';

const id = 'a'.repeat(64);
const uid = '11111111-2222-3333-4444-555555555555';
const days = 8;
const at = monday + days * day;

/** One pod, as the API server keeps it. A merge patch changes its annotations. */
class Pods {
  pod = {
    metadata: {
      ...{ uid, namespace: 'shop', name: 'cart-abc-1', resourceVersion: '1', annotations: {} as Fields },
      ...{ creationTimestamp: '2024-10-01T00:00:00Z', labels: { 'pod-template-hash': 'abc' } },
      ownerReferences: [{ kind: 'ReplicaSet', name: 'cart-abc', controller: true }],
    },
    spec: { nodeName: 'node-1', containers: [{ name: 'web', resources: { limits: { memory: '400Mi' } } }] },
    status: {
      containerStatuses: [{ name: 'web', containerID: `containerd://${id}`, state: { running: {} } }],
    },
  };

  async call({ method = 'GET', body }: Pick<Call, 'method' | 'body'>): Promise<unknown> {
    if (method === 'GET') return structuredClone(this.pod);
    const { annotations } = this.pod.metadata;
    const changed = { ...annotations, ...fieldsOf(fieldsOf(fieldsOf(body)['metadata'])['annotations']) };
    this.pod.metadata.annotations = Object.fromEntries(
      Object.entries(changed).filter(([, value]) => value !== null),
    );
    return {};
  }
}

/** Eight days of 100Mi of real and 96Mi of active page cache, and then a probe. @returns the directory of the history */
async function probed(test: TestContext, answer: object = {}, isRolledOut = false) {
  const pods = new Pods();
  const kept = keptAnswer(
    { at: new Date(1000 * (at - 60)).toISOString(), answer: { ...result.answer, ...answer } },
    at,
  );
  if (typeof kept === 'string') assert.fail(kept);
  const target = { namespace: 'shop', pod: 'cart-abc-1', container: 'web', node: 'node-1', id };
  assert.equal(await keepAnswer(pods, target, kept), undefined);
  // The agent's own annotations leave that of the user.
  await pods.call(patchOf(pods.pod.metadata, { memory: 'x', report: '{}' }));
  await pods.call(patchOf(pods.pod.metadata, undefined));

  const root = tempDir(test);
  const cgroup = `sys/fs/cgroup/kubepods/pod${uid}/${id}`;
  lay(root, {
    'sys/fs/cgroup/cgroup.controllers': 'memory\n',
    [`${cgroup}/memory.current`]: `${196 * MiB}\n`,
    [`${cgroup}/memory.stat`]: `anon ${100 * MiB}\nactive_file ${96 * MiB}\ninactive_file 0\n`,
    'proc/meminfo': 'MemTotal: 8388608 kB\nMemFree: 0 kB\nBuffers: 0 kB\nCached: 0 kB\n',
  });
  const history = play(
    [{ pod: 'cart-abc-0', real: () => 100, activeFile: () => 96, request: 300, limit: 400 }],
    { days, stepSeconds: 300 },
  );
  const followed = new FollowedPods('node-1');
  const listing = followed.list();
  listing.add(pods.pod);
  listing.done();
  const warnings: string[] = [];
  const probes = { warn: (message: string) => void warnings.push(message) };
  const names = { names: followed.names, state: () => undefined, close: () => {} };
  const node = openNode({ root, periodSeconds: 60, history, probes }, [], names);
  test.after(() => node.host.close());
  await tick(node, 1000 * at, true);
  if (isRolledOut) {
    // The cgroup stays: only the names matter.
    pods.pod.metadata.annotations = {};
    pods.pod.metadata.labels['pod-template-hash'] = 'def';
    pods.pod.metadata.creationTimestamp = '2024-10-14T23:59:00Z';
    pods.pod.metadata.ownerReferences = [{ kind: 'ReplicaSet', name: 'cart-def', controller: true }];
    followed.change('MODIFIED', pods.pod);
    const later = { ...node, names: { ...names, names: followed.names } };
    await tick(later, 1000 * at, true);
  }
  const directory = tempDir(test);
  fs.writeFileSync(
    path.join(directory, 'node-1.history.json'),
    encodeCheckpoint({ node: 'node-1', at, ...history.kept() }),
  );
  return { directory, warnings };
}

const suggested = async (directory: string, ...flags: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await run(['suggest', '--history', directory, ...flags]);
  assert.deepEqual([code, stderr], [0, '']);
  return stdout;
};

describe('the answer of a probe', () => {
  it('reaches the suggestion, which names it, with the values before it beside', async (test) => {
    const { directory, warnings } = await probed(test);
    assert.deepEqual(warnings, []);
    const golden = (name: string): URL => new URL(`goldens/probed${name}`, import.meta.url);
    matchesGolden(golden('.txt'), await suggested(directory, '--why'));
    matchesGolden(golden('.md'), await suggested(directory, '-o', 'markdown'));
    matchesGolden(golden('.sh'), await suggested(directory, '-o', 'patch'));
    const { items } = JSON.parse(await suggested(directory, '-o', 'json')) as {
      items: { target: { limitBytes: number }; probe: { withoutProbe: { limitBytes: number } } }[];
    };
    const [item] = items;
    const holds = 132 * MiB;
    assert.ok(
      item !== undefined && item.target.limitBytes >= holds && item.target.limitBytes <= 1.15 * holds,
    );
    assert.ok(item.probe.withoutProbe.limitBytes > 200 * MiB);
  });

  it('is said to be old after a roll-out, and then does not lower the limit', async (test) => {
    const { directory } = await probed(test, {}, true);
    const text = (await suggested(directory, '--why')).replace(/\s+/g, ' ');
    assert.match(
      text,
      /The probe is old: it was before the last roll-out\. Request and limit are the larger of/,
    );
    assert.match(text, / 400Mi → 218Mi /);
    assert.match(text, /Old probe \(1 of 1 rows\)/);
  });

  it('is an upper bound where the probe ended early', async (test) => {
    const { directory } = await probed(test, { isAtMost: true });
    assert.match(
      (await suggested(directory, '--why')).replace(/\s+/g, ' '),
      /it needs at most 32Mi of page cache/,
    );
  });

  it('is ignored with a warning where the pod claims more than the node has', async (test) => {
    const { directory, warnings } = await probed(test, { neededCacheBytes: 2 ** 40 });
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0] ?? '',
      /^pod shop\/cart-abc-1: ignored the probe of web: expected at most the 8Gi/,
    );
    assert.doesNotMatch(await suggested(directory, '--why'), /Probe of/);
  });
});
