/** Replays recordings that are written by hand. test/recording/recording.test.ts replays what the recorder writes. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type Host, openHost } from '../../src/edges/host.ts';
import type { LaterSample } from '../../src/recording/later-sample.ts';
import { openReplay } from '../../src/recording/replay.ts';
import { parseMountinfo } from '../../src/sample/mountinfo.ts';
import { lay, tempDir } from '../temp.ts';

const top = 'sys/fs/cgroup';

const sampleOf = (more: Partial<LaterSample> = {}): string =>
  JSON.stringify({ gone: [], made: [], files: {}, again: {}, ...more });

/** A recording on cgroup v2: files below the top, further files, and one file per later sample. */
function open(
  test: TestContext,
  cgroups: Readonly<Record<string, string>>,
  later: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
): Host {
  const root = tempDir(test);
  lay(root, {
    [`${top}/cgroup.controllers`]: 'memory\n',
    ...Object.fromEntries(Object.entries(cgroups).map(([file, text]) => [`${top}/${file}`, text])),
    ...Object.fromEntries(later.map((text, index) => [`samples/000${index + 2}.json`, text])),
    ...more,
  });
  const host = openHost({
    ...{
      root,
      hotFiles: { 1: [], 2: [] },
      parseMountinfo,
      openRecording: openReplay,
      reservedDescriptors: 64,
    },
  });
  test.after(() => host.close());
  return host;
}

const textOf = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString();

/** Path → the content of `x`, of every cgroup that the walk shows. */
function walked(host: Host, enters = (_: string) => true, admit = (_: string) => true) {
  const found: Record<string, string | undefined> = {};
  host.cgroups?.tree.walk((raw) => {
    found[raw.id.path] = textOf(raw.read('x'));
    return enters(raw.id.path);
  }, admit);
  return found;
}

/** The same through the scan. */
function scanned(host: Host, enters = (_: string) => true) {
  const found: Record<string, string | undefined> = {};
  let last = '';
  for (const raw of host.cgroups?.tree.scan(() => enters(last)) ?? []) {
    last = raw.id.path;
    found[last] = textOf(raw.read('x'));
  }
  return found;
}

describe('openReplay', () => {
  it('opens a root without a manifest as one sample without a time', (test) => {
    const { recording, machine } = open(test, { 'a/x': '1' });
    assert.deepEqual([recording?.at, recording?.isLast, machine], [undefined, true, undefined]);
  });

  it('takes the time, the node, the machine and the LRU from the manifest', (test) => {
    const machine = { pageBytes: 65_536, cpus: 3 };
    const manifest = { at: '2026-01-02T03:04:05Z', node: 'n1', machine, lruGen: false };
    const root = tempDir(test);
    lay(root, { 'recording.json': JSON.stringify(manifest) });
    const { cursor, read: _, over: __, ...rest } = openReplay(root);
    assert.equal(cursor.at, manifest.at);
    assert.deepEqual(rest, { node: 'n1', machine, lruGen: false });
  });

  it('rejects a malformed manifest, and malformed second readings, with the name of the file', (test) => {
    for (const file of ['recording.json', 'again.json']) {
      const root = tempDir(test);
      lay(root, { [file]: '[' });
      assert.throws(() => openReplay(root), new RegExp(`${file}: expected `));
    }
  });
});

describe('the cursor of a replay', () => {
  it('moves through the samples and their times, and stays at the last', (test) => {
    const at = '2026-01-02T03:04:06Z';
    const { recording } = open(test, {}, [sampleOf({ at }), sampleOf()]);
    assert.equal(recording?.isLast, false);
    recording?.next();
    assert.deepEqual([recording?.at, recording?.isLast], [at, false]);
    recording?.next();
    recording?.next();
    assert.deepEqual([recording?.at, recording?.isLast], [undefined, true]);
  });

  it('stays at its sample if the next one is malformed, and says so each time', (test) => {
    const host = open(test, { 'a/x': '1' }, ['{"files":3}']);
    for (let times = 0; times < 2; times++)
      assert.throws(() => host.recording?.next(), /samples\/0002\.json: expected a sample/);
    assert.deepEqual(walked(host), { '/': undefined, '/a': '1' });
  });
});

