/** The guard of a lowered limit, with plain files in place of a cgroup. test/host/probe.test.ts has the kernel's. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Guard, startGuard } from '../../../src/edges/reclaim/guard.ts';
import { lay, tempDir } from '../../temp.ts';

const program = [process.execPath, new URL('../../../src/cli.ts', import.meta.url).pathname];

/** As long as the text that the guard writes: a plain file keeps what is not overwritten. */
const lowered = { 'memory.limit_in_bytes': '1111', 'memory.oom_control': '1' };
const before = { limit: '2222', oomKillDisable: '0' };

async function guarded(test: TestContext): Promise<{ readonly guard: Guard; readonly files: () => object }> {
  const directory = tempDir(test);
  lay(directory, lowered);
  const guard = await startGuard(directory, before, program);
  const read = (file: string): string => fs.readFileSync(path.join(directory, file), 'utf8');
  return { guard, files: () => Object.fromEntries(Object.keys(lowered).map((file) => [file, read(file)])) };
}

const restored = { 'memory.limit_in_bytes': '2222', 'memory.oom_control': '0' };

describe('the guard of a limit', { timeout: 60_000 }, () => {
  it('restores the limit when the probe ends while it is armed', async (t) => {
    const { guard, files } = await guarded(t);
    await guard.arm();
    await guard.close();
    assert.deepEqual(files(), restored);
  });

  it('restores the limit when the probe does not disarm it, for example because it was stopped', async (t) => {
    const { guard, files } = await guarded(t);
    await guard.arm();
    while (JSON.stringify(files()) === JSON.stringify(lowered)) await delay(50);
    assert.match(JSON.stringify(files()), /2222/);
    guard.disarm();
    await guard.close();
  });

  it('writes nothing when it is not armed: something else may have changed the limit', async (t) => {
    const { guard, files } = await guarded(t);
    await guard.arm();
    guard.disarm();
    await guard.close();
    assert.deepEqual(files(), lowered);
  });

  it('is refused where the files are missing', async (t) => {
    await assert.rejects(
      startGuard(path.join(tempDir(t), 'gone'), before, program),
      /expected a second process that would restore the limit, got none: it ended/,
    );
  });
});
