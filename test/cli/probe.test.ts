/** The command line of `realmem probe`. test/host/probe.test.ts probes containers. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { run } from './run.ts';

const root = new URL('../../fixtures/hosts/kubernetes-v1/root', import.meta.url).pathname;

describe('realmem probe', () => {
  it('reports all wrong flags at once', async () => {
    const flags = ['--duration', '9s', '--max-stall', '0%', '--max-refaults', '0', '--depth', 'much'];
    const { code, stderr } = await run(['probe', 'web', ...flags]);
    assert.equal(code, 2);
    assert.deepEqual(stderr.trimEnd().split('\n'), [
      'error: --duration: expected a duration from 10s to 24h, such as 2m, got "9s"',
      'error: --max-stall: expected a share from 1% to 100%, got "0%"',
      'error: --max-refaults: expected a number from 1 to 1000000, got "0"',
      'error: --depth: expected a size such as 64Mi, or a share such as 50%, got "much"',
    ]);
  });

  it('needs a target', async () => {
    const { code, stderr } = await run(['probe']);
    assert.equal(code, 2);
    assert.match(stderr, /^error: TARGET is required/);
  });

  it('refuses a recording, which has no kernel', async () => {
    const { code, stderr } = await run(['probe', 'data/postgres-0/postgres', '--root', root]);
    assert.deepEqual([code, stderr], [2, `error: ${root}: expected a live host, got a recording\n`]);
  });
});
