/**
 * `npm run check`, the gate: types, lint and format, unused code, and all tests, at the same time. Fails after all have ended if
 * one has failed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import { sumsOf, unchanged, uncheckedFiles } from './unchecked-files.ts';

const root = path.resolve(import.meta.dirname, '..');
const cache = path.join(root, 'node_modules/.cache');
const env = {
  ...process.env,
  PATH: `${path.join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
  NODE_COMPILE_CACHE: path.join(cache, 'compile'),
};

const inRoot = (...names: readonly string[]): readonly string[] => names.map((name) => path.join(root, name));
const sums = sumsOf(root);
const unchecked = uncheckedFiles(
  sums,
  inRoot('biome.json', 'node_modules/@biomejs/biome/package.json'),
  path.join(cache, 'biome.json'),
);
const colors = `--colors=${process.stdout.isTTY ? 'force' : 'off'}`;
const tolerant = ['--files-ignore-unknown=true', '--no-errors-on-unmatched'];

const installed = inRoot('node_modules/.package-lock.json');

interface Tool {
  readonly command: readonly [string, ...string[]];
  /** Runs once the tool has passed. */
  passed(): void;
}

/** A tool that need not run again until a file of the repository, or an installed package, changes. */
function whenChanged(record: string, command: Tool['command']): readonly Tool[] {
  const { holds, passed } = unchanged(sums, installed, path.join(cache, `${record}.passed.json`));
  return holds ? [] : [{ command, passed }];
}

/** Each caches what it knows of unchanged files. */
const tools: readonly Tool[] = [
  // The page runs in a browser, and its tests talk to one: their globals are others.
  ...['.', 'src/page/browser', 'test/browser'].flatMap((project) => {
    const name = project.replaceAll('/', '-');
    return whenChanged(`tsc-${name}`, [
      ...(['tsc', '-p', project, '--incremental'] as const),
      ...['--tsBuildInfoFile', path.join(cache, `${name}.tsbuildinfo`)],
    ]);
  }),
  ...(unchecked.names?.length === 0
    ? []
    : [
        {
          command: [
            ...(['biome', 'ci', '--error-on-warnings', colors] as const),
            ...[...tolerant, ...(unchecked.names ?? [])],
          ] as const,
          passed: unchecked.passed,
        },
      ]),
  ...whenChanged('knip', ['knip', '--cache']),
];

/** @returns whether it succeeds */
async function succeeds({ command: [program, ...args], passed }: Tool): Promise<boolean> {
  const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  const outputs = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  // In one piece, because the tests print at the same time.
  if (code !== 0) process.stderr.write(`\n${outputs.join('')}\n`);
  // A file that is saved while the tool runs has not passed it.
  else if (isDeepStrictEqual(sumsOf(root), sums)) passed();
  return code === 0;
}

/** The tests print as they go. */
async function testsSucceed(): Promise<boolean> {
  const child = spawn('node', [path.join(root, 'test/run.ts')], { cwd: root, env, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return code === 0;
}

const results = await Promise.all([...tools.map(succeeds), testsSucceed()]);
const failed = [...tools.map(({ command: [name] }) => name), 'the tests'].filter(
  (_, index) => !results[index],
);
if (failed.length > 0) {
  process.stderr.write(`npm run check: failed: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}