describe('the tree of a replay', () => {
  const shown = (host: Host): unknown => {
    const found = walked(host);
    assert.deepEqual(scanned(host), found);
    return found;
  };

  it('shows changed, new and removed files, and keeps all others from sample to sample', (test) => {
    const files = (more: LaterSample['files']): string => sampleOf({ files: more });
    const host = open(test, { 'a/x': '1', 'b/x': '2' }, [
      files({ [`${top}/a/x`]: '11' }),
      files({ [`${top}/a/x`]: null }),
      files({ [`${top}/a/x`]: { base64: 'Nw==' }, [`${top}/x`]: '' }),
    ]);
    assert.deepEqual(shown(host), { '/': undefined, '/a': '1', '/b': '2' });
    host.recording?.next();
    assert.deepEqual(shown(host), { '/': undefined, '/a': '11', '/b': '2' });
    host.recording?.next();
    assert.deepEqual(shown(host), { '/': undefined, '/a': undefined, '/b': '2' });
    host.recording?.next();
    assert.deepEqual(shown(host), { '/': '', '/a': '7', '/b': '2' });
  });

  it('hides a removed cgroup and everything below it', (test) => {
    const host = open(test, { 'a/x': '1', 'a/b/x': '2', 'c/x': '3' }, [sampleOf({ gone: [`${top}/a`] })]);
    host.recording?.next();
    assert.deepEqual(shown(host), { '/': undefined, '/c': '3' });
  });

  it('shows new cgroups at any depth, without the files of an earlier one of the same name', (test) => {
    const [a, b] = [`${top}/a`, `${top}/a/b`];
    const host = open(test, { 'a/x': '1', 'a/y': '1' }, [
      sampleOf({ gone: [a], made: [b, a], files: { [`${b}/x`]: '5' } }),
    ]);
    host.recording?.next();
    assert.deepEqual(shown(host), { '/': undefined, '/a': undefined, '/a/b': '5' });
  });

  it('forgets the files of a new cgroup that was removed and created again', (test) => {
    const a = `${top}/a`;
    const host = open(test, {}, [
      sampleOf({ made: [a], files: { [`${a}/x`]: '1' } }),
      sampleOf({ gone: [a] }),
      sampleOf({ made: [a] }),
    ]);
    host.recording?.next();
    assert.deepEqual(shown(host), { '/': undefined, '/a': '1' });
    host.recording?.next();
    assert.deepEqual(shown(host), { '/': undefined });
    host.recording?.next();
    assert.deepEqual(shown(host), { '/': undefined, '/a': undefined });
  });

  it('gives each new cgroup an inode number of its own, in every sample', (test) => {
    const made = ['a', 'b'].map((name) => `${top}/${name}`);
    const host = open(test, { 'c/x': '' }, [sampleOf({ made }), sampleOf({ gone: made, made })]);
    const inodes: number[] = [];
    for (let sample = 1; sample < 3; sample++) {
      host.recording?.next();
      host.cgroups?.tree.walk(({ id }) => {
        if (id.path === '/a' || id.path === '/b') inodes.push(id.inode);
        return true;
      });
    }
    assert.equal(new Set(inodes).size, 4);
    assert.ok(inodes.every((inode) => inode < 0));
  });

  it('shows no cgroup below one that the walk or the scan does not enter, old or new', (test) => {
    const host = open(test, { 'a/b/x': '1' }, [sampleOf({ made: [`${top}/n`, `${top}/n/m`, `${top}/a/c`] })]);
    host.recording?.next();
    const isTop = (cgroup: string): boolean => cgroup === '/';
    const expected = { '/': undefined, '/a': undefined, '/n': undefined };
    assert.deepEqual(walked(host, isTop), expected);
    assert.deepEqual(scanned(host, isTop), expected);
    assert.deepEqual(
      walked(host, () => false),
      { '/': undefined },
    );
  });

  it('does not show a new cgroup that the walk does not admit', (test) => {
    const host = open(test, { 'a/x': '1' }, [sampleOf({ made: [`${top}/n`, `${top}/n/m`] })]);
    host.recording?.next();
    const found = walked(
      host,
      () => true,
      (cgroup) => cgroup !== '/n',
    );
    assert.deepEqual(found, { '/': undefined, '/a': '1' });
  });

  it('gives the second reading at the second read only, of that cgroup and sample only', (test) => {
    const again = { [`${top}/a/x`]: '5' };
    const host = open(test, { 'a/x': '1', 'b/x': '1' }, [sampleOf({ again: { [`${top}/b/x`]: '6' } })], {
      'again.json': JSON.stringify(again),
    });
    const reads = (): unknown => {
      const found: Record<string, unknown> = {};
      host.cgroups?.tree.walk((raw) => {
        found[raw.id.path] = [textOf(raw.read('x')), textOf(raw.read('x')), textOf(raw.read('x'))].join(' ');
        return true;
      });
      return found;
    };
    assert.deepEqual(reads(), { '/': '  ', '/a': '1 5 5', '/b': '1 1 1' });
    host.recording?.next();
    assert.deepEqual(reads(), { '/': '  ', '/a': '1 1 1', '/b': '1 6 6' });
  });

  it('overrides files of the node as a whole', (test) => {
    const host = open(test, {}, [sampleOf({ files: { 'proc/meminfo': 'M2' } }), sampleOf()], {
      'proc/meminfo': 'M1',
    });
    assert.equal(textOf(host.meminfo()?.text), 'M1');
    host.recording?.next();
    assert.equal(textOf(host.meminfo()?.text), 'M2');
    host.recording?.next();
    assert.equal(textOf(host.meminfo()?.text), 'M2');
  });

  it('finds the cgroups of a mount that shows only a part of the hierarchy', (test) => {
    const part = { 'proc/self/mountinfo': '31 23 0:28 /part /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n' };
    const host = open(test, { 'a/x': '1' }, [sampleOf({ gone: [`${top}/a`], made: [`${top}/n`] })], part);
    assert.deepEqual(walked(host), { '/part': undefined, '/part/a': '1' });
    host.recording?.next();
    assert.deepEqual(shown(host), { '/part': undefined, '/part/n': undefined });
  });

  it('reads no file outside of the recording, whatever a sample names', (test) => {
    const host = open(test, {}, [sampleOf({ made: [path.join(top, 'a')] }).replace(`${top}/a`, '../../etc')]);
    assert.throws(() => host.recording?.next(), /with paths below the root/);
  });
});
