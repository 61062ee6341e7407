/** Runs the commands of the documents that read this machine or take long, as a reader does: in a shell, with npm and npx. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { allBlocks, isRun, nameOf, root, stepsOf } from '../docs/blocks.ts';

const blocks = allBlocks().filter((block) => isRun(block) && block.place.where === 'host');

/** Each command once, with a block that shows it. */
const commands = new Map(
  blocks.flatMap((block) => stepsOf(block).map(({ command }) => [command, nameOf(block)] as const)),
);

describe('the commands of the documents', { timeout: 240_000 }, () => {
  for (const [command, where] of commands)
    it(`${command} (${where})`, () => {
      const cwd = fileURLToPath(root);
      const { status, stdout, stderr } = spawnSync('bash', ['-c', command], { cwd, encoding: 'utf8' });
      // doctor also exits with 1: it found a problem of this machine.
      assert.ok(status === 0 || (status === 1 && command.includes(' doctor')), `${status}: ${stderr}`);
      assert.notEqual(stdout.trim(), '', 'expected output, got none');
    });
});
