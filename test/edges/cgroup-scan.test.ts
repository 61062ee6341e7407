import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { childOf, deepest, isText, longestPath, scan } from '../../src/edges/cgroup-scan.ts';
import { lay, tempDir } from '../temp.ts';

function treeWith(test: TestContext, files: Readonly<Record<string, string>>): string {
  const directory = tempDir(test);
  lay(directory, files);
  return directory;
}

/** The paths that a scan yields, in its order. */
const scanned = (
  directory: string,
  below: (path: string) => boolean = () => true,
  live = false,
): string[] => {
  const paths: string[] = [];
  for (const { id } of scan({ directory, path: '/' }, live, () => below(paths.at(-1) ?? '')))
    paths.push(id.path);
  return paths;
};

/** Descriptors that this process holds below the directory. */
const openBelow = (directory: string): number =>
  fs.readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(directory);
    } catch {
      return false;
    }
  }).length;

describe('childOf', () => {
  it('joins a name to the root without a double slash, and to any other path', () =>
    assert.deepEqual([childOf('/', 'a'), childOf('/a', 'b')], ['/a', '/a/b']));
});

describe('isText', () => {
  it('refuses a name with U+FFFD only', () =>
    assert.deepEqual(['é', '', 'a\ufffdb', '\ufffc'].map(isText), [true, true, false, true]));
});

