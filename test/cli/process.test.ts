/** What only a process of its own has: its file, its exit code, its streams and its signals. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import manifest from '../../package.json' with { type: 'json' };
import { bareEnv, runProcess, startProcess } from './process.ts';

const kubernetes = new URL('../../fixtures/hosts/kubernetes-v1/root', import.meta.url).pathname;
const bin = new URL('../../bin/realmem.mjs', import.meta.url).pathname;

/** Finds the node of these tests first. */
const env = { ...bareEnv, PATH: `${path.dirname(process.execPath)}:${bareEnv.PATH}` };

describe('the process', () => {
  it('is an executable file that prints to standard output and ends with 0', () => {
    const { status, stdout, stderr } = spawnSync(bin, ['--version'], { env, encoding: 'utf8' });
    assert.deepEqual([status, stdout, stderr], [0, `realmem ${manifest.version}\n`, '']);
  });

  it('prints the same report as a file that imports it', async () => {
    const { code, stdout, stderr } = await runProcess(['top', '--root', kubernetes, '-o', 'name']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(stdout.split('\n')[0], 'data/postgres-0/postgres');
  });

  it('ends with 2 for a wrong flag and says so on standard error', async () => {
    const { code, stdout, stderr } = await runProcess(['top', '--bye', 'pod']);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^realmem: --bye is not a flag here/);
  });

  it('ends with 1 when its output cannot be written', () => {
    const full = fs.openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(bin, ['--help'], {
      ...{ env, encoding: 'utf8' },
      stdio: ['ignore', full, 'pipe'],
    });
    fs.closeSync(full);
    assert.equal(status, 1);
    assert.match(stderr, /^realmem: .*ENOSPC/);
  });

  it('reads a list of pods from standard input', () => {
    const pods = JSON.stringify({ kind: 'List', items: [] });
    const { status, stderr } = spawnSync(bin, ['top', '--root', kubernetes, '--pods', '-', '-o', 'name'], {
      ...{ env, encoding: 'utf8', input: pods },
    });
    assert.deepEqual([status, stderr], [0, '']);
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    it(`ends a watch with 0 at ${signal}`, async (test) => {
      const top = startProcess(['top', '--watch', '--root', kubernetes, '-o', 'name']);
      test.after(() => top.kill('SIGKILL'));
      await top.prints(/postgres/);
      top.kill(signal);
      const { code, stderr } = await top.ended;
      assert.deepEqual([code, stderr], [0, '']);
    });
});
