/** What every cgroup is remembered for. lifetime.test.ts and lifetimes.test.ts have what containers have beyond it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CgroupSample } from '../../src/model/cgroup.ts';
import { CgroupLifetime } from '../../src/usage/cgroup-lifetime.ts';

const sample: CgroupSample = { id: { path: '/a', inode: 1 }, version: 2, faults: [] };
const begun = (more: { since?: number; peak?: number } = {}): CgroupLifetime =>
  new CgroupLifetime('/a', { inode: 1, ...more });

describe('the start of a cgroup', () => {
  it('is the first known time, in whole seconds', () => {
    const lifetime = begun();
    const starts = [undefined, 10.9, 20].map((at) => {
      lifetime.observeReal(5, at);
      return lifetime.since;
    });
    assert.deepEqual(starts, [undefined, 10, 10]);
    assert.equal(begun({ since: 3.7 }).since, 3);
  });
});

describe('the peak of a cgroup', () => {
  for (const [before, reals, peak] of [
    [undefined, [0], 0],
    [undefined, [undefined], undefined],
    [undefined, [5, 3, undefined], 5],
    [7, [5], 7],
    [7, [8], 8],
  ] as const)
    it(`is ${peak} after ${before ?? 'none'} and real of ${reals.map((real) => real ?? 'none').join(', ')}`, () => {
      const lifetime = begun(before === undefined ? {} : { peak: before });
      for (const real of reals) lifetime.observeReal(real, undefined);
      assert.equal(lifetime.peak, peak);
    });
});

describe('holds', () => {
  for (const [what, last, since, at, holds] of [
    ['another sample with the same figures', { ...sample }, 5, 9, false],
    ['the last sample', sample, 5, 9, true],
    ['the last sample, which gives the start its first time', sample, undefined, 9, false],
    ['the last sample, while no time is known', sample, undefined, undefined, true],
  ] as const)
    it(`is ${holds} for ${what}`, () => {
      const lifetime = begun(since === undefined ? {} : { since });
      lifetime.last = last;
      assert.equal(lifetime.holds(sample, at), holds);
    });
});

describe('isAboveHigh', () => {
  /** @param events `high` events of each sample; undefined: it has none */
  const above = (...events: readonly (number | undefined)[]): boolean => {
    const lifetime = begun();
    for (const highEvents of events) lifetime.observeHigh(highEvents === undefined ? {} : { highEvents });
    return lifetime.isAboveHigh;
  };

  for (const [events, is] of [
    [[], false],
    [[5, 6], true],
    [[5, 6, undefined], false],
    [[5, 6, undefined, undefined, 7], true],
    [[undefined, 5], false],
  ] as const)
    it(`is ${is} after high events of ${events.map((one) => one ?? 'none').join(', ') || 'no sample'}`, () =>
      assert.equal(above(...events), is));

  it('compares with the new source after the limit came from another cgroup', () => {
    const lifetime = begun();
    const samples = [
      ['/kubepods', 5],
      ['/a', 9],
      ['/a', 10],
    ] as const;
    const found = samples.map(([highFrom, highEvents]) => {
      lifetime.observeHigh({ highFrom, highEvents });
      return lifetime.isAboveHigh;
    });
    assert.deepEqual(found, [false, false, true]);
  });
});
