import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { type Host, openHost } from '../../src/edges/host.ts';
import { openRecording } from '../../src/recording/recording.ts';
import { openReplay } from '../../src/recording/replay.ts';
import { parseMountinfo } from '../../src/sample/mountinfo.ts';
import { lay, tempDir } from '../temp.ts';

const plain = {
  hotFiles: { 1: [], 2: [] },
  parseMountinfo,
  openRecording: openReplay,
  reservedDescriptors: 64,
};

type Tree = Readonly<Record<string, Readonly<Record<string, string>>>>;

const open = (root: string): Host => openHost({ root, ...plain });

/** All files of a host by cgroup. A file in `twice` is read a second time. */
function readAll({ cgroups }: Host, twice: readonly string[] = []): Tree {
  const found: Record<string, Record<string, string>> = {};
  cgroups?.tree.walk((raw) => {
    const files: Record<string, string> = {};
    for (const file of ['memory.current', 'memory.stat', 'memory.max']) {
      const bytes = raw.read(file);
      if (bytes !== undefined) files[file] = Buffer.from(bytes).toString();
    }
    for (const file of twice) {
      const bytes = raw.read(file);
      if (bytes !== undefined) files[`${file} again`] = Buffer.from(bytes).toString();
    }
    found[raw.id.path] = files;
    return true;
  });
  return found;
}

const namesIn = (tree: Tree = {}): string =>
  JSON.stringify(Object.entries(tree).map(([cgroup, files]) => [cgroup, Object.keys(files)]));

/** Writes one tree after another into a directory, and records each. */
function recorded(test: TestContext, trees: readonly Tree[]): string {
  const [root, target] = [tempDir(test), path.join(tempDir(test), 'recording')];
  const recording = openRecording(target);
  const cgroups = path.join(root, 'sys/fs/cgroup');
  for (const [index, tree] of trees.entries()) {
    // If the cgroups change, delete the tree first, so that each gets a new inode. Otherwise write the files in place.
    if (namesIn(tree) !== namesIn(trees[index - 1])) fs.rmSync(cgroups, { recursive: true, force: true });
    lay(cgroups, { 'cgroup.controllers': 'memory\n' });
    for (const [cgroup, files] of Object.entries(tree)) {
      lay(cgroups, { [`.${cgroup}/`]: '' });
      for (const [file, text] of Object.entries(files)) lay(cgroups, { [`.${cgroup}/${file}`]: text });
    }
    const host = open(root);
    readAll(recording.of(host));
    recording.sampled(`2026-01-02T03:04:0${index}Z`);
    host.close();
  }
  recording.finish();
  return target;
}

const filesIn = (directory: string): readonly string[] =>
  fs
    .readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.relative(directory, path.join(parentPath, name)))
    .sort();

