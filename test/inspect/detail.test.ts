import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { openNode } from '../../src/agent/source.ts';
import { type DetailedCgroup, readDetail } from '../../src/inspect/detail.ts';
import { InputError, LocatedError } from '../../src/model/located-error.ts';
import { lay, tempDir } from '../temp.ts';

const rootOf = (host: string): string =>
  new URL(`../../fixtures/hosts/${host}/root`, import.meta.url).pathname;
const root = rootOf('docker-v1');

function seen(target: string, from = root): DetailedCgroup {
  const node = openNode({ root: from }, []);
  try {
    return readDetail(node, from, { target }, 0);
  } finally {
    node.host.close();
  }
}

/** A recorded host on cgroup v2. */
function hostOf(test: TestContext, files: Readonly<Record<string, string>>): string {
  const directory = tempDir(test);
  const cgroups = Object.entries(files).map(([file, text]) =>
    file.startsWith('/') ? [`sys/fs/cgroup${file}`, text] : [file, text],
  );
  lay(directory, { 'sys/fs/cgroup/cgroup.controllers': 'memory\n', ...Object.fromEntries(cgroups) });
  return directory;
}

const figures = (cgroup: string, usage: number): Readonly<Record<string, string>> => ({
  [`${cgroup}/memory.current`]: `${usage}\n`,
  [`${cgroup}/memory.stat`]: 'anon 100\nactive_file 10\ninactive_file 20\n',
});

const pidsOf = ({ processes }: DetailedCgroup): readonly number[] | undefined =>
  processes?.processes.map(({ pid }) => pid);

