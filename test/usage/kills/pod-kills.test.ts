/** The kill counters of a pod's cgroup: which rise a reported kill belongs to, and whether a container met its limit. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CgroupDetails, CgroupSample } from '../../../src/model/cgroup.ts';
import { PodKills } from '../../../src/usage/pod-kills.ts';

const second = 1_000;
const at = Date.parse('2026-11-23T09:00:00Z');
const sampleOf = (details: CgroupDetails | undefined, inode = 1): CgroupSample => ({
  ...{ id: { path: '/kubepods/podu', inode }, version: 2, faults: [] },
  ...(details !== undefined && { details }),
});
const counts = (oomKills: number, limitOoms = 0, limitOomsLocal?: number): CgroupDetails => ({
  ...{ oomKills, limitOoms },
  ...(limitOomsLocal !== undefined && { limitOomsLocal }),
});

/** Samples of one pod, ten seconds apart from `at` on. */
function after(...samples: readonly (CgroupDetails | undefined)[]): PodKills {
  const pods = new PodKills();
  for (const [n, details] of samples.entries()) {
    pods.observe('u', sampleOf(details), at + n * 10 * second);
    pods.endPass();
  }
  return pods;
}

describe('the rise of a pod’s counter', () => {
  it('is undefined for an unknown pod and for a pod without kills', () => {
    assert.equal(new PodKills().riseAt('u', at), undefined);
    assert.equal(after(counts(0), counts(0)).riseAt('u', at), undefined);
  });

  it('at the first sample reaches back without end', () =>
    assert.deepEqual(after(counts(1)).riseAt('u', at - 1e9), {
      ...{ from: Number.NEGATIVE_INFINITY, to: at },
      isAtLimit: false,
    }));

  it('spans the two samples between which the kill happened', () =>
    assert.deepEqual(after(counts(0), counts(1, 1)).riseAt('u', at + second), {
      ...{ from: at, to: at + 10 * second },
      isAtLimit: true,
    }));

  it('contains its end, but no time after it, and up to a second before its start', () => {
    const pods = after(counts(0), counts(1));
    assert.ok(pods.riseAt('u', at + 10 * second));
    assert.equal(pods.riseAt('u', at + 10 * second + 1), undefined);
    assert.ok(pods.riseAt('u', at - second));
    assert.equal(pods.riseAt('u', at - second - 1), undefined);
  });

  it('is known in the pass that observes it', () => {
    const pods = new PodKills();
    pods.observe('u', sampleOf(counts(1, 1)), at);
    assert.equal(pods.riseAt('u', at)?.isAtLimit, true);
  });

  it('is not at a limit when only the pod’s own limit was met', () => {
    assert.equal(after(counts(0, 0, 0), counts(1, 1, 1)).riseAt('u', at + second)?.isAtLimit, false);
    assert.equal(after(counts(0, 0, 0), counts(1, 2, 1)).riseAt('u', at + second)?.isAtLimit, true);
    // Before Linux 5.2 the pod's own count is unknown: if in doubt, a container met its limit.
    assert.equal(after(counts(0), counts(1, 1)).riseAt('u', at + second)?.isAtLimit, true);
  });

  it('is not at a limit when the own count is read later than the whole one', () =>
    assert.equal(after(counts(0, 0, 0), counts(1, 1, 2)).riseAt('u', at + second)?.isAtLimit, false));

  it('compares with the last rise when oom and the kill appear in two samples', () =>
    assert.equal(
      after(counts(0), counts(0, 1), counts(1, 1)).riseAt('u', at + 15 * second)?.isAtLimit,
      true,
    ));

  it('is not at a limit when oom rose with an earlier kill', () =>
    assert.equal(
      after(counts(0), counts(1, 1), counts(2, 1)).riseAt('u', at + 15 * second)?.isAtLimit,
      false,
    ));

  it('at a limit wins where a time belongs to two rises', () => {
    for (const [first, then] of [
      [counts(1, 1), counts(2, 1)],
      [counts(1, 0), counts(2, 1)],
    ]) {
      const pods = after(counts(0), first, then);
      assert.equal(pods.riseAt('u', at + 10 * second)?.isAtLimit, true);
    }
  });

  it('is the first one where a time belongs to two rises without a limit', () =>
    assert.equal(after(counts(0), counts(1), counts(2)).riseAt('u', at + 10 * second)?.from, at));

  it('stays over samples that cannot read either counter', () => {
    const pods = after(counts(0), counts(1, 1), undefined, { oomKills: 1 }, { limitOoms: 1 });
    assert.equal(pods.riseAt('u', at + second)?.isAtLimit, true);
    assert.equal(after(undefined).riseAt('u', at), undefined);
  });

  it('after an unreadable sample spans the time since the last readable one', () =>
    assert.equal(after(counts(0), undefined, counts(1)).riseAt('u', at + 15 * second)?.from, at));

  it('begins again with a new cgroup under the same UID', () => {
    const pods = new PodKills();
    pods.observe('u', sampleOf(counts(3, 3)), at);
    pods.endPass();
    pods.observe('u', sampleOf(counts(3, 3), 2), at + 10 * second);
    assert.deepEqual(pods.riseAt('u', at + 10 * second), {
      ...{ from: Number.NEGATIVE_INFINITY, to: at + 10 * second },
      isAtLimit: true,
    });
    pods.endPass();
    pods.observe('u', sampleOf(counts(0), 3), at + 20 * second);
    assert.equal(pods.riseAt('u', at), undefined);
  });

  it('is kept for the last eight', () => {
    const pods = after(...Array.from({ length: 10 }, (_, n) => counts(n)));
    const at0 = (n: number): number => at + n * 10 * second - 5 * second;
    assert.equal(pods.riseAt('u', at0(1)), undefined);
    assert.equal(pods.riseAt('u', at0(2))?.to, at + 20 * second);
    assert.equal(pods.riseAt('u', at0(9))?.to, at + 90 * second);
  });

  it('is forgotten after a pass that did not see the pod, and separate for each pod', () => {
    const pods = new PodKills();
    pods.observe('u', sampleOf(counts(1)), at);
    pods.observe('v', sampleOf(counts(0)), at);
    assert.equal(pods.riseAt('v', at), undefined);
    pods.endPass();
    assert.ok(pods.riseAt('u', at));
    pods.observe('v', sampleOf(counts(0)), at + second);
    pods.endPass();
    assert.equal(pods.riseAt('u', at), undefined);
  });
});
