import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type Followed, MemoryEvents } from '../../../src/edges/watch/memory-events.ts';
import { lay, tempDir } from '../../temp.ts';

function followed(test: TestContext, most = 10, root = '/') {
  const directory = tempDir(test);
  const checks: string[] = [];
  const failures: string[] = [];
  let checked = Promise.withResolvers<string>();
  const events = new MemoryEvents({
    ...{ directory, root, live: false, most },
    check(cgroup) {
      checks.push(cgroup);
      checked.resolve(cgroup);
      checked = Promise.withResolvers();
      return false;
    },
    isFollowed: (child) => path.basename(child).startsWith('pod'),
    onFailure: (message) => failures.push(message),
  });
  test.after(() => events.close());
  /** Creates cgroups with their files. */
  const make = (...paths: readonly string[]): void =>
    lay(directory, Object.fromEntries(paths.map((one) => [`${one}/memory.events`, 'oom_kill 0\n'])));
  const kill = (cgroup: string): void =>
    fs.writeFileSync(path.join(directory, cgroup, 'memory.events'), 'oom_kill 1\n');
  const one = (cgroup: string, of: Followed['of'] = 'events'): Followed => ({
    id: {
      path: cgroup,
      inode: fs.statSync(path.join(directory, root === '/' ? cgroup : cgroup.slice(root.length))).ino,
    },
    of,
  });
  return { directory, events, checks, failures, next: () => checked.promise, make, kill, one };
}

describe('memory events', () => {
  it('lead to a check of the cgroup whose file changed, and at no other', async (test) => {
    const { events, checks, next, make, kill, one } = followed(test);
    make('a', 'b');
    events.follow([one('/a'), one('/b')]);
    const checked = next();
    kill('b');
    assert.equal(await checked, '/b');
    assert.deepEqual([...new Set(checks)], ['/b']);
  });

  it('are found by the path in the hierarchy, of which a part may be mounted', async (test) => {
    const { events, next, make, kill, one } = followed(test, 10, '/docker/x');
    make('pods/a');
    events.follow([one('/docker/x/pods/a')]);
    const checked = next();
    kill('pods/a');
    assert.equal(await checked, '/docker/x/pods/a');
  });

  it('of a cgroup that is gone, or was replaced under the same path, are not followed any more', async (test) => {
    const { directory, events, next, make, kill, one } = followed(test);
    make('a', 'b', 'c');
    events.follow([one('/a'), one('/b'), one('/c')]);
    fs.renameSync(path.join(directory, 'b'), path.join(directory, 'old'));
    make('b');
    events.follow([one('/b'), one('/c')]);
    assert.equal(events.size, 2);
    for (const changed of ['b', 'c']) {
      const checked = next();
      kill(changed);
      assert.equal(await checked, `/${changed}`);
    }
  });

  it('of a new child are followed at once, if it is wanted', async (test) => {
    const { events, next, make, kill, one } = followed(test);
    make('kubepods');
    events.follow([one('/kubepods', 'children')]);
    make('kubepods/pod1', 'kubepods/other');
    while (events.size < 2) await new Promise(setImmediate);
    const checked = next();
    kill('kubepods/other');
    kill('kubepods/pod1');
    assert.equal(await checked, '/kubepods/pod1');
    assert.equal(events.size, 2);
  });

  it('of more cgroups than the limit are left out, the last first, and it says so once', (test) => {
    const { events, failures, make, one } = followed(test, 2);
    make('a', 'b', 'c');
    const all = ['/a', '/b', '/c'].map((cgroup) => one(cgroup));
    events.follow(all);
    events.follow(all);
    assert.equal(events.size, 2);
    assert.deepEqual(failures, [
      'cannot follow the memory events of every cgroup: the agent follows the memory events of 2 cgroups at most. The agent sees OOM kills in the others at its next report',
    ]);
  });

  it('of a cgroup that is already gone are no failure', (test) => {
    const { directory, events, failures, make, one } = followed(test);
    make('a', 'b');
    const all = ['/a', '/b'].map((cgroup) => one(cgroup));
    fs.rmSync(path.join(directory, 'a'), { recursive: true });
    events.follow(all);
    assert.equal(events.size, 1);
    assert.deepEqual(failures, []);
  });
});

/** Follows two cgroups in a user namespace with these limits, which are its own. Prints how many it follows, and why not more. */
const limited = (directory: string, sysctl: string, most: number): string =>
  execFileSync(
    'unshare',
    [
      ...[
        '--user',
        '--map-root-user',
        'sh',
        '-c',
        `echo ${most} >/proc/sys/user/${sysctl} && exec "$@"`,
        'sh',
      ],
      ...[process.execPath, '--input-type=module', '-e'],
      `import fs from 'node:fs';
       import { MemoryEvents } from ${JSON.stringify(new URL('../../../src/edges/watch/memory-events.ts', import.meta.url).pathname)};
       const directory = ${JSON.stringify(directory)};
       const onFailure = (message) => console.log(message);
       const events = new MemoryEvents({ directory, root: '/', live: false, check: () => false, isFollowed: () => false, onFailure });
       const of = (path) => ({ id: { path, inode: fs.statSync(directory + path).ino }, of: 'events' });
       for (let pass = 0; pass < 2; pass++) events.follow(['/a', '/b'].map(of));
       console.log(events.size);
       events.close();`,
    ],
    { encoding: 'utf8' },
  );

const canUnshare = ((): boolean => {
  try {
    execFileSync(
      'unshare',
      ['--user', '--map-root-user', 'test', '-w', '/proc/sys/user/max_inotify_watches'],
      {
        stdio: 'ignore',
      },
    );
    return true;
  } catch {
    return false;
  }
})();
const skip = !canUnshare && 'this machine forbids user namespaces';

describe('the limits of inotify', { skip }, () => {
  for (const [sysctl, most, size, why] of [
    ['max_inotify_watches', 1, 1, 'watches of its user are used up (sysctl fs.inotify.max_user_watches)'],
    [
      'max_inotify_instances',
      0,
      0,
      'instances of its user are used up (sysctl fs.inotify.max_user_instances)',
    ],
  ] as const)
    it(`user.${sysctl}=${most} costs the events of the other cgroups, and it says so once`, (test) => {
      const directory = tempDir(test);
      lay(directory, { 'a/memory.events': '', 'b/memory.events': '' });
      assert.deepEqual(limited(directory, sysctl, most).trimEnd().split('\n'), [
        `cannot follow the memory events of every cgroup: the inotify ${why}. The agent sees OOM kills in the others at its next report`,
        String(size),
      ]);
    });
});
