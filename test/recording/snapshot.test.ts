import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Tree } from '../../src/edges/cgroup-tree.ts';
import type { Host } from '../../src/edges/host.ts';
import { CgroupGone, type CgroupVersion, type RawCgroup } from '../../src/model/cgroup.ts';
import { asItIs, type Renaming, type Snapshot, tapped } from '../../src/recording/snapshot.ts';

/** The content of a file at each read (the last one repeats), or the error of its read. */
type Files = Readonly<Record<string, readonly string[] | Error>>;

interface Given {
  readonly version?: CgroupVersion;
  readonly mountRoot?: string;
  readonly more?: Partial<Host>;
}

/** A host whose reads share one buffer, as those of a live host do. Keys are paths of cgroups, parents first. */
function hostOf(
  all: Readonly<Record<string, Files>>,
  { version = 2, mountRoot = '/', more = {} }: Given = {},
) {
  const shared = new Uint8Array(256);
  const reads: string[] = [];
  const rawOf = (path: string, inode: number): RawCgroup => {
    const times = new Map<string, number>();
    return {
      id: { path, inode },
      read(file) {
        reads.push(`${path} ${file}`);
        const texts = all[path]?.[file];
        if (texts instanceof Error) throw texts;
        if (texts === undefined) return undefined;
        const time = times.get(file) ?? 0;
        times.set(file, time + 1);
        const { written } = new TextEncoder().encodeInto(
          texts[Math.min(time, texts.length - 1)] ?? '',
          shared,
        );
        return shared.subarray(0, written);
      },
    };
  };
  const raws = Object.keys(all).map((path, index) => rawOf(path, index + 1));
  const tree: Tree = {
    close: () => assert.fail('the tap closed the tree of its host'),
    walk(visit, admit = () => true) {
      const refused: string[] = [];
      for (const raw of raws) {
        const { path } = raw.id;
        if (refused.some((one) => path.startsWith(`${one}/`))) continue;
        if (path !== '/' && !admit(path)) refused.push(path);
        else visit(raw);
      }
      return [{ cgroup: '/x', why: 'unseen' }];
    },
    *scan() {
      yield* raws;
    },
  };
  const host = {
    ...{ name: 'n', kernel: undefined, why: undefined, mountTable: undefined, recording: undefined },
    cgroups: { version, tree, mountPoint: '/sys/fs/cgroup', mountRoot },
    ...{ meminfo: () => undefined, lruGen: () => undefined, arcstats: () => undefined },
    ...{ recorded: () => undefined, close: () => undefined },
    ...more,
  } as Host;
  return { host, reads };
}

const emptySnapshot = (): Snapshot => ({ cgroups: new Map(), files: new Map(), again: new Map() });

const textsOf = (files: ReadonlyMap<string, Uint8Array>): Readonly<Record<string, string>> =>
  Object.fromEntries([...files].map(([file, content]) => [file, Buffer.from(content).toString()]));

const top = 'sys/fs/cgroup';

/** Taps the host, and walks it with `visit`. */
function tap(host: Host, visit: (raw: RawCgroup) => void = () => undefined, renaming: Renaming = asItIs) {
  const into = emptySnapshot();
  const seen = tapped(host, into, renaming);
  const skipped = seen.cgroups?.tree.walk((raw) => {
    visit(raw);
    return true;
  });
  return { seen, skipped, into, files: textsOf(into.files), again: textsOf(into.again) };
}

