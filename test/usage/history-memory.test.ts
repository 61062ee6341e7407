/** The heap that histories take, counted and not timed: a machine that is busy measures the same. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';

/** Found: 1,350. The goal of 6 MB for 5,000 containers would be 1,200. */
const mostBytes = 1_400;

/** With threads, the compilers hold 100 kB more or less from run to run. */
const flag = '--single-threaded';

function bytesOf(pods: number, workloads: number) {
  const script = new URL('made/history-bytes.ts', import.meta.url).pathname;
  const args = [flag, script, String(pods), String(workloads), '14'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Record<'containers' | 'names' | 'steady' | 'restored', number>;
}

it('the history of one more container takes at most 1,400 bytes after two weeks, where 2.5 replicas share a name', () => {
  // Their maps are equally full, so their spare capacity does not count as growth.
  const [few, many] = [bytesOf(40, 16), bytesOf(160, 64)];
  assert.deepEqual([few.containers, few.names, many.containers, many.names], [80, 32, 320, 128]);
  for (const state of ['steady', 'restored'] as const) {
    const bytes = (many[state] - few[state]) / (many.containers - few.containers);
    // A measurement that loses the history would find next to nothing.
    assert.ok(bytes > mostBytes / 2 && bytes <= mostBytes, `${state}: ${bytes} bytes`);
  }
});