describe('scan', () => {
  it('yields the top alone for an empty directory', (test) =>
    assert.deepEqual(scanned(treeWith(test, {})), ['/']));

  it('yields nothing, and no error, for a missing directory and for a path below a file', (test) => {
    const directory = treeWith(test, { file: '' });
    assert.deepEqual(scanned(path.join(directory, 'missing')), []);
    assert.deepEqual(scanned(path.join(directory, 'file/x')), []);
  });

  it('yields paths below that of the top, with the inode of each directory', (test) => {
    const directory = treeWith(test, { 'a/b/': '' });
    const found = [...scan({ directory, path: '/kubepods' }, false, () => true)].map(({ id }) => id);
    assert.deepEqual(
      found,
      ['', 'a', 'a/b'].map((name) => ({
        path: name === '' ? '/kubepods' : `/kubepods/${name}`,
        inode: fs.statSync(path.join(directory, name)).ino,
      })),
    );
  });

  it('skips files and links, also links to directories', (test) => {
    const directory = treeWith(test, { 'a/': '', 'memory.stat': '' });
    fs.symlinkSync('a', path.join(directory, 'link'));
    assert.deepEqual(scanned(directory), ['/', '/a']);
  });

  it('skips a name that is no valid UTF-8 with everything below it, and reads its siblings', (test) => {
    const directory = treeWith(test, { 'a/': '' });
    const invalid = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0x62, 0xff])]);
    fs.mkdirSync(invalid);
    fs.mkdirSync(Buffer.concat([invalid, Buffer.from('/c')]));
    assert.deepEqual(scanned(directory), ['/', '/a']);
  });

  it('skips a name with a genuine U+FFFD too: an invalid name would lead to it a second time', (test) => {
    const directory = treeWith(test, { 'b\ufffd/c/': '', 'd/': '' });
    fs.mkdirSync(Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0x62, 0xff])]));
    assert.deepEqual(scanned(directory), ['/', '/d']);
  });

  it('skips the children of a cgroup that cannot be listed', (test) => {
    const directory = treeWith(test, { 'a/b/': '', 'c/d/': '' });
    const open = fs.opendirSync;
    test.mock.method(fs, 'opendirSync', (name: string, options: fs.OpenDirOptions) => {
      if (name.endsWith('/a')) throw new Error('EACCES');
      return open(name, options);
    });
    assert.deepEqual(scanned(directory).toSorted(), ['/', '/a', '/c', '/c/d']);
    assert.equal(openBelow(directory), 0);
  });

  it('skips a cgroup that is removed after it was listed', (test) => {
    const directory = treeWith(test, { 'a/': '', 'b/': '', 'c/': '' });
    const paths: string[] = [];
    for (const { id } of scan({ directory, path: '/' }, false, () => true)) {
      paths.push(id.path);
      if (paths.length === 2)
        for (const name of ['a', 'b', 'c'])
          if (`/${name}` !== id.path) fs.rmdirSync(path.join(directory, name));
    }
    assert.equal(paths.length, 2);
  });

  it('asks once per cgroup whether to descend, right after it was yielded', (test) => {
    const directory = treeWith(test, { 'a/b/': '', 'c/d/': '' });
    const asked: string[] = [];
    const paths = scanned(directory, (one) => {
      asked.push(one);
      return one !== '/a';
    });
    assert.deepEqual(asked, paths);
    assert.deepEqual(paths.toSorted(), ['/', '/a', '/c', '/c/d']);
  });

  it(`descends ${deepest} levels below the top, and no further`, (test) => {
    const directory = treeWith(test, { [`${'d/'.repeat(deepest + 2)}`]: '' });
    const paths = scanned(directory);
    assert.equal(paths.length, deepest + 1);
    assert.equal(paths.at(-1), '/d'.repeat(deepest));
    assert.equal(openBelow(directory), 0);
  });

  it(`yields a path of ${longestPath} characters, and skips one of ${longestPath + 1}`, (test) => {
    const directory = treeWith(test, {});
    const name = 'x'.repeat(255);
    // Four names of 255 and their slashes make 1024 characters.
    const long = [name, name, name].join('/');
    lay(directory, { [`${long}/${name}/`]: '', [`y/${long}/`]: '' });
    const top = (start: string) =>
      [...scan({ directory: path.join(directory, long), path: start }, false, () => true)].map(
        ({ id }) => id.path.length,
      );
    assert.deepEqual(top(`/${long}`), [768, 1024]);
    assert.deepEqual(top(`/z${long}`), [769]);
  });

  it('does not list a live cgroup with two links, but lists it in a recording', (test) => {
    const directory = treeWith(test, { 'a/': '' });
    const stat = fs.statSync;
    test.mock.method(fs, 'statSync', (name: string) => Object.assign(stat(name), { nlink: 2 }));
    assert.deepEqual(scanned(directory, undefined, true), ['/']);
    assert.deepEqual(scanned(directory), ['/', '/a']);
  });

  it('lists a live cgroup with one link or three: only two prove that it has no children', (test) => {
    const directory = treeWith(test, { 'a/': '' });
    const stat = fs.statSync;
    let nlink = 1;
    test.mock.method(fs, 'statSync', (name: string) => Object.assign(stat(name), { nlink }));
    assert.deepEqual(scanned(directory, undefined, true), ['/', '/a']);
    nlink = 3;
    assert.deepEqual(scanned(directory, undefined, true), ['/', '/a']);
  });

  it('reads the files of the yielded cgroup, and closes every descriptor at its end or an early end', (test) => {
    const directory = treeWith(test, { 'a/b/memory.current': '7\n', 'a/c/': '' });
    const found: string[] = [];
    for (const raw of scan({ directory, path: '/' }, false, () => true))
      found.push(
        `${raw.id.path} ${Buffer.from(raw.read('memory.current') ?? [])
          .toString()
          .trim()}`,
      );
    assert.ok(found.includes('/a/b 7'));
    assert.equal(openBelow(directory), 0);
    for (const raw of scan({ directory, path: '/' }, false, () => true)) if (raw.id.path === '/a/b') break;
    assert.equal(openBelow(directory), 0);
  });

  it('yields all 1,300 children of one cgroup, more than one system call returns', (test) => {
    const names = Array.from({ length: 1_300 }, (_, at) => `c${at}`);
    const directory = treeWith(test, Object.fromEntries(names.map((name) => [`${name}/`, ''])));
    assert.deepEqual(scanned(directory).toSorted(), ['/', ...names.map((name) => `/${name}`)].toSorted());
  });
});