describe('readDetail', () => {
  it('sums RSS to the figure of ps and top at the same moment', () =>
    assert.equal(seen('7c1e5a90d3b8').sums.rssBytes, 239_648 * 1024));

  it('includes the processes of all cgroups below', () =>
    assert.equal(seen('/docker').processes?.processes.length, 3));

  it('finds processes by /proc/<pid>/cgroup if cgroup.procs was not recorded', (test) => {
    const copy = tempDir(test);
    fs.cpSync(root, copy, { recursive: true });
    const { sample } = seen('7c1e').observation;
    fs.rmSync(`${copy}/sys/fs/cgroup/memory${sample.id.path}/cgroup.procs`);
    assert.equal(seen('7c1e', copy).processes?.processes.length, 3);
    lay(copy, { 'proc/9/cgroup': '4:memory:/docker/other\n', 'proc/9/status': 'Name:\tother\n' });
    assert.equal(seen('7c1e', copy).processes?.processes.length, 3);
  });

  it('returns undefined for a recording without processes', () =>
    assert.equal(seen('data/postgres-0', rootOf('kubernetes-v1')).processes, undefined));

  it('reads a cgroup below a container', (test) => {
    const copy = tempDir(test);
    fs.cpSync(root, copy, { recursive: true });
    const { path } = seen('7c1e').observation.sample.id;
    const below = `sys/fs/cgroup/memory${path}/inner`;
    lay(copy, {
      [`${below}/memory.usage_in_bytes`]: '4096\n',
      [`${below}/memory.stat`]: 'total_active_file 1024\ntotal_inactive_file 1024\n',
      [`${below}/cgroup.procs`]: '7676\n',
    });
    const { observation, processes } = seen(`${path}/inner`, copy);
    assert.equal(observation.usage.realBytes, 2048);
    assert.deepEqual(
      processes?.processes.map(({ pid }) => pid),
      [7676],
    );
  });

  it('accounts the target from the same bytes that its formulas use', (test) => {
    const from = hostOf(test, figures('/a.slice', 500));
    const { observation, figures: found, version, recording } = seen('/a.slice', from);
    assert.deepEqual([version, recording], [2, true]);
    assert.equal(found.get('memory.current'), 500);
    assert.equal(observation.usage.usageBytes, 500);
    assert.equal(observation.usage.realBytes, 470);
  });

  it('takes the limit of an ancestor for a cgroup below a container', (test) => {
    const id = '1'.repeat(64);
    const from = hostOf(test, {
      ...figures(`/docker/${id}`, 500),
      [`/docker/${id}/memory.max`]: '900\n',
      ...figures(`/docker/${id}/inner`, 300),
    });
    const { usage, role } = seen(`/docker/${id}/inner`, from).observation;
    assert.equal(role.kind, 'other');
    assert.deepEqual([usage.usageBytes, usage.limitBytes, usage.limitFrom], [300, 900, `/docker/${id}`]);
  });

  it('ignores slashes at the end of a path, above and below a container', (test) => {
    const id = '1'.repeat(64);
    const from = hostOf(test, {
      ...figures(`/docker/${id}`, 500),
      ...figures(`/docker/${id}/inner`, 300),
    });
    assert.equal(seen(`/docker/${id}//`, from).observation.usage.usageBytes, 500);
    assert.equal(seen(`/docker/${id}/inner//`, from).observation.usage.usageBytes, 300);
  });

  it('names the cgroups at the deepest level that exists if a path does not', () => {
    const { path } = seen('7c1e').observation.sample.id;
    assert.throws(
      () => seen('/docker/nothing/at/all'),
      (error) =>
        error instanceof InputError &&
        error.message === `/docker/nothing/at/all: expected a cgroup, got none; /docker has ${path}`,
    );
    assert.throws(() => seen(`${path}/x`), /got none; list them with `realmem top --all`$/);
  });

  it('lists the cgroups below the root, and not the root itself, if the first part of a path is wrong', () =>
    assert.throws(() => seen('/nothing'), /got none; the root has \/docker$/));

  it('names five cgroups at most', (test) => {
    const all = Object.assign({}, ...'abcdefg'.split('').map((one) => figures(`/${one}.slice`, 1)));
    assert.throws(() => seen('/x', hostOf(test, all)), /the root has (?:\/[a-g]\.slice, ){4}\/[a-g]\.slice$/);
  });

  it('refers to realmem free for the root of v2, which has no usage', (test) => {
    const from = hostOf(test, { ...figures('/a.slice', 1), '/memory.stat': 'anon 1\n' });
    for (const target of ['/', '//'])
      assert.throws(
        () => seen(target, from),
        /^LocatedError: \/+: expected a cgroup with its own usage, got the whole node; use `realmem free`$/,
      );
  });

  it('explains the root of v1, which has a usage', (test) => {
    const copy = tempDir(test);
    fs.cpSync(root, copy, { recursive: true });
    lay(copy, { 'sys/fs/cgroup/memory/memory.usage_in_bytes': '5\n' });
    assert.equal(seen('/', copy).observation.usage.usageBytes, 5);
    assert.throws(() => seen('/nothing', copy), /the root has \/docker$/);
  });

  it('rejects a host without cgroups, and says why there are none', (test) => {
    const from = tempDir(test);
    lay(from, { 'proc/meminfo': 'MemTotal: 9 kB\n' });
    assert.throws(
      () => seen('/a', from),
      (error) =>
        error instanceof LocatedError &&
        error.message.startsWith(`${from}: expected a host with cgroups, got `),
    );
  });

  it('reads the processes in the order of their numbers', (test) => {
    const status = 'Name:\ta\nVmSize:\t4 kB\nVmRSS:\t4 kB\n';
    const from = hostOf(test, {
      ...figures('/a.slice', 1),
      '/a.slice/cgroup.procs': '30\n4\n',
      'proc/30/status': status,
      'proc/4/status': status,
    });
    const found = seen('/a.slice', from);
    assert.deepEqual(pidsOf(found), [4, 30]);
    assert.equal(found.sums.rssBytes, 8192);
  });

  it('distinguishes a cgroup without processes from a recording that lacks all of them', (test) => {
    const none = hostOf(test, { ...figures('/a.slice', 1), '/a.slice/cgroup.procs': '' });
    assert.deepEqual(pidsOf(seen('/a.slice', none)), []);
    const lacking = hostOf(test, { ...figures('/a.slice', 1), '/a.slice/cgroup.procs': '7\n' });
    assert.equal(seen('/a.slice', lacking).processes, undefined);
    assert.deepEqual(seen('/a.slice', lacking).sums, {});
  });

  it('finds processes below the target by /proc/<pid>/cgroup, and none of a sibling that begins alike', (test) => {
    const from = hostOf(test, {
      ...figures('/a.slice', 1),
      ...Object.fromEntries(
        ['/a.slice', '/a.slice/b', '/a.slices', '/'].flatMap((path, pid) => [
          [`proc/${pid + 1}/cgroup`, `0::${path}\n`],
          [`proc/${pid + 1}/status`, 'Name:\ta\n'],
        ]),
      ),
      'proc/9/cgroup': 'garbage\n',
    });
    const found = seen('/a.slice', from);
    assert.deepEqual(pidsOf(found), [1, 2]);
    assert.match(found.faults.join('\n'), /^\/proc\/9\/cgroup:1: expected /);
  });
});
