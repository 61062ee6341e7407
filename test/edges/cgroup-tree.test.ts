/** Walks and scans of a tree of plain files. Tests on the live kernel are in test/host. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { CgroupTree } from '../../src/edges/cgroup-tree.ts';
import { CgroupGone, type RawCgroup } from '../../src/model/cgroup.ts';
import { LocatedError } from '../../src/model/located-error.ts';
import { lay, tempDir } from '../temp.ts';

function tree(test: TestContext, files: Readonly<Record<string, string>>, live = false) {
  const directory = tempDir(test);
  lay(directory, files);
  const opened = new CgroupTree({ directory, root: '/', live, hotFiles: ['memory.current'], maxOpen: 100 });
  test.after(() => opened.close());
  return { directory, opened };
}

function visited(opened: CgroupTree, below: (raw: RawCgroup) => boolean = () => true): string[] {
  const paths: string[] = [];
  opened.walk((raw) => {
    paths.push(raw.id.path);
    return below(raw);
  });
  return paths.sort();
}

const text = (raw: RawCgroup, file: string): string | undefined => {
  const bytes = raw.read(file);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
};

describe('walk', () => {
  it('visits every cgroup, parents first', (test) => {
    const { opened } = tree(test, { 'a/b/': '', 'c/': '' });
    const paths: string[] = [];
    opened.walk((raw) => paths.push(raw.id.path) > 0);
    assert.deepEqual(paths.toSorted(), ['/', '/a', '/a/b', '/c']);
    assert.ok(paths.indexOf('/a') < paths.indexOf('/a/b'));
  });

  it('descends only where the visitor returns true', (test) => {
    const { opened } = tree(test, { 'a/b/': '', 'c/': '' });
    assert.deepEqual(
      visited(opened, (raw) => raw.id.path === '/'),
      ['/', '/a', '/c'],
    );
  });

  it('reports paths below /kubepods when only that part of the hierarchy is mounted', (test) => {
    const directory = tempDir(test);
    lay(directory, { 'x/': '' });
    const opened = new CgroupTree({ directory, root: '/kubepods', live: false, hotFiles: [], maxOpen: 0 });
    assert.deepEqual(visited(opened), ['/kubepods', '/kubepods/x']);
  });

  it('does not follow a symbolic link out of the tree', (test) => {
    const { directory, opened } = tree(test, { 'a/': '' });
    fs.symlinkSync('/', path.join(directory, 'a/out'));
    assert.deepEqual(visited(opened), ['/', '/a']);
  });
});

describe('read', () => {
  it('returns the new content of a file that changed between two walks', (test) => {
    const { directory, opened } = tree(test, { 'a/memory.current': '1\n' }, true);
    const seen: (string | undefined)[] = [];
    const read = () =>
      opened.walk((raw) => {
        if (raw.id.path === '/a') seen.push(text(raw, 'memory.current'));
        return true;
      });
    read();
    fs.writeFileSync(path.join(directory, 'a/memory.current'), '22\n');
    read();
    assert.deepEqual(seen, ['1\n', '22\n']);
  });

  it('returns undefined for a missing file', (test) => {
    const { opened } = tree(test, {});
    opened.walk((raw) => {
      assert.equal(raw.read('memory.peak'), undefined);
      return false;
    });
  });

  it('throws CgroupGone for a file of a removed cgroup', (test) => {
    const { directory, opened } = tree(test, { 'a/memory.current': '1\n' });
    opened.walk((raw) => {
      if (raw.id.path !== '/a') return true;
      fs.rmSync(path.join(directory, 'a'), { recursive: true });
      assert.throws(() => raw.read('memory.current'), CgroupGone);
      return false;
    });
  });

  it('throws a LocatedError that names a file above 1 MiB', (test) => {
    const { opened } = tree(test, { 'memory.stat': 'x'.repeat(2 ** 20 + 1) });
    opened.walk((raw) => {
      assert.throws(
        () => raw.read('memory.stat'),
        (error) =>
          error instanceof LocatedError && /memory\.stat: expected at most 1048576 bytes/.test(error.message),
      );
      return false;
    });
  });

  it('reads a file larger than the buffer to its end, also from a kept descriptor', (test) => {
    const content = Array.from({ length: 20_000 }, (_, pid) => `${pid}\n`).join('');
    const files = { 'cgroup.procs': content, 'memory.current': content };
    const { opened } = tree(test, files, true);
    for (let pass = 0; pass < 2; pass++)
      opened.walk((raw) => {
        for (const file of Object.keys(files)) assert.equal(text(raw, file), content);
        return false;
      });
  });

  it('throws a LocatedError that names a directory in place of a file', (test) => {
    const { opened } = tree(test, { 'memory.stat/': '' });
    opened.walk((raw) => {
      if (raw.id.path === '/')
        assert.throws(() => raw.read('memory.stat'), /memory\.stat: expected a readable file, got EISDIR/);
      return false;
    });
  });
});

describe('the next walk', () => {
  it('finds a new cgroup and drops a removed one, although the link count is unchanged', (test) => {
    const { directory, opened } = tree(test, { 'a/': '', 'b/': '' }, true);
    assert.deepEqual(visited(opened), ['/', '/a', '/b']);
    fs.rmdirSync(path.join(directory, 'a'));
    fs.mkdirSync(path.join(directory, 'c'));
    // The link count is unchanged: only the missing child reveals the change.
    assert.deepEqual(visited(opened), ['/', '/b', '/c']);
  });

  it('treats a cgroup recreated with the same path as a different cgroup', (test) => {
    const { directory, opened } = tree(test, { 'a/': '' }, true);
    const inodes = () => {
      const found: number[] = [];
      opened.walk((raw) => {
        if (raw.id.path === '/a') found.push(raw.id.inode);
        return true;
      });
      return found;
    };
    const [before] = inodes();
    // A directory created in between keeps the file system from reusing the inode.
    fs.mkdirSync(path.join(directory, 'b'));
    fs.renameSync(path.join(directory, 'a'), path.join(directory, 'old'));
    fs.mkdirSync(path.join(directory, 'a'));
    const after = inodes();
    assert.equal(after.at(-1) === before, false);
  });

  it('visits all other cgroups when one is removed during the walk', (test) => {
    const { directory, opened } = tree(test, { 'a/b/': '', 'c/': '' }, true);
    const paths = visited(opened, (raw) => {
      if (raw.id.path === '/a') fs.rmSync(path.join(directory, 'a'), { recursive: true });
      return true;
    });
    assert.ok(paths.includes('/c'));
    assert.deepEqual(visited(opened), ['/', '/c']);
  });
});

describe('a tree that is too large', () => {
  it('is read to 64 levels of 1900, and one line reports the rest', (test) => {
    const { opened } = tree(test, { [`${'d/'.repeat(1900)}`]: '' });
    let visited = 0;
    const unseen = opened.walk(() => {
      visited++;
      return true;
    });
    assert.equal(visited, 65);
    assert.deepEqual(unseen, [{ cgroup: '/d'.repeat(64), why: 'its children are more than 64 levels deep' }]);
    assert.equal([...opened.scan(() => true)].length, 65);
  });

  it('is read without the cgroups whose path exceeds 1024 characters', (test) => {
    const { opened } = tree(test, { [`${'d'.repeat(250)}/`.repeat(5)]: '' });
    let visited = 0;
    const [unseen, ...others] = opened.walk(() => {
      visited++;
      return true;
    });
    assert.equal(visited, 5);
    assert.match(unseen?.why ?? '', /longer than 1024 characters/);
    assert.equal(others.length, 0);
    assert.equal([...opened.scan(() => true)].length, 5);
  });

  it('reports 50 names that are not valid UTF-8 in four lines', (test) => {
    const { directory, opened } = tree(test, {});
    for (let name = 0; name < 50; name++)
      fs.mkdirSync(Buffer.concat([Buffer.from(`${directory}/${name}`), Buffer.from([0xff])]));
    const unseen = opened.walk(() => true);
    assert.deepEqual(
      unseen.map(({ why }) => why),
      [...Array(3).fill('its name is not valid UTF-8'), '47 more of its children cannot be read'],
    );
  });

  it('is read where `admit` allows, and asks another `admit` about all cgroups again', (test) => {
    const { opened } = tree(test, { 'a/b/': '', 'c/': '' }, true);
    const walk = (admit?: (path: string) => boolean): string[] => {
      const paths: string[] = [];
      opened.walk(({ id }) => paths.push(id.path) > 0, admit);
      return paths.sort();
    };
    const asked: string[] = [];
    const onlyA = (path: string): boolean => {
      asked.push(path);
      return path.startsWith('/a');
    };
    assert.deepEqual(walk(onlyA), ['/', '/a', '/a/b']);
    assert.deepEqual(walk(onlyA), ['/', '/a', '/a/b']);
    // Nothing changed, so the second walk listed nothing again.
    assert.deepEqual(asked.toSorted(), ['/a', '/a/b', '/c']);
    assert.deepEqual(
      walk((path) => path === '/c'),
      ['/', '/c'],
    );
    assert.deepEqual(walk(), ['/', '/a', '/a/b', '/c']);
  });
});

describe('scan', () => {
  it('yields cgroups depth first, parents first, and descends only where `below` returns true', (test) => {
    const { opened } = tree(test, { 'a/b/c/': '', 'a/d/': '', 'e/f/': '' });
    let last = '';
    const paths: string[] = [];
    for (const { id } of opened.scan(() => last !== '/e')) {
      last = id.path;
      paths.push(last);
    }
    assert.deepEqual(paths.toSorted(), ['/', '/a', '/a/b', '/a/b/c', '/a/d', '/e']);
    assert.equal(paths.indexOf('/a/b/c'), paths.indexOf('/a/b') + 1);
    assert.ok(paths.lastIndexOf('/a/d') - paths.indexOf('/a') < 4);
  });

  it('closes all descriptors when it ends early and when the tree is closed', (test) => {
    const { directory, opened } = tree(test, { 'a/b/c/memory.current': '1\n' });
    const open = () =>
      fs.readdirSync('/proc/self/fd').filter((fd) => linkOf(fd).startsWith(directory)).length;
    for (const raw of opened.scan(() => true)) {
      raw.read('memory.current');
      if (raw.id.path === '/a/b') break;
    }
    assert.equal(open(), 0);
    const scan = opened.scan(() => true);
    scan.next();
    scan.next();
    assert.ok(open() > 0);
    opened.close();
    assert.equal(open(), 0);
  });
});

it('keeps 5 descriptors open for 20 cgroups when maxOpen is 5', (test) => {
  const directory = tempDir(test);
  lay(
    directory,
    Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`c${index}/memory.current`, '1\n'])),
  );
  const opened = new CgroupTree({
    directory,
    root: '/',
    live: true,
    hotFiles: ['memory.current'],
    maxOpen: 5,
  });
  const kept = () => fs.readdirSync('/proc/self/fd').filter((fd) => linkOf(fd).startsWith(directory)).length;
  let read = 0;
  opened.walk((raw) => {
    if (raw.read('memory.current') !== undefined) read++;
    return true;
  });
  assert.equal(read, 20);
  assert.equal(kept(), 5);
  opened.close();
  assert.equal(kept(), 0);
});

function linkOf(fd: string): string {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

describe('a late descent', () => {
  /** @param asks whether the visitor asks for new children */
  const walked = (opened: CgroupTree, asks: boolean): string[] => {
    const seen: string[] = [];
    opened.walk(
      (raw) => {
        seen.push(raw.id.path);
        return raw.id.path === '/a' ? 'late' : true;
      },
      undefined,
      (raw, looked) => {
        seen.push(`leaves ${raw.id.path}${looked ? ', looked' : ''}`);
        return !looked && asks;
      },
    );
    return seen;
  };

  it('looks for children first as long as none have been listed', (test) => {
    const { opened } = tree(test, { 'a/b/': '' }, true);
    assert.deepEqual(walked(opened, true), ['/', '/a', '/a/b', 'leaves /a, looked']);
  });

  it('finds a new child only if the visitor asks for it', (test) => {
    const { directory, opened } = tree(test, { 'a/b/': '' }, true);
    walked(opened, false);
    fs.mkdirSync(path.join(directory, 'a/c'));
    assert.deepEqual(walked(opened, false), ['/', '/a', '/a/b', 'leaves /a']);
    assert.deepEqual(walked(opened, true), ['/', '/a', '/a/b', 'leaves /a', '/a/c', 'leaves /a, looked']);
  });

  it('finds the child that replaced another one without being asked', (test) => {
    const { directory, opened } = tree(test, { 'a/b/memory.current': '1\n' }, true);
    walked(opened, false);
    fs.mkdirSync(path.join(directory, 'a/c'));
    fs.rmSync(path.join(directory, 'a/b'), { recursive: true });
    assert.deepEqual(walked(opened, false), ['/', '/a', '/a/c', 'leaves /a']);
  });
});