describe('tapped', () => {
  it('keeps a copy of every file that is read, by its path on the host, with the inode of each cgroup', () => {
    const { host } = hostOf({ '/': { x: ['0'] }, '/a': { x: ['1'], y: ['2'] } });
    const { into, files, again, skipped } = tap(host, (raw) => {
      raw.read('x');
      raw.read('y');
    });
    assert.deepEqual(files, { [`${top}/x`]: '0', [`${top}/a/x`]: '1', [`${top}/a/y`]: '2' });
    assert.deepEqual(
      [...into.cgroups],
      [
        [top, 1],
        [`${top}/a`, 2],
      ],
    );
    assert.deepEqual(again, {});
    assert.deepEqual(skipped, [{ cgroup: '/x', why: 'unseen' }]);
  });

  it('returns to the reader what the host returns: bytes, nothing, or an error', () => {
    const gone = new CgroupGone();
    const { host } = hostOf({ '/': { x: ['1'], y: gone } });
    const { files } = tap(host, (raw) => {
      assert.equal(Buffer.from(raw.read('x') ?? []).toString(), '1');
      assert.equal(raw.read('z'), undefined);
      assert.throws(() => raw.read('y'), CgroupGone);
    });
    assert.deepEqual(files, { [`${top}/x`]: '1' });
  });

  it('keeps the second reading of a file only if it differs from the first', () => {
    const { host } = hostOf({ '/': { x: ['1', '2'], y: ['1', '1'], z: ['1', '2', '3'], e: ['', ''] } });
    const { files, again } = tap(host, (raw) => {
      for (const file of ['x', 'y', 'z', 'e', 'x', 'y', 'z', 'e', 'z']) raw.read(file);
    });
    assert.deepEqual(files, { [`${top}/x`]: '1', [`${top}/y`]: '1', [`${top}/z`]: '1', [`${top}/e`]: '' });
    assert.deepEqual(again, { [`${top}/x`]: '2', [`${top}/z`]: '3' });
  });

  it('reads the further files of its version after the pass, and none of them twice', () => {
    const all = { '/': { 'memory.stat': ['1', '2'], 'memory.swappiness': ['60'], 'memory.min': ['0'] } };
    const [one, two] = [hostOf(all, { version: 1 }), hostOf(all)];
    const first = tap(one.host, (raw) => raw.read('memory.stat'));
    assert.deepEqual(first.files, { [`${top}/memory.stat`]: '1', [`${top}/memory.swappiness`]: '60' });
    assert.deepEqual(first.again, {});
    assert.equal(one.reads.filter((read) => read === '/ memory.stat').length, 1);
    assert.deepEqual(tap(two.host).files, { [`${top}/memory.stat`]: '1', [`${top}/memory.min`]: '0' });
  });

  it('goes on without a further file that cannot be read', () => {
    const { host } = hostOf({ '/': { 'memory.events': new Error('EIO'), 'memory.stat': ['1'] } });
    assert.deepEqual(tap(host).files, { [`${top}/memory.stat`]: '1' });
  });

  it('never reads a list of processes', () => {
    const { host, reads } = hostOf({ '/': {} });
    tap(host);
    assert.ok(reads.length > 10);
    assert.ok(reads.every((read) => !/procs|tasks|threads/.test(read)));
  });

  it('keeps what the scan read of cgroups that the walk refuses, and of those below', () => {
    const { host } = hostOf({
      '/': {},
      '/a': { x: ['1'] },
      '/a/b': { x: ['2'] },
      '/a/b/d': {},
      '/c': { x: ['3'] },
    });
    const into = emptySnapshot();
    const tree = tapped(host, into, asItIs).cgroups?.tree;
    for (const raw of tree?.scan(() => true) ?? []) raw.read('x');
    tree?.walk(
      () => true,
      (path) => path !== '/a',
    );
    assert.deepEqual([...into.cgroups.keys()], [top, `${top}/c`, `${top}/a`, `${top}/a/b`, `${top}/a/b/d`]);
    assert.deepEqual(textsOf(into.files), { [`${top}/a/x`]: '1', [`${top}/a/b/x`]: '2' });
  });

  it('keeps only the latest of two scans', () => {
    const { host } = hostOf({ '/': {}, '/a': { x: ['1'], y: ['2'] } });
    const into = emptySnapshot();
    const tree = tapped(host, into, asItIs).cgroups?.tree;
    for (const file of ['x', 'y']) for (const raw of tree?.scan(() => true) ?? []) raw.read(file);
    tree?.walk(
      () => true,
      () => false,
    );
    assert.deepEqual(textsOf(into.files), { [`${top}/a/y`]: '2' });
  });

  it('keeps nothing of the scan if the walk refuses nothing, and nothing of an earlier scan', () => {
    const { host } = hostOf({ '/': {}, '/a': { x: ['1'] } });
    const into = emptySnapshot();
    const tree = tapped(host, into, asItIs).cgroups?.tree;
    for (const raw of tree?.scan(() => true) ?? []) raw.read('x');
    tree?.walk(() => true);
    tree?.walk(
      () => true,
      (path) => path !== '/a',
    );
    assert.deepEqual(textsOf(into.files), {});
  });

  it('writes cgroups below the mounted part of the hierarchy', () => {
    const { host } = hostOf({ '/part': {}, '/part/a': { x: ['1'] } }, { mountRoot: '/part' });
    assert.deepEqual(tap(host, (raw) => raw.read('x')).files, { [`${top}/a/x`]: '1' });
  });

  it('keeps the kernel, the mount table and the files of the node, each with its content renamed', () => {
    const file = (name: string, text: string) => ({ file: name, text: Buffer.from(text) });
    const { host } = hostOf(
      {},
      {
        more: {
          kernel: '6.1',
          mountTable: 'table\n',
          meminfo: () => file('/proc/meminfo', 'M'),
          lruGen: () => file('/sys/kernel/mm/lru_gen/enabled', '0x7'),
          arcstats: () => file('/proc/spl/kstat/zfs/arcstats', 'A'),
        },
      },
    );
    const renaming = {
      ...asItIs,
      content: (name: string, one: Uint8Array) => Buffer.from(`${name}=${one.length}`),
    };
    const into = emptySnapshot();
    const seen = tapped(host, into, renaming);
    assert.equal(Buffer.from(seen.meminfo()?.text ?? []).toString(), 'M');
    seen.lruGen();
    seen.arcstats();
    assert.deepEqual(textsOf(into.files), {
      'proc/sys/kernel/osrelease': 'proc/sys/kernel/osrelease=4',
      'proc/self/mountinfo': 'proc/self/mountinfo=6',
      'proc/meminfo': 'proc/meminfo=1',
      'sys/kernel/mm/lru_gen/enabled': 'sys/kernel/mm/lru_gen/enabled=3',
      'proc/spl/kstat/zfs/arcstats': 'proc/spl/kstat/zfs/arcstats=1',
    });
  });

  it('passes on that the kernel has no multi-generational LRU, that it is unknown, and missing files', () => {
    for (const lruGen of ['none', undefined] as const) {
      const { seen, files } = tap(hostOf({}, { more: { lruGen: () => lruGen } }).host);
      assert.deepEqual(
        [seen.lruGen(), seen.meminfo(), seen.arcstats(), files],
        [lruGen, undefined, undefined, {}],
      );
    }
  });

  it('renames the paths of cgroups and of the mount point', () => {
    const renaming: Renaming = {
      ...asItIs,
      cgroup: (path) => path.replaceAll('acme', 'n1'),
      mountPoint: (path) => `/n2${path}`,
    };
    const { host } = hostOf({ '/acme': {}, '/acme/acme': { x: ['1'] } }, { mountRoot: '/acme' });
    const { into, files } = tap(host, (raw) => raw.read('x'), renaming);
    assert.deepEqual([...into.cgroups.keys()], [`n2/${top}`, `n2/${top}/n1`]);
    assert.deepEqual(files, { [`n2/${top}/n1/x`]: '1' });
  });

  it('leaves a host without cgroups without them, and does not close the tree of its host', () => {
    const { host } = hostOf({});
    assert.equal(tapped({ ...host, cgroups: undefined }, emptySnapshot(), asItIs).cgroups, undefined);
    tapped(host, emptySnapshot(), asItIs).cgroups?.tree.close();
  });
});
