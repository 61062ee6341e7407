import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { tempDir } from '../temp.ts';
import { run } from './run.ts';

const kubernetes = new URL('../../fixtures/hosts/kubernetes-v1/root', import.meta.url).pathname;

describe('realmem record', () => {
  it('records several samples, which top and free read back', async (test) => {
    const target = path.join(tempDir(test), 'recording');
    const args = ['record', target, '--root', kubernetes, '--samples', '3', '--every', '100ms'];
    const { code, stdout } = await run(args);
    assert.equal(code, 0);
    assert.match(stdout, /^Recorded \d+ files of \d+ cgroups and 3 samples in /);
    assert.deepEqual(fs.readdirSync(path.join(target, 'samples')), ['0002.json', '0003.json']);
    for (const command of ['top', 'free']) {
      const [from, copy] = await Promise.all([
        run([command, '--root', kubernetes]),
        run([command, '--root', target]),
      ]);
      assert.equal(copy.stdout, from.stdout);
    }
  });

  it('redacts every name and no number with --anonymize', async (test) => {
    const target = path.join(tempDir(test), 'recording');
    const { code, stdout } = await run(['record', target, '--root', kubernetes, '--anonymize', '-o', 'json']);
    assert.equal(code, 0);
    assert.doesNotMatch(stdout, /shop|postgres|8a05cdc7/);
    assert.equal((await run(['top', '--root', target, '-o', 'json'])).stdout, stdout);
    const [from, copy] = await Promise.all([
      run(['top', '--root', kubernetes, '-o', 'csv', '--no-headers']),
      run(['top', '--root', target, '-o', 'csv', '--no-headers']),
    ]);
    const numbers = (text: string): string[] =>
      text.split('\n').map((line) =>
        line
          .split(',')
          .filter((cell) => /^\d+$/.test(cell))
          .join(),
      );
    assert.deepEqual(numbers(copy.stdout).sort(), numbers(from.stdout).sort());
    for (const name of ['shop', 'cart', 'postgres', 'node-1', '8a05cdc7'])
      assert.equal(copy.stdout.includes(name), false, name);
  });

  it('refuses a directory that cannot be written, before it reads anything', {
    timeout: 60_000,
  }, async (test) => {
    const inUse = path.join(tempDir(test), 'file');
    fs.writeFileSync(inUse, '');
    const cgroups = '/sys/fs/cgroup/realmem-test-recording';
    const places = {
      ...{
        '/proc/x': /a file system of the kernel \(proc\)/,
        '/proc/self/task/x/y': /\(proc\)/,
        '/sys/x': /\(sysfs\)/,
      },
      ...{ [inUse]: /got ENOTDIR/, [`${inUse}/below`]: /got ENOTDIR/, '/dev/null/x': /got ENOTDIR/ },
      ...(fs.existsSync('/sys/fs/cgroup/cgroup.controllers') && { [cgroups]: /\(cgroup2\)/ }),
    };
    for (const [place, says] of Object.entries(places)) {
      const { code, stderr } = await run(['record', place, '--root', kubernetes]);
      assert.equal(code, 2, place);
      assert.match(stderr, /expected a writable directory, got /);
      assert.match(stderr, says);
    }
    assert.equal(fs.existsSync(cgroups), false);
  });

  it('refuses a directory inside the recorded root, also through a symbolic link', async (test) => {
    const directory = tempDir(test);
    const root = path.join(directory, 'host');
    fs.cpSync(kubernetes, root, { recursive: true });
    fs.symlinkSync(root, path.join(directory, 'link'));
    for (const place of ['host/sys/fs/cgroup/memory/new/one', 'link/new']) {
      const { code, stderr } = await run(['record', path.join(directory, place), '--root', root]);
      assert.equal(code, 2);
      assert.match(stderr, /expected a directory outside of the recorded host, got one in /);
    }
    assert.equal(fs.existsSync(path.join(root, 'new')), false);
  });

  for (const [args, says] of [
    [['--samples', '0'], /--samples: expected a number from 1 to \d+, got "0"/],
    [['--samples', 'many'], /got "many"/],
    [['--every', 'soon'], /--every: expected a duration .*, got "soon"/],
  ] as const)
    it(`exits with 2 on ${args.join(' ')}, and writes nothing`, async (test) => {
      const target = path.join(tempDir(test), 'recording');
      const { code, stderr } = await run(['record', target, '--root', kubernetes, ...args]);
      assert.equal(code, 2);
      assert.match(stderr, says);
      assert.equal(fs.existsSync(target), false);
    });
});
