/** Errors on a host are located and counted, and cost only their own figures. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openNode } from '../../../src/agent/source.ts';
import { tick } from '../../../src/agent/tick.ts';
import type { RawCgroup } from '../../../src/model/cgroup.ts';
import { lay, tempDir } from '../../temp.ts';

const id = (digit: string): string => digit.repeat(64);
const stat = 'anon 10\nactive_file 3\ninactive_file 4\n';
const container = (digit: string, files: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(
    Object.entries({ 'memory.current': '100\n', 'memory.stat': stat, ...files }).map(([file, text]) => [
      `sys/fs/cgroup/docker/${id(digit)}/${file}`,
      text,
    ]),
  );

function root(test: TestContext, ...parts: readonly Readonly<Record<string, string>>[]): string {
  const directory = tempDir(test);
  lay(directory, { 'sys/fs/cgroup/cgroup.controllers': 'memory\n', 'proc/meminfo': meminfo });
  for (const files of parts) lay(directory, files);
  return directory;
}

const meminfo = 'MemTotal: 100 kB\nMemFree: 40 kB\nBuffers: 5 kB\nCached: 30 kB\nShmem: 10 kB\n';

async function reportOf(directory: string, pods?: string) {
  const given = pods === undefined ? {} : { pods: { file: 'pods.yaml', text: pods } };
  const node = openNode({ root: directory, ...given }, []);
  const { report, faults } = await tick(node, 0, true);
  node.host.close();
  assert.ok(report);
  const condition = (type: string) => report.conditions.find((one) => one.type === type);
  return {
    report,
    faults,
    condition,
    realOf: Object.fromEntries(report.others.map((one) => [one.name[0], one.realBytes])),
  };
}

describe('a malformed memory.stat', () => {
  it('costs its container the figures that need it, and no other container', async (test) => {
    const broken = container('a', { 'memory.stat': 'anon 10\nactive_file three\n' });
    const { report, faults, condition, realOf } = await reportOf(root(test, broken, container('b')));
    assert.deepEqual(realOf, { a: undefined, b: 93 });
    assert.equal(report.others.find(({ name }) => name.startsWith('a'))?.usageBytes, 100);
    assert.equal(faults.length, 1);
    const why = `/docker/${id('a')}/memory.stat:2: expected "key number", got "active_file three"`;
    assert.ok(report.skipped.some((one) => one.cgroup === `/docker/${id('a')}` && one.why === why));
    assert.equal(condition('Complete')?.status, 'False');
    assert.match(condition('Complete')?.message ?? '', /memory\.stat:2/);
  });
});

describe('a container without a usage file', () => {
  it('has no real, and skipped says why', async (test) => {
    const directory = root(test, container('a'));
    fs.rmSync(path.join(directory, `sys/fs/cgroup/docker/${id('a')}/memory.current`));
    const { report, condition } = await reportOf(directory);
    const [only] = report.others.filter(({ type }) => type === 'container');
    assert.ok(only);
    assert.equal('realBytes' in only, false);
    assert.equal(only.rssBytes, 10);
    assert.deepEqual(
      report.skipped.filter(({ cgroup }) => cgroup.length > 64),
      [{ cgroup: `/docker/${id('a')}`, why: 'real is absent: there is no memory.current' }],
    );
    // This is no failure: the kernel or the recording lacks the file.
    assert.equal(condition('Complete')?.status, 'True');
  });
});

describe('a cgroup that vanishes while it is read', () => {
  it('is left out without a fault, and the others stay', async (test) => {
    const directory = root(test, container('a'), container('b'));
    const node = openNode({ root: directory }, []);
    const { cgroups } = node.host;
    assert.ok(cgroups);
    const { tree } = cgroups;
    const vanishing: typeof tree = {
      close: () => tree.close(),
      scan: (below) => tree.scan(below),
      walk: (visit, admit) =>
        tree.walk((raw: RawCgroup) => {
          if (!raw.id.path.endsWith('a')) return visit(raw);
          fs.rmSync(path.join(directory, 'sys/fs/cgroup', raw.id.path), { recursive: true });
          return visit(raw);
        }, admit),
    };
    const host = { ...node.host, cgroups: { ...cgroups, tree: vanishing } };
    const { report, faults } = await tick({ ...node, host }, 0, true);
    node.host.close();
    assert.deepEqual(faults, []);
    assert.deepEqual(
      report?.others.filter(({ type }) => type === 'container').map(({ name }) => name[0]),
      ['b'],
    );
  });
});

describe('a file of pods with errors', () => {
  it('is rejected with a line if it is not YAML', (test) => {
    const directory = root(test);
    assert.throws(
      () => openNode({ root: directory, pods: { file: 'pods.yaml', text: 'items:\n\t- a\n' } }, []),
      /^LocatedError: pods\.yaml:2: expected YAML or JSON, got /,
    );
  });

  it('is rejected with a hint if it is not a list of pods', (test) => {
    const directory = root(test);
    assert.throws(
      () => openNode({ root: directory, pods: { file: 'pods.yaml', text: 'kind: ConfigMap\n' } }, []),
      /pods\.yaml: expected a list of pods, got ConfigMap without items; give what `kubectl get pods -A -o json` prints/,
    );
  });

  it('keeps the valid pods and names the invalid one', async (test) => {
    const uid = '11111111-2222-3333-4444-555555555555';
    const pod = Object.fromEntries(
      ['memory.current', 'memory.stat'].map((file) => [
        `sys/fs/cgroup/kubepods/burstable/pod${uid}/${id('c')}/${file}`,
        file === 'memory.stat' ? stat : '100\n',
      ]),
    );
    const text = `kind: List
items:
- {kind: Pod, metadata: {name: nameless, namespace: shop}}
- {kind: Pod, metadata: {name: cart, namespace: shop, uid: ${uid}}, spec: {containers: [{name: main}]}, status: {containerStatuses: [{name: main, containerID: "containerd://${id('c')}"}]}}
`;
    const { report, condition } = await reportOf(root(test, pod), text);
    assert.deepEqual(
      report.containers.map(({ namespace, pod: name, name: main }) => [namespace, name, main]),
      [['shop', 'cart', 'main']],
    );
    assert.match(
      condition('NamesFresh')?.message ?? '',
      /items\[0\]\.metadata\.uid: expected a text, got nothing/,
    );
  });
});

describe('a malformed /proc/meminfo', () => {
  it('costs only the figures of the node', async (test) => {
    const directory = root(test, container('b'), { 'proc/meminfo': 'MemTotal: lots\n' });
    const { report, faults, realOf } = await reportOf(directory);
    assert.equal(report.node, undefined);
    assert.equal(realOf['b'], 93);
    assert.equal(faults.length, 1);
    assert.ok(
      report.skipped.some(
        ({ why }) => why === '/proc/meminfo:1: expected "Name: number kB", got "MemTotal: lots"',
      ),
    );
  });
});

describe('a host without memory cgroups', () => {
  it('says so in a condition and still shows the node', async (test) => {
    const directory = tempDir(test);
    lay(directory, { 'proc/meminfo': meminfo });
    const { report, condition } = await reportOf(directory);
    assert.equal(report.node?.realUsedBytes, (60 - 5 - (30 - 10)) * 1024);
    assert.equal(condition('Complete')?.reason, 'NoCgroups');
    assert.match(
      condition('Complete')?.message ?? '',
      /^The recording has no cgroup tree with the memory controller/,
    );
  });
});
