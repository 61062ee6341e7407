/** Tests that need a process: the executable file, exit codes, streams and signals. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import manifest from '../../package.json' with { type: 'json' };
import { bareEnv, runProcess, startProcess } from './process.ts';

const kubernetes = new URL('../../fixtures/hosts/kubernetes-v1/root', import.meta.url).pathname;
const bin = new URL('../../bin/realmem.mjs', import.meta.url).pathname;

/** PATH starts with the node that runs these tests. */
const env = { ...bareEnv, PATH: `${path.dirname(process.execPath)}:${bareEnv.PATH}` };

describe('the process', () => {
  it('runs as an executable file, prints to standard output and exits with 0', () => {
    const { status, stdout, stderr } = spawnSync(bin, ['--version'], { env, encoding: 'utf8' });
    assert.deepEqual([status, stdout, stderr], [0, `realmem ${manifest.version}\n`, '']);
  });

  it('prints names with top -o name, like an in-process run', async () => {
    const { code, stdout, stderr } = await runProcess(['top', '--root', kubernetes, '-o', 'name']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(stdout.split('\n')[0], 'data/postgres-0/postgres');
  });

  it('exits with 2 on an unknown flag, and prints the error to standard error', async () => {
    const { code, stdout, stderr } = await runProcess(['top', '--bye', 'pod']);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^error: unknown flag: --bye; did you mean --by\?/);
  });

  it('exits with 1 if it cannot write its output', () => {
    const full = fs.openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(bin, ['--help'], {
      ...{ env, encoding: 'utf8' },
      stdio: ['ignore', full, 'pipe'],
    });
    fs.closeSync(full);
    assert.equal(status, 1);
    assert.match(stderr, /^error: .*ENOSPC/);
  });

  it('reads a list of pods from standard input', () => {
    const pods = JSON.stringify({ kind: 'List', items: [] });
    const { status, stderr } = spawnSync(bin, ['top', '--root', kubernetes, '--pods', '-', '-o', 'name'], {
      ...{ env, encoding: 'utf8', input: pods },
    });
    assert.deepEqual([status, stderr], [0, '']);
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    it(`ends top --watch with 0 on ${signal}`, async (test) => {
      const top = startProcess(['top', '--watch', '--root', kubernetes, '-o', 'name']);
      test.after(() => top.kill('SIGKILL'));
      await top.prints(/postgres/);
      top.kill(signal);
      const { code, stderr } = await top.ended;
      assert.deepEqual([code, stderr], [0, '']);
    });
});
