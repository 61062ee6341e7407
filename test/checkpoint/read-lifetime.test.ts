/** An open lifetime in a checkpoint: its optional values, its leak detector, and why it is dropped. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at, changed, KiB, key } from './recorded.ts';

describe('an open lifetime', () => {
  const lifetimeWith = (values: Record<number, unknown>) =>
    changed(({ lives }) => {
      Object.assign(lives[0] ?? [], values);
      lives.length = 1;
    });

  it('without optional values has none of them', () => {
    const { lifetimes } = changed((checkpoint) => {
      checkpoint.lives = [[0, 'p', 1, 2, at]];
    });
    assert.deepEqual(lifetimes, [{ key, pod: 'p', path: 1, inode: 2, since: at }]);
  });

  it('does not begin later than the checkpoint, and neither do its windows', () => {
    const [lifetime] = lifetimeWith({ 4: at + 9, 6: at + 9, 8: at + 9, 12: at + 9 }).lifetimes;
    const { since, fiveStart, hourStart, dayStart } = lifetime ?? assert.fail();
    assert.deepEqual([since, fiveStart, hourStart, dayStart], [at, at, at, at]);
  });

  it('is dropped with the reason for a wrong index or a wrong leak detector', () => {
    const cases: readonly (readonly [Record<number, unknown>, RegExp])[] = [
      [{ 0: 2 }, /^lives\[0\]: expected the index of a workload, got 2$/],
      [{ 0: 0.5 }, /index of a workload, got 0.5$/],
      [{ 0: 'length' }, /expected a number from 0 to \d+ at 0, got string$/],
      [{ 15: [1234, at, 5] }, /expected the spans of a leak detector/],
      [{ 15: [3600, -1, 5] }, /expected the spans of a leak detector/],
      [{ 15: [3600, 2_300_000_001, 5] }, /expected the spans of a leak detector/],
      [{ 15: [3600, at, ...new Array(25).fill(1)] }, /expected the spans of a leak detector/],
      [{ 15: [3600, at, 5, -6] }, /expected sizes of a leak detector/],
      [{ 15: [3600, at, 2 ** 53] }, /expected sizes of a leak detector/],
      [{ 15: [3600, 'x'] }, /expected a list of numbers at 15/],
    ];
    for (const [values, why] of cases) {
      const read = lifetimeWith(values);
      assert.deepEqual([read.lifetimes, read.dropped?.count], [[], 1]);
      assert.match(read.dropped?.first ?? '', why);
    }
  });

  it('has the sums of the differences of its leak detector, up to 24', () => {
    const steps = [5, 0, -5, ...new Array(21).fill(1)];
    const [lifetime] = lifetimeWith({ 15: [7200, at, ...steps] }).lifetimes;
    assert.deepEqual(
      lifetime?.leakDetector?.values.slice(0, 5),
      [5, 5, 0, 1, 2].map((size) => size * KiB),
    );
    assert.equal(lifetime?.leakDetector?.values.length, 24);
    assert.equal(lifetimeWith({ 15: null }).lifetimes[0]?.leakDetector, undefined);
  });

  it('is dropped with its workload, and each counts', () => {
    const read = changed((_, one) => {
      one['t'] = 7;
    });
    assert.equal(read.dropped?.count, 2);
    assert.match(read.dropped?.first ?? '', /^workloads\[0\]: expected a list at t, got 7$/);
    assert.equal(read.lifetimes.length, 1);
    assert.equal(read.lifetimes[0]?.key?.workload, 'Deployment/web');
  });
});
