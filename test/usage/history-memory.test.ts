/** The heap that histories take, counted and not timed: a machine that is busy measures the same. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';

/** Found: 1,350. The goal of 6 MB for 5,000 containers would be 1,200. */
const mostBytes = 1_400;

function bytesOf(pods: number, workloads: number) {
  const script = new URL('made/history-bytes.ts', import.meta.url).pathname;
  const args = [script, String(pods), String(workloads), '14'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Record<'containers' | 'names' | 'steady' | 'restored', number>;
}

it('the history of one more container takes at most 1,400 bytes after two weeks, where 2.5 replicas share a name', () => {
  // Their maps are equally full, so their spare capacity does not count as growth.
  const sizes = [
    [40, 16],
    [160, 64],
  ] as const;
  const least = sizes.map(([pods, workloads]) => bytesOf(pods, workloads));
  assert.deepEqual(
    least.map(({ containers, names }) => [containers, names]),
    [
      [80, 32],
      [320, 128],
    ],
  );
  const bytes = (state: 'steady' | 'restored'): number => {
    const [few, many] = least as [(typeof least)[0], (typeof least)[0]];
    return (many[state] - few[state]) / (many.containers - few.containers);
  };
  const isFound = (amount: number): boolean => amount > mostBytes / 2 && amount <= mostBytes;
  // A collection sometimes leaves garbage, so the least of several measurements counts.
  for (let round = 1; round < 5 && !(isFound(bytes('steady')) && isFound(bytes('restored'))); round++)
    for (const [index, [pods, workloads]] of sizes.entries()) {
      const again = bytesOf(pods, workloads);
      const one = least[index] as (typeof least)[0];
      for (const state of ['steady', 'restored'] as const) one[state] = Math.min(one[state], again[state]);
    }
  // A measurement that loses the history would find next to nothing.
  for (const state of ['steady', 'restored'] as const)
    assert.ok(isFound(bytes(state)), `${state}: ${bytes(state)} bytes`);
});
