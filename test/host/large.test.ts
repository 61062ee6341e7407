/** Large cgroups: more processes than one read returns, and a path with nearly 2,000 levels. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { test } from 'node:test';
import { directoryOf, makeCgroup, ownCgroup } from './machine/cgroups.ts';
import { Cleanup } from './machine/cleanup.ts';
import { endProcesses, until } from './machine/command.ts';
import { realmem } from './realmem/agent.ts';

const processes = 900;

test('a cgroup of 900 processes', { timeout: 120_000 }, async (t) => {
  const cleanup = new Cleanup(t);
  const own = ownCgroup(cleanup);
  // One shell starts them all. Each writes its PID and waits until the shell ends it.
  const file = `${cleanup.directory()}/pids`;
  const script = `
    echo $$ > "$1/cgroup.procs" || exit
    n=1; while [ $n -lt ${processes} ]; do sleep 300 & echo $!; n=$((n + 1)); done > "$0"
    echo $$ >> "$0"; wait`;
  const child = spawn('sh', ['-c', script, file, directoryOf(own)], { stdio: 'ignore' });
  const pidsOf = (): readonly number[] =>
    fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number) : [];
  cleanup.add(() => endProcesses([...pidsOf(), ...(child.pid === undefined ? [] : [child.pid])], 2));
  await until(`${processes} processes`, () => (pidsOf().length === processes ? true : undefined), 60);

  await t.test('has 900 processes in realmem ps', () => {
    const lines = realmem(['ps', own, '--no-headers']).split('\n').filter(Boolean);
    assert.equal(lines.length, processes);
  });
});

test('a chain of cgroups', { timeout: 120_000 }, async (t) => {
  const cleanup = new Cleanup(t);
  const own = ownCgroup(cleanup);
  // As deep as the kernel allows a path.
  let [cgroup, depth] = [own, 0];
  try {
    for (; depth < 1_900; depth++) {
      makeCgroup(`${cgroup}/d`);
      cgroup += '/d';
    }
  } catch (error) {
    t.diagnostic(`the kernel refuses level ${depth}: ${error}`);
  }
  assert.ok(depth > 64, `expected more than 64 levels, got ${depth}`);

  await t.test('appears in the report down to level 64, and skipped says why not further', () => {
    const { others, skipped } = JSON.parse(realmem(['top', '-o', 'json']));
    const mine = others.filter((one: { readonly cgroup: string }) => one.cgroup.startsWith(own));
    assert.equal(mine.length, 64);
    assert.ok(
      skipped.some(
        (one: { readonly cgroup: string; readonly why: string }) =>
          one.cgroup.startsWith(own) && one.why === 'its children are more than 64 levels deep',
      ),
    );
  });
});
