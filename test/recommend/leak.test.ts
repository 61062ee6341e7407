import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Setting } from '../../src/model/container-key.ts';
import type { Leak } from '../../src/model/recommendation.ts';
import { leakOf, nameLeak } from '../../src/recommend/leak.ts';
import type { Proposal } from '../../src/recommend/proposal.ts';
import { aggregateWith, before, day, inMiB, MiB, now, reasonIn } from './rule.ts';

/** Grew by 20 MiB a day from 100 to 180. */
const leak: Leak = {
  ...{ pod: 'cart-1', perDay: 20 * MiB, since: now - 4 * day, from: 100 * MiB },
  ...{ until: now - 60, to: 180 * MiB },
};
function leaking(leaks: readonly Leak[], setting?: Partial<Setting>) {
  const aggregate = aggregateWith(setting === undefined ? {} : { setting });
  aggregate.leaks = leaks;
  return aggregate;
}
const after = (one: Partial<Leak> = {}, setting?: Partial<Setting>): Proposal =>
  nameLeak(before, leaking([{ ...leak, ...one }], setting), now);

describe('leakOf', () => {
  it('is the leak until less than two days after its last observation', () => {
    const seen = (ago: number): Leak => ({ ...leak, until: now - ago });
    assert.deepEqual(leakOf(leaking([seen(2 * day - 1)]), now), seen(2 * day - 1));
    assert.equal(leakOf(leaking([seen(2 * day)]), now), undefined);
    assert.equal(leakOf(leaking([]), now), undefined);
  });

  it('is the first that continues: an aggregate lists the fastest first', () => {
    const ended = { ...leak, pod: 'old', until: now - 3 * day };
    const slow = { ...leak, pod: 'slow', perDay: MiB };
    assert.equal(leakOf(leaking([ended, leak, slow]), now)?.pod, 'cart-1');
  });
});

describe('nameLeak', () => {
  it('changes nothing without a leak, nor for a leak that has ended', () => {
    assert.equal(nameLeak(before, leaking([]), now), before);
    assert.equal(after({ until: now - 2 * day }), before);
  });

  it('keeps the current limit and request, and names the growth and the days that are left', () => {
    const named = after({}, { request: 50 * MiB, limit: 250 * MiB });
    assert.deepEqual(inMiB(named.request), [50, 50, 120]);
    assert.deepEqual(inMiB(named.limit), [250, 150, 300]);
    assert.equal(
      reasonIn(named),
      'Leak: cart-1 grows by 20Mi a day and frees nothing, from 100Mi at 2024-09-30T12:00:00Z to 180Mi. More memory only delays the OOM kill. The request stays. The limit stays, and the leak reaches it in 3.5 days.',
    );
  });

  it('shows a decimal of the days that are left below 10 days, and whole days from 10 on', () => {
    const daysLeft = (limit: number): string | undefined =>
      /reaches it in (\S+) days/.exec(reasonIn(after({}, { limit: limit * MiB })))?.[1];
    assert.deepEqual([181, 379, 380, 391].map(daysLeft), ['0.1', '9.9', '10', '11']);
  });

  it('says that the leak has reached a limit that is equal to its size or smaller', () => {
    for (const limit of [180, 170])
      assert.match(reasonIn(after({}, { limit: limit * MiB })), /the leak has already reached it\.$/);
  });

  it('gets a limit for 7 days of growth without a limit, and keeps the proposed request', () => {
    const named = after();
    assert.deepEqual(inMiB(named.limit), [240, 150, 300]);
    assert.deepEqual(named.request, before.request);
    assert.match(
      reasonIn(named),
      /OOM kill\. The limit is the size that the leak reaches in 7 days\.$/,
      'no request stays where none is set',
    );
  });

  it('gets at least the size that the leak has reached when that took more than 7 days', () =>
    assert.deepEqual(inMiB(after({ to: 320 * MiB }).limit), [320, 150, 320]));

  it('keeps a request without a limit, and says so', () => {
    const named = after({}, { request: 130 * MiB });
    assert.deepEqual(inMiB(named.request), [130, 80, 130]);
    assert.match(reasonIn(named), /The request stays\. The limit is the size/);
  });

  it('lowers the request to the limit: a proposed one, and a current one above 7 days of growth', () => {
    assert.deepEqual(inMiB(after({}, { limit: 60 * MiB }).request), [60, 60, 120]);
    assert.deepEqual(inMiB(after({}, { request: 500 * MiB }).request), [240, 80, 240]);
  });

  it('keeps a current limit of 0 bytes as a limit', () =>
    assert.deepEqual(inMiB(after({}, { limit: 0 }).limit), [0, 0, 300]));
});
