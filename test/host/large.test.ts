/** More than the kernel gives in one read, and deeper than any stack: cgroups of this machine's own. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { test } from 'node:test';
import { realmem } from './agent.ts';
import { directoryOf, makeCgroup, ownCgroup } from './cgroups.ts';
import { Cleanup } from './cleanup.ts';
import { endProcesses, until } from './command.ts';

const processes = 900;

test('a cgroup of 900 processes', { timeout: 120_000 }, async (t) => {
  const cleanup = new Cleanup(t);
  const own = ownCgroup(cleanup);
  // One shell makes them all; each writes its PID, waits, and is ended by it.
  const file = `${cleanup.directory()}/pids`;
  const script = `
    echo $$ > "$1/cgroup.procs" || exit
    n=1; while [ $n -lt ${processes} ]; do sleep 300 & echo $!; n=$((n + 1)); done > "$0"
    echo $$ >> "$0"; wait`;
  const child = spawn('sh', ['-c', script, file, directoryOf(own)], { stdio: 'ignore' });
  const pidsOf = (): readonly number[] =>
    fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number) : [];
  cleanup.add(() => endProcesses([...pidsOf(), ...(child.pid === undefined ? [] : [child.pid])], 2));
  await until('the processes', () => (pidsOf().length === processes ? true : undefined), 60);

  await t.test('lists them all', () => {
    const lines = realmem(['ps', own, '--no-headers']).split('\n').filter(Boolean);
    assert.equal(lines.length, processes);
  });
});

test('a chain of cgroups', { timeout: 120_000 }, async (t) => {
  const cleanup = new Cleanup(t);
  const own = ownCgroup(cleanup);
  // As deep as the kernel lets a path be.
  let [cgroup, depth] = [own, 0];
  try {
    for (; depth < 1_900; depth++) {
      makeCgroup(`${cgroup}/d`);
      cgroup += '/d';
    }
  } catch (error) {
    t.diagnostic(`no deeper than ${depth}: ${error}`);
  }
  assert.ok(depth > 64, `${depth} levels are no test`);

  await t.test('is in the report to its 64th level, with a line about the rest', () => {
    const { others, skipped } = JSON.parse(realmem(['top', '-o', 'json']));
    const mine = others.filter((one: { readonly cgroup: string }) => one.cgroup.startsWith(own));
    assert.equal(mine.length, 64);
    assert.ok(
      skipped.some(
        (one: { readonly cgroup: string; readonly why: string }) =>
          one.cgroup.startsWith(own) && one.why === 'what is below is more than 64 levels deep',
      ),
    );
  });
});
