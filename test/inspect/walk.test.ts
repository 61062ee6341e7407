import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Tree } from '../../src/edges/cgroup-tree.ts';
import type { Cgroups } from '../../src/edges/host.ts';
import { readCgroup } from '../../src/inspect/walk.ts';
import { CgroupGone, type CgroupVersion, type RawCgroup } from '../../src/model/cgroup.ts';
import { LocatedError } from '../../src/model/located-error.ts';

/** The content of a file, or the error of its read. */
type Files = Readonly<Record<string, string | Error>>;

interface Made {
  readonly cgroups: Cgroups;
  /** The paths that the walk reached. */
  readonly reached: string[];
}

/** A hierarchy whose reads share one buffer, as those of a live host do. Keys are paths, parents first. */
function treeOf(all: Readonly<Record<string, Files>>, version: CgroupVersion = 2): Made {
  const shared = new Uint8Array(4096);
  const reached: string[] = [];
  const rawOf = (path: string): RawCgroup => ({
    id: { path, inode: 1 },
    read(file) {
      const text = all[path]?.[file];
      if (text instanceof Error) throw text;
      if (text === undefined) return undefined;
      const { written } = new TextEncoder().encodeInto(text, shared);
      return shared.subarray(0, written);
    },
  });
  const scan: Tree['scan'] = function* (below) {
    const closed: string[] = [];
    for (const path of Object.keys(all)) {
      if (closed.some((one) => one === '/' || path.startsWith(`${one}/`))) continue;
      reached.push(path);
      yield rawOf(path);
      if (!below()) closed.push(path);
    }
  };
  const tree = { scan, walk: () => [], close: () => undefined } as unknown as Tree;
  return { cgroups: { version, tree, mountPoint: '/sys/fs/cgroup', mountRoot: '/' }, reached };
}

const read = (all: Readonly<Record<string, Files>>, path: string, version?: CgroupVersion) =>
  readCgroup(treeOf(all, version).cgroups, path);

const textsOf = (files: ReadonlyMap<string, Uint8Array>): Readonly<Record<string, string>> =>
  Object.fromEntries([...files].map(([file, content]) => [file, Buffer.from(content).toString()]));

const denied = new LocatedError({ where: '/a/x', expected: 'a readable file', got: 'EACCES' });

