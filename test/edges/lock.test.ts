import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { it, type TestContext } from 'node:test';
import { type Claim, claim, holderOf, type Lock } from '../../src/edges/lock.ts';
import { tempDir } from '../temp.ts';

const lockOf = (claimed: Claim): Lock => {
  assert.ok(claimed.kind === 'held', JSON.stringify(claimed));
  return claimed.lock;
};

/** Starts another process that holds the lock. */
async function holder(test: TestContext, file: string) {
  const module = new URL('../../src/edges/lock.ts', import.meta.url);
  const script = `import { claim } from '${module}';
    const claimed = await claim('${file}', 'the other one');
    process.stdout.write(claimed.kind);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  test.after(() => child.kill('SIGKILL'));
  const [said] = await once(child.stdout, 'data');
  assert.equal(String(said), 'held');
  return child;
}

it('claim names the holder of a taken lock, and takes over after the holder was killed', async (test) => {
  const file = path.join(tempDir(test), 'a.lock');
  const child = await holder(test, file);
  assert.deepEqual(await claim(file, 'this one'), { kind: 'taken', by: 'the other one' });
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.ok(fs.existsSync(file), 'a killed holder cannot remove its socket');
  const lock = lockOf(await claim(file, 'this one'));
  assert.ok(lock.isHeld());
  lock.release();
  assert.ok(!fs.existsSync(file));
});

it('claim finds the lock of a stopped process taken', async (test) => {
  const file = path.join(tempDir(test), 'a.lock');
  const child = await holder(test, file);
  child.kill('SIGSTOP');
  assert.equal((await claim(file, 'this one')).kind, 'taken');
  child.kill('SIGCONT');
});

it('exactly one of eight concurrent claims holds a stale lock in the end', async (test) => {
  const file = path.join(tempDir(test), 'a.lock');
  const child = await holder(test, file);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const claims = await Promise.all(Array.from({ length: 8 }, (_, index) => claim(file, `number ${index}`)));
  const held = claims.flatMap((one) => (one.kind === 'held' && one.lock.isHeld() ? [one.lock] : []));
  assert.equal(held.length, 1);
  for (const one of claims) if (one.kind === 'held') one.lock.release();
});

it('a removed lock is no longer held, and its release does not remove the lock of the next holder', async (test) => {
  const file = path.join(tempDir(test), 'a.lock');
  const first = lockOf(await claim(file, 'first'));
  fs.rmSync(file);
  assert.ok(!first.isHeld());
  const second = lockOf(await claim(file, 'second'));
  first.release();
  assert.ok(second.isHeld());
  second.release();
});

it('claim returns the reason when a socket cannot be created', async (test) => {
  const directory = tempDir(test);
  assert.deepEqual(await claim(path.join(directory, 'not', 'there.lock'), ''), {
    kind: 'none',
    why: 'EACCES',
  });
  const long = await claim(path.join(directory, 'x'.repeat(120)), '');
  assert.deepEqual(long, { kind: 'none', why: 'its path is longer than 107 bytes' });
});

it('holderOf names the holder, takes no lock, and names nobody once the holder was killed', async (test) => {
  const file = path.join(tempDir(test), 'a.lock');
  assert.equal(await holderOf(file), undefined);
  assert.equal(fs.existsSync(file), false);
  const child = await holder(test, file);
  assert.equal(await holderOf(file), 'the other one');
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(await holderOf(file), undefined);
  assert.equal(await holderOf(`/${'a'.repeat(200)}`), undefined, 'too long for a socket');
});
