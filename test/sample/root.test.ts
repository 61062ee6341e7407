import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CgroupGone, type CgroupVersion, type RawCgroup, type RootCgroup } from '../../src/model/cgroup.ts';
import { sampleRoot } from '../../src/sample/root.ts';

type Files = Readonly<Record<string, string>>;

const rootOf = (files: Files): RawCgroup => ({
  id: { path: '/', inode: 1 },
  read: (file) => (files[file] === undefined ? undefined : new TextEncoder().encode(files[file])),
});

const read = (version: CgroupVersion, files: Files): readonly [RootCgroup, readonly string[]] => {
  const faults: string[] = [];
  const root = sampleRoot(rootOf(files), version, ({ message }) => faults.push(message));
  return [root, faults];
};

describe('sampleRoot', () => {
  it('reads anon, file and inactive_file of a host on v2, whose root has no usage', () => {
    const stat = 'anon 5\nfile 7\nkernel 9\ninactive_anon 1\ninactive_file 3\n';
    assert.deepEqual(read(2, { 'memory.stat': stat }), [{ inactiveFile: 3, anon: 5, file: 7 }, []]);
  });

  it('reads usage and total_inactive_file on v1', () => {
    const files = {
      'memory.usage_in_bytes': '90\n',
      'memory.stat': 'inactive_file 1\ntotal_inactive_file 3\n',
    };
    assert.deepEqual(read(1, files), [{ usage: 90, inactiveFile: 3 }, []]);
  });

  it('reads the usage of a cgroup namespace on v2', () =>
    assert.deepEqual(read(2, { 'memory.current': '90\n' }), [{ usage: 90 }, []]));

  it('gives nothing for a root without files', () => {
    assert.deepEqual(read(1, {}), [{}, []]);
    assert.deepEqual(read(2, {}), [{}, []]);
  });

  it('loses only the value that is malformed or too large, and names its line', () => {
    const stat = 'anon -5\nfile 7\ninactive_file 9007199254740993\n';
    const [root, faults] = read(2, { 'memory.stat': stat });
    assert.deepEqual(root, { file: 7 });
    assert.deepEqual(faults, [
      '/memory.stat:1: expected "key number", got "anon -5"',
      '/memory.stat:3: expected a number up to 2^53 − 1, got "inactive_file 9007199254740993"',
    ]);
  });

  it('throws for a usage that is no number, and for a hierarchy that is gone', () => {
    assert.throws(
      () => read(1, { 'memory.usage_in_bytes': 'x' }),
      /\/memory\.usage_in_bytes:1: expected a number/,
    );
    const gone: RawCgroup = {
      id: { path: '/', inode: 1 },
      read() {
        throw new CgroupGone();
      },
    };
    assert.throws(() => sampleRoot(gone, 2, () => {}), CgroupGone);
  });
});