describe('a recording', () => {
  const first = { '/': {}, '/a': { 'memory.current': '1\n' }, '/b': { 'memory.current': '2\n' } };

  it('that cannot be written fails at the end of its sample, and says how many files exist', (test) => {
    const [root, target] = [tempDir(test), path.join(tempDir(test), 'recording')];
    lay(root, { 'sys/fs/cgroup/cgroup.controllers': 'memory\n', 'sys/fs/cgroup/a/memory.current': '1\n' });
    const recording = openRecording(target);
    const host = open(root);
    readAll(recording.of(host));
    recording.sampled(undefined);
    readAll(recording.of(host));
    host.close();
    // A file in place of `samples/` makes the next write fail, as a full disk would.
    fs.writeFileSync(path.join(target, 'samples'), '');
    assert.throws(
      () => recording.sampled(undefined),
      /expected to write the recording there, got E.*; the recording is incomplete: remove the directory \(files written: 2\)/,
    );
  });

  it('of one sample contains the files of the host, and nothing else', (test) =>
    assert.deepEqual(filesIn(recorded(test, [first])), [
      'sys/fs/cgroup/a/memory.current',
      'sys/fs/cgroup/b/memory.current',
      'sys/fs/cgroup/cgroup.controllers',
    ]));

  it('of several samples contains one file of differences for each later one', (test) => {
    const target = recorded(test, [first, { ...first, '/b': { 'memory.current': '3\n' } }, first]);
    assert.deepEqual(
      filesIn(target).filter((file) => !file.startsWith('sys')),
      ['samples/0002.json', 'samples/0003.json'],
    );
    const second = JSON.parse(fs.readFileSync(path.join(target, 'samples/0002.json'), 'utf8'));
    assert.deepEqual(second.at, '2026-01-02T03:04:01Z');
    assert.deepEqual(second.files['sys/fs/cgroup/b/memory.current'], '3\n');
    assert.equal('sys/fs/cgroup/a/memory.current' in second.files, false);
  });

  it('of one sample stays at that sample', (test) => {
    const host = open(recorded(test, [first]));
    assert.equal(host.recording?.isLast, true);
    host.close();
  });

  it('replays each sample with the cgroups and files of that moment', (test) => {
    const files = fc.dictionary(
      fc.constantFrom('memory.current', 'memory.stat', 'memory.max'),
      fc.constantFrom('1\n', '22\n', ''),
      { noNullPrototype: true },
    );
    const cgroup = fc.constantFrom('/a', '/a/b', '/a/b/c', '/d', '/d/e');
    const tree = fc.dictionary(cgroup, files, { maxKeys: 5 });
    fc.assert(
      fc.property(fc.array(tree, { minLength: 1, maxLength: 4 }), (trees) => {
        // A cgroup with children exists itself.
        const whole = trees.map((one): Tree => {
          const parents = Object.keys(one).flatMap((name) =>
            name.split('/').map((_, depth, all) => all.slice(0, depth + 1).join('/') || '/'),
          );
          return { '/': {}, ...Object.fromEntries(parents.map((name) => [name, {}])), ...one };
        });
        const host = open(recorded(test, whole));
        try {
          for (const [index, expected] of whole.entries()) {
            if (index > 0) {
              assert.equal(host.recording?.isLast, false);
              host.recording.next();
            }
            assert.deepEqual(readAll(host), expected);
          }
          assert.equal(host.recording?.isLast, true);
          host.recording?.next();
          assert.deepEqual(readAll(host), whole.at(-1));
        } finally {
          host.close();
        }
      }),
      { numRuns: 30 },
    );
  });

  it('distinguishes a cgroup from a later one of the same name', (test) => {
    const target = recorded(test, [first, { '/': {}, '/b': first['/b'] }, first]);
    const host = open(target);
    const inodes: (number | undefined)[] = [];
    for (let isLast: boolean | undefined = false; isLast === false; ) {
      let inode: number | undefined;
      host.cgroups?.tree.walk(({ id }) => {
        if (id.path === '/a') inode = id.inode;
        return true;
      });
      inodes.push(inode);
      isLast = host.recording?.isLast;
      host.recording?.next();
    }
    host.close();
    assert.equal(inodes.length, 3);
    assert.equal(inodes[1], undefined);
    assert.notEqual(inodes[0], inodes[2]);
  });

  it('keeps the second reading of a file that changed', (test) => {
    const root = tempDir(test);
    lay(root, {
      'sys/fs/cgroup/cgroup.controllers': 'memory\n',
      'sys/fs/cgroup/a/memory.current': '1\n',
      'sys/fs/cgroup/a/memory.stat': 'anon 1\n',
    });
    const file = path.join(root, 'sys/fs/cgroup/a/memory.current');
    const target = path.join(tempDir(test), 'recording');
    const recording = openRecording(target);
    const host = open(root);
    recording.of(host).cgroups?.tree.walk((raw) => {
      raw.read('memory.current');
      raw.read('memory.stat');
      if (raw.id.path === '/a') fs.writeFileSync(file, '5\n');
      raw.read('memory.current');
      raw.read('memory.stat');
      return true;
    });
    host.close();
    recording.sampled(undefined);
    recording.finish();
    assert.equal(fs.readFileSync(path.join(target, 'sys/fs/cgroup/a/memory.current'), 'utf8'), '1\n');
    const replayed = open(target);
    const { '/a': read } = readAll(replayed, ['memory.current', 'memory.stat']);
    replayed.close();
    assert.deepEqual([read?.['memory.current'], read?.['memory.current again']], ['1\n', '5\n']);
    assert.equal(read?.['memory.stat again'], 'anon 1\n');
  });

  it('with a malformed sample is rejected with the name of the file', (test) => {
    const target = recorded(test, [first, first]);
    fs.writeFileSync(path.join(target, 'samples/0002.json'), '{"files":3}');
    const host = open(target);
    assert.throws(() => host.recording?.next(), /samples\/0002\.json: expected a sample/);
    host.close();
  });
});

describe('a path in a recording', () => {
  it('may not leave the recording when it is written', (test) => {
    const directory = path.join(tempDir(test), 'recording');
    const recording = openRecording(directory);
    recording.writeFile('../outside', 'text');
    assert.throws(() => recording.finish(), /expected files below it, got \.\.\/outside/);
    assert.ok(!fs.existsSync(path.join(directory, '../outside')));
  });
});
