/** The lowered limit of cgroup v1, with plain files in place of a cgroup. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openLimit } from '../../../src/edges/reclaim/lowered-limit.ts';
import type { Reclaimer } from '../../../src/edges/reclaim/reclaimer.ts';
import { lay, tempDir } from '../../temp.ts';

const MiB = 2 ** 20;
const limit = 256 * MiB;

interface Opened {
  readonly reclaimer: Reclaimer;
  /** What the guard was told, with the text of the limit's file at that moment. */
  readonly told: readonly string[];
  readonly limitFile: string;
}

async function open(
  test: TestContext,
  usage: number,
  whileArming?: (limitFile: string) => void,
): Promise<Opened> {
  const directory = tempDir(test);
  lay(directory, {
    'memory.limit_in_bytes': `${limit}\n`,
    'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\n',
  });
  const limitFile = path.join(directory, 'memory.limit_in_bytes');
  const told: string[] = [];
  const note = (word: string): void => void told.push(`${word} ${fs.readFileSync(limitFile, 'utf8').trim()}`);
  const reclaimer = await openLimit(
    directory,
    () => usage,
    async (_, before) => {
      assert.deepEqual(before, { limit: String(limit), oomKillDisable: '0' });
      const guard = {
        arm: async () => {
          whileArming?.(limitFile);
          note('arm');
        },
        disarm: () => note('disarm'),
      };
      return { ...guard, close: async () => note('close') };
    },
  );
  return { reclaimer, told, limitFile };
}

describe('openLimit', () => {
  it('writes the lower limit and then the old one, while the guard is armed', async (t) => {
    const { reclaimer, told } = await open(t, 96 * MiB);
    await reclaimer.take(8 * MiB, 16 * MiB);
    await reclaimer.close();
    // A plain file keeps both texts. The lower one is shorter by a digit.
    const both = `${88 * MiB}${limit}`;
    assert.deepEqual(told, [`arm ${limit}`, `disarm ${both}`, `close ${both}`]);
  });

  it('never writes less than what must remain', async (t) => {
    const { reclaimer, told } = await open(t, 96 * MiB);
    await reclaimer.take(90 * MiB, 16 * MiB);
    assert.deepEqual(told, [`arm ${limit}`, `disarm ${16 * MiB}${limit}`]);
    await reclaimer.close();
  });

  it('never raises the limit', async (t) => {
    const { reclaimer, limitFile } = await open(t, 400 * MiB);
    await reclaimer.take(8 * MiB, 16 * MiB);
    assert.equal(fs.readFileSync(limitFile, 'utf8'), `${limit}\n`);
    await reclaimer.close();
  });

  it('leaves a limit that something else changed meanwhile, and says so', async (t) => {
    const { reclaimer, told, limitFile } = await open(t, 96 * MiB);
    fs.writeFileSync(limitFile, `${512 * MiB}\n`);
    await assert.rejects(
      reclaimer.take(8 * MiB, 16 * MiB),
      /expected the limit that it had at first, 268435456, got 536870912; try again/,
    );
    assert.deepEqual(told, [`arm ${512 * MiB}`, `disarm ${512 * MiB}`]);
    assert.equal(fs.readFileSync(limitFile, 'utf8'), `${512 * MiB}\n`);
    await reclaimer.close();
  });

  it('leaves a limit that changed while the guard was armed', async (t) => {
    const change = (file: string): void => fs.writeFileSync(file, `${512 * MiB}\n`);
    const { reclaimer, limitFile } = await open(t, 96 * MiB, change);
    await assert.rejects(reclaimer.take(8 * MiB, 16 * MiB), /got 536870912/);
    assert.equal(fs.readFileSync(limitFile, 'utf8'), `${512 * MiB}\n`);
    await reclaimer.close();
  });
});