describe('readCgroup', () => {
  it('keeps the bytes of each file, though the next read overwrites the buffer', () => {
    const { files, rootFiles, sample, faults } = read(
      {
        '/': { 'memory.stat': 'anon 2000\n', 'cgroup.procs': '1\n' },
        '/a': { 'memory.current': '700\n', 'memory.peak': '800\n', 'memory.stat': 'anon 100\n' },
      },
      '/a',
    );
    const kept = textsOf(files);
    assert.deepEqual(
      [kept['memory.current'], kept['memory.peak'], kept['memory.stat']],
      ['700\n', '800\n', 'anon 100\n'],
    );
    assert.deepEqual(textsOf(rootFiles), { 'memory.stat': 'anon 2000\n' });
    assert.equal(sample?.usage, 700);
    assert.deepEqual(faults, []);
  });

  it('gives the formulas the bytes of the first reading, from which the sample comes', () => {
    let reads = 0;
    const changing: Files = {
      get 'memory.current'() {
        return `${++reads}00\n`;
      },
      'memory.stat': 'anon 1\n',
    };
    const { files, sample } = read({ '/': {}, '/a': changing }, '/a');
    assert.ok(reads > 1);
    assert.equal(sample?.usage, 100);
    assert.equal(textsOf(files)['memory.current'], '100\n');
  });

  it('lists the processes of the cgroup and of all cgroups below, but of no sibling with the same beginning', () => {
    const procs = (...pids: number[]) => ({ 'cgroup.procs': pids.map((pid) => `${pid}\n`).join('') });
    const all = { '/': procs(1), '/a': procs(2), '/a/b': procs(3, 4), '/a/b/c': procs(5), '/ab': procs(6) };
    assert.deepEqual(read(all, '/a').pids, [2, 3, 4, 5]);
    assert.deepEqual(read(all, '/a/b').pids, [3, 4, 5]);
    assert.deepEqual(read(all, '/').pids, [1, 2, 3, 4, 5, 6]);
  });

  it('distinguishes a cgroup without processes from one without cgroup.procs', () => {
    assert.deepEqual(read({ '/': {}, '/a': { 'cgroup.procs': '' } }, '/a').pids, []);
    assert.equal(read({ '/': {}, '/a': {} }, '/a').pids, undefined);
    assert.deepEqual(read({ '/': {}, '/a': {}, '/a/b': { 'cgroup.procs': '7\n' } }, '/a').pids, [7]);
  });

  it('goes down only on the way to the target and below it', () => {
    const all = {
      '/': {},
      '/x': {},
      '/x/y': {},
      '/a': {},
      '/a/b': {},
      '/a/b/c': {},
      '/a/o': {},
      '/a/o/p': {},
    };
    const { cgroups, reached } = treeOf(all);
    readCgroup(cgroups, '/a/b');
    assert.deepEqual(reached, ['/', '/x', '/a', '/a/b', '/a/b/c', '/a/o']);
  });

  it('gives no sample for a path that does not exist', () => {
    const { sample, files, pids } = read({ '/': {}, '/a': {} }, '/a/b');
    assert.deepEqual([sample, files.size, pids], [undefined, 0, undefined]);
  });

  it('gives no sample and no fault for a cgroup that was removed meanwhile', () => {
    const gone = new CgroupGone();
    const files = { 'memory.current': gone, 'memory.stat': gone, 'cgroup.procs': gone };
    const { sample, pids, faults } = read({ '/': {}, '/a': files }, '/a');
    assert.deepEqual([sample, pids, faults], [undefined, undefined, []]);
  });

  it('keeps the processes of the others if one cgroup below was removed meanwhile', () => {
    const all = {
      '/': {},
      '/a': { 'cgroup.procs': '1\n' },
      '/a/b': { 'cgroup.procs': new CgroupGone() },
      '/a/c': { 'cgroup.procs': '3\n' },
    };
    assert.deepEqual([read(all, '/a').pids, read(all, '/a').faults], [[1, 3], []]);
  });

  it('reports an unreadable file once, though the sample and the formulas both read it', () => {
    const { faults, sample } = read({ '/': {}, '/a': { 'memory.stat': denied } }, '/a');
    assert.deepEqual(faults, ['/a/x: expected a readable file, got EACCES']);
    assert.equal(sample?.stat, undefined);
  });

  it('reports a malformed cgroup.procs with its path, and keeps the processes of the others', () => {
    const all = { '/': {}, '/a': { 'cgroup.procs': 'x\n' }, '/a/b': { 'cgroup.procs': '3\n' } };
    const { pids, faults } = read(all, '/a');
    assert.deepEqual(pids, [3]);
    assert.match(faults.join('\n'), /^\/a\/cgroup\.procs:1: expected /);
  });

  it('reads the root as target and as root from the same files', () => {
    const { sample, files, rootFiles } = read({ '/': { 'memory.stat': 'anon 5\n' } }, '/');
    assert.equal(sample?.id.path, '/');
    assert.deepEqual(textsOf(rootFiles), { 'memory.stat': 'anon 5\n' });
    assert.equal(textsOf(files)['memory.stat'], 'anon 5\n');
  });

  it('keeps only the v1 files on v1', () => {
    const files = { 'memory.usage_in_bytes': '9\n', 'memory.current': '8\n', 'memory.stat': 'total_rss 1\n' };
    const found = textsOf(read({ '/': files }, '/', 1).rootFiles);
    assert.deepEqual(Object.keys(found), ['memory.usage_in_bytes', 'memory.stat']);
  });

  it('reads the processes of 50,000 cgroups below the target, and says so if there are more', () => {
    const below = (count: number): Readonly<Record<string, Files>> =>
      Object.fromEntries([
        ['/a', { 'cgroup.procs': '0\n' }],
        ...Array.from({ length: count }, (_, index) => [`/a/${index}`, { 'cgroup.procs': '7\n' }]),
      ]);
    const whole = read(below(50_000), '/a');
    assert.deepEqual([whole.pids?.length, whole.faults], [50_001, []]);
    const more = read(below(50_001), '/a');
    assert.equal(more.pids?.length, 50_001);
    assert.deepEqual(more.faults, [
      '/a has more than 50000 cgroups below it: the processes of the others are missing',
    ]);
  });

  it('finds the processes of exactly the paths that begin with the target, for any hierarchy', () => {
    const path = fc
      .array(fc.constantFrom('a', 'ab', 'b', '..'), { minLength: 1, maxLength: 3 })
      .map((parts) => `/${parts.join('/')}`);
    fc.assert(
      fc.property(fc.array(path, { minLength: 1 }), path, (paths, target) => {
        const whole = new Set(
          paths.flatMap((one) => one.split('/').map((_, end, all) => all.slice(0, end + 1).join('/') || '/')),
        );
        const sorted = [...whole].sort();
        const all = Object.fromEntries(sorted.map((one, pid) => [one, { 'cgroup.procs': `${pid + 1}\n` }]));
        const expected = sorted.flatMap((one, pid) => (`${one}/`.startsWith(`${target}/`) ? [pid + 1] : []));
        assert.deepEqual(read(all, target).pids ?? [], expected);
      }),
    );
  });
});
