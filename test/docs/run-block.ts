/** Runs the commands of a block, and returns what each prints. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { widthOf } from '../../src/layout/width.ts';
import { run } from '../cli/run.ts';
import { tempDir } from '../temp.ts';
import { type Block, nameOf, ownArguments, root, type Step, stepsOf, wordsOf } from './blocks.ts';

const clone = fileURLToPath(root);
const program = (name: string): string => path.join(clone, `bin/${name}.mjs`);

/** Programs that run here as they are. Any other needs a mark at its block. */
const programs = new Set(['cd', 'cat', 'echo', 'grep', 'head', 'kubectl', 'npx', 'realmem']);

/** @param kubeconfig of the cluster that `kubectl realmem` asks */
export async function runBlock(
  block: Block,
  kubeconfig: string,
  test: TestContext,
): Promise<readonly string[]> {
  const steps = stepsOf(block);
  const own = steps.map(({ command }) => ownArguments(wordsOf(command) ?? []));
  if (own.some((one) => one === undefined)) return inShell(block, steps, kubeconfig, test);
  const printed: string[] = [];
  for (const [index, one] of own.entries()) {
    const { isPlugin = false, args = [] } = one ?? {};
    // As on a terminal of 80 columns without colours, or into a pipe where the document shows longer lines.
    const isWide = steps[index]?.output.split('\n').some((line) => widthOf(line) > 80) === true;
    const screen = { isPlugin, ...(isWide ? {} : { columns: 80 }) };
    const { code, stdout, stderr } = await run(args.map(fromClone), { KUBECONFIG: kubeconfig }, screen);
    assert.deepEqual([code, stderr], [0, ''], `${nameOf(block)}: ${args.join(' ')}`);
    printed.push(stdout);
  }
  return printed;
}

/** A reader stands in the clone. The tests may stand elsewhere. */
const fromClone = (arg: string): string => (arg.startsWith('fixtures/') ? path.join(clone, arg) : arg);

/** Ends the output of a step. */
const mark = '\u001e';

/** All steps in one shell, because `cd` holds for the next ones; in a copy of the clone's directory, because `>` writes. */
async function inShell(
  block: Block,
  steps: readonly Step[],
  kubeconfig: string,
  test: TestContext,
): Promise<readonly string[]> {
  for (const { command } of steps) {
    const [name = ''] = command.split(' ');
    assert.ok(
      programs.has(name) && !/\b(?:kubectl|npx) (?!realmem )/.test(command),
      `${nameOf(block)}: ${name} does not run in npm test; mark the block as test/docs/blocks.ts says`,
    );
  }
  const directory = tempDir(test);
  for (const name of fs.readdirSync(clone))
    fs.symlinkSync(path.join(clone, name), path.join(directory, name));
  const realmem = `'${process.execPath}' '${program('realmem')}' "$@"`;
  const script = [
    'set -euo pipefail',
    `realmem() { ${realmem}; }`,
    `npx() { shift; ${realmem}; }`,
    `kubectl() { shift; '${process.execPath}' '${program('kubectl-realmem')}' "$@"; }`,
    ...steps.map(({ command }) => `${command}\nprintf '${mark}'`),
  ].join('\n');
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  // Not synchronous: this process serves the cluster's API.
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: directory, env });
  return stdout.split(mark).slice(0, -1);
}

const gap = '…';

/** Whether the lines are in the output in this order. A line `…` stands for any number of lines. */
export function shows(shown: string, printed: string): boolean {
  const parts = shown.split(/^…\n/m);
  let from = 0;
  for (const [index, part] of parts.entries()) {
    const at = index === 0 ? (printed.startsWith(part) ? 0 : -1) : printed.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return shown.endsWith(`${gap}\n`) || from === printed.length;
}

/**
 * The lines of a new output that the old ones showed: as many as before each `…`, and after it from the line with the same first words.
 * @throws if no line begins like the old one
 */
export function shortened(shown: string, printed: string): string {
  if (!shown.split('\n').includes(gap)) return printed;
  const lines = printed.trimEnd().split('\n');
  const beginning = (line = '', words = 2): string => line.trim().split(/\s+/, words).join(' ');
  let from = 0;
  const parts = shown.split(/^…\n/m).map((part, index) => {
    const old = part.split('\n').slice(0, -1);
    if (old.length === 0) return '';
    const starts = (words: number): number =>
      lines.findIndex((line, at) => at >= from && beginning(line, words) === beginning(old[0], words));
    const at = index === 0 ? 0 : starts(2) >= 0 ? starts(2) : starts(1);
    assert.ok(at >= 0, `no line begins like ${old[0]}; choose the lines by hand`);
    from = at + old.length;
    return `${lines.slice(at, from).join('\n')}\n`;
  });
  return parts.join(`${gap}\n`);
}
