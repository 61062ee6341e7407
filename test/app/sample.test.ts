import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { sample } from '../../src/app/sample.ts';
import { openNode } from '../../src/app/source.ts';
import { tick } from '../../src/app/tick.ts';
import { lay, tempDir } from '../temp.ts';

function sampled(test: TestContext, files: Readonly<Record<string, string>>) {
  const root = tempDir(test);
  lay(root, files);
  const { host } = openNode({ root }, []);
  test.after(() => host.close());
  return sample(host, true);
}

const usage = { 'memory.current': '9\n', 'memory.stat': 'active_file 1\ninactive_file 1\n' };
const cgroup = (path: string) =>
  Object.fromEntries(Object.entries(usage).map(([file, text]) => [`sys/fs/cgroup${path}/${file}`, text]));
const v2 = { 'sys/fs/cgroup/cgroup.controllers': 'memory\n' };

it('takes the root of a cgroup namespace for a cgroup of its own', (test) => {
  const { sightings } = sampled(test, { ...v2, ...cgroup('') });
  assert.deepEqual(
    sightings.map(({ place, sample: { id } }) => [id.path, place]),
    [['/', { kind: 'other', type: 'slice', name: '/' }]],
  );
});

it('takes no figures from the root of the host', (test) => {
  const { sightings } = sampled(test, { ...v2, 'sys/fs/cgroup/memory.stat': 'anon 5\n' });
  assert.deepEqual(sightings, []);
});

it('samples nothing below a container, whatever it is called', (test) => {
  const id = 'a'.repeat(64);
  const { sightings } = sampled(test, {
    ...v2,
    ...cgroup(`/kubepods/podx/${id}`),
    ...cgroup(`/kubepods/podx/${id}/kubepods/pody/${id}`),
    ...cgroup(`/docker/${id}`),
    ...cgroup(`/docker/${id}/system.slice/a.service`),
  });
  assert.deepEqual(
    sightings
      .filter(({ sample: { usage: known } }) => known !== undefined)
      .map(({ sample: { id: found } }) => found.path)
      .toSorted(),
    [`/docker/${id}`, `/kubepods/podx/${id}`],
  );
});

it('finds the pods of a node that is a container', (test) => {
  const id = 'a'.repeat(64);
  const path = `/docker/${id}/kubelet/kubepods/burstable/podx/${id}`;
  const { sightings } = sampled(test, { ...v2, ...cgroup(path) });
  assert.deepEqual(sightings.find(({ sample: { id: found } }) => found.path === path)?.place, {
    kind: 'container',
    podUID: 'x',
    id,
    inside: `/docker/${id}`,
  });
});

describe('the files of the node', () => {
  const meminfo = 'MemTotal: 100 kB\nMemFree: 40 kB\nBuffers: 5 kB\nCached: 30 kB\nShmem: 10 kB\n';
  const ofNode = async (test: TestContext, files: Readonly<Record<string, string>>) => {
    const root = tempDir(test);
    lay(root, { ...v2, 'proc/meminfo': meminfo, ...files });
    const node = openNode({ root }, []);
    test.after(() => node.host.close());
    const { report, faults } = await tick(node, 0, true);
    return { report, faults: faults.map(({ cgroup, why }) => `${cgroup}: ${why}`) };
  };

  it('lose a bad line alone, and say which', async (test) => {
    const { report, faults } = await ofNode(test, { 'proc/meminfo': `${meminfo}SwapFree: -5 kB\n` });
    assert.equal(report?.node?.realUsedBytes, 35 * 1024);
    assert.deepEqual(faults, ['/: /proc/meminfo:6: expected "Name: number kB", got "SwapFree: -5 kB"']);
  });
});
