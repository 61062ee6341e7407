/**
 * `npm run check`, the gate: types, lint and format, unused code, and all tests, at the same time. Fails after all have ended if
 * one has failed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { uncheckedFiles } from './unchecked-files.ts';

const root = path.resolve(import.meta.dirname, '..');
const cache = path.join(root, 'node_modules/.cache');
const env = {
  ...process.env,
  PATH: `${path.join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
  NODE_COMPILE_CACHE: path.join(cache, 'compile'),
};

const unchecked = uncheckedFiles(
  root,
  ['biome.json', 'node_modules/@biomejs/biome/package.json'],
  path.join(cache, 'biome.json'),
);
const colors = `--colors=${process.stdout.isTTY ? 'force' : 'off'}`;
const tolerant = ['--files-ignore-unknown=true', '--no-errors-on-unmatched'];

/** Each caches what it knows of unchanged files. */
const tools = [
  // The page runs in a browser, and its tests talk to one: their globals are others.
  ...['.', 'src/page/browser', 'test/browser'].map(
    (project) =>
      [
        'tsc',
        '-p',
        project,
        '--incremental',
        '--tsBuildInfoFile',
        path.join(cache, `${project.replaceAll('/', '-')}.tsbuildinfo`),
      ] as const,
  ),
  ...(unchecked.names?.length === 0
    ? []
    : [['biome', 'ci', '--error-on-warnings', colors, ...tolerant, ...(unchecked.names ?? [])] as const]),
  ['knip', '--cache'],
] as const;

/** @returns whether it succeeds */
async function succeeds([program, ...args]: readonly [string, ...string[]]): Promise<boolean> {
  const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  const outputs = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  // In one piece, because the tests print at the same time.
  if (code !== 0) process.stderr.write(`\n${outputs.join('')}\n`);
  else if (program === 'biome') unchecked.passed();
  return code === 0;
}

/** The tests print as they go. */
async function testsSucceed(): Promise<boolean> {
  const child = spawn('node', [path.join(root, 'test/run.ts')], { cwd: root, env, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return code === 0;
}

const results = await Promise.all([...tools.map(succeeds), testsSucceed()]);
const failed = [...tools.map(([name]) => name), 'the tests'].filter((_, index) => !results[index]);
if (failed.length > 0) {
  process.stderr.write(`npm run check: failed: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}
