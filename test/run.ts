/**
 * Runs the tests that need neither root nor a cluster. One process runs all files of a folder: a process takes longer to start than most
 * files take to run.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { pathToFileURL } from 'node:url';
import { makeTempDir } from './temp.ts';

const tests = import.meta.dirname;

/** Long files. Each has a process of its own and starts early, so that the others run beside it. */
const alone = new Set([
  'agent/hosts/many-cgroups.test.ts',
  'chart/render.test.ts',
  'scale/scale.test.ts',
  'kube/limits/tenant-pods.test.ts',
]);

/** The files by the process that runs them. Long processes start first: none runs on one core when the others are done. */
function groups(): Map<string, string[]> {
  const found = ['!(bench|cluster|host|originals|truth)/**/*.test.ts', '*.test.ts'];
  const files = fs.globSync(found, { cwd: tests }).sort();
  for (const file of alone)
    assert.ok(files.includes(file), `expected test/${file}, which test/run.ts names, got no such file`);
  const byGroup = Map.groupBy(files, (file) => (alone.has(file) ? file : path.dirname(file)));
  const size = ([group, members]: [string, string[]]) => (alone.has(group) ? files.length : members.length);
  return new Map([...byGroup].sort((a, b) => size(b) - size(a)));
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
const longestMs = 900_000;

run({
  files: [...groups()].map(([group, files]) => entry(entries, group, files)),
  concurrency: 3,
  timeout: longestMs,
})
  .on('test:fail', () => {
    process.exitCode = 1;
  })
  .compose(spec)
  .pipe(process.stdout);
