/** The memory of a cgroup includes all cgroups below it. On v1 the same file also has figures without them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directoryOf, makeCgroup, ownCgroup, readMemory, whileUnchanged } from './machine/cgroups.ts';
import { Cleanup } from './machine/cleanup.ts';
import { run } from './machine/command.ts';
import { startAgent } from './realmem/agent.ts';
import { assertExact, describe } from './realmem/figures.ts';
import { mebibyte } from './runtimes/container.ts';

const written = 10 * mebibyte;

test('the parent of a cgroup that reads a file', { timeout: 60_000 }, async (t) => {
  const cleanup = new Cleanup(t);
  const parent = ownCgroup(cleanup);
  const child = `${parent}/child`;
  makeCgroup(child);
  // The processes exit at once, but the pages that they read stay charged. Half of them are read again and become active.
  const script = `
    echo $$ > "$0" || exit
    dd if=/dev/zero "of=$1" bs=1048576 count=${written / mebibyte} status=none
    for again in 1 2; do head -c ${written / 2} "$1" > /dev/null; done`;
  run(['sh', '-c', script, `${directoryOf(child)}/cgroup.procs`, `${cleanup.directory()}/file`]);
  const { activeFile, inactiveFile } = readMemory(child);
  assert.ok(activeFile > 0 && inactiveFile > 0, `active ${activeFile}, inactive ${inactiveFile}`);
  const agent = await startAgent(cleanup, ['--period', '1s', '--report-dir', 'off']);

  await t.test('includes that file in its figures, exact to the byte', async () => {
    const { memory, value } = await whileUnchanged([parent, child], () => agent.reportSince(Date.now()));
    for (const [index, cgroup] of [parent, child].entries()) {
      assertExact(value, { cgroup }, memory[index]);
      t.diagnostic(describe(value, { cgroup }));
    }
  });
});
