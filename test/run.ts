/**
 * Runs the tests that need neither root nor a cluster. One process runs all files of a folder: a process takes longer to start than most
 * files take to run.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { pathToFileURL } from 'node:url';
import { makeTempDir } from './temp.ts';

const tests = import.meta.dirname;
const cache = path.resolve(tests, '../node_modules/.cache');
// Absolute, for the programs that tests start in other directories.
process.env['NODE_COMPILE_CACHE'] = path.join(cache, 'compile');
// For the tests, and for the programs of ours that they start.
process.env['NODE_OPTIONS'] =
  `${process.env['NODE_OPTIONS'] ?? ''} --import=${new URL('kubeconfig-only.ts', import.meta.url).href}`;

/** Long files. Each has a process of its own, so that the others run beside it. */
const alone = new Set([
  'agent/hosts/many-cgroups.test.ts',
  'chart/render.test.ts',
  'scale/scale.test.ts',
  'kube/limits/tenant-pods.test.ts',
]);

/** Seconds by group: how long its process took in the last run. */
type Durations = Readonly<Record<string, number>>;
const durationsFile = path.join(cache, 'test-durations.json');

function lastDurations(): Durations {
  try {
    return JSON.parse(fs.readFileSync(durationsFile, 'utf8')) as Durations;
  } catch {
    return {};
  }
}

/** The files by the process that runs them. The longest start first: none runs on one core when the others are done. */
function groups(): ReadonlyMap<string, readonly string[]> {
  const found = ['!(bench|browser|cluster|host|originals|truth)/**/*.test.ts', '*.test.ts'];
  const files = fs.globSync(found, { cwd: tests }).sort();
  for (const file of alone)
    assert.ok(files.includes(file), `expected test/${file}, which test/run.ts names, got no such file`);
  const byGroup = Map.groupBy(files, (file) => (alone.has(file) ? file : path.dirname(file)));
  const last = lastDurations();
  const seconds = ([group, members]: [string, string[]]) =>
    last[group] ?? (alone.has(group) ? files.length : members.length);
  return new Map([...byGroup].sort((a, b) => seconds(b) - seconds(a)));
}

/** Writes the module that imports the test files of a group. */
function entry(directory: string, group: string, files: readonly string[]): string {
  const target = path.join(directory, `${group.replaceAll('/', '.')}.mjs`);
  const urls = files.map((file) => pathToFileURL(path.join(tests, file)).href);
  fs.writeFileSync(target, urls.map((url) => `import ${JSON.stringify(url)};\n`).join(''));
  return target;
}

const entries = makeTempDir();
process.on('exit', () => fs.rmSync(entries, { recursive: true }));
/** A test that waits for something that never comes must not hold up a run for ever. */
const longestMs = 300_000;

const groupOf = new Map([...groups()].map(([group, files]) => [entry(entries, group, files), group]));
const durations: Record<string, number> = {};

run({
  files: [...groupOf.keys()],
  // One more than there are cores, because some tests wait.
  concurrency: os.availableParallelism() + 1,
  timeout: longestMs,
})
  .on('test:fail', () => {
    process.exitCode = 1;
  })
  .on('test:summary', ({ file, duration_ms }) => {
    const group = groupOf.get(file ?? '');
    if (group !== undefined) durations[group] = duration_ms / 1000;
    else {
      fs.mkdirSync(cache, { recursive: true });
      fs.writeFileSync(durationsFile, JSON.stringify(durations, undefined, 2));
    }
  })
  .compose(spec)
  .pipe(process.stdout);
