/** Computes the limit from the evidence alone, by the formula in docs/right-sizing.md, as a reader could. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { Evidence } from '../../../src/model/recommendation.ts';
import { evidenceOf } from '../../../src/recommend/advise.ts';
import { outlookOf, usualPrice } from '../../../src/recommend/limit.ts';
import { UsageAggregate } from '../../../src/usage/aggregate.ts';

const MiB = 2 ** 20;
const hour = 3600;
const midnight = 20_000 * 24 * hour;

const total = ({ hours }: Evidence): number => hours.reduce((sum, [, count]) => sum + count, 0);

/** Percentile of ln bytes, weighted by hours. */
function percentile(evidence: Evidence, share: number): number {
  let reached = 0;
  for (const [bytes, count] of evidence.hours) {
    reached += count;
    if (reached >= share * total(evidence)) return Math.log(bytes);
  }
  throw new Error('no hours');
}

function killsPerDay(evidence: Evidence, limit: number): number {
  const { usedBytes, peaksBytes, farMore, hours } = evidence;
  const days = total(evidence) / 24;
  const above = Math.max(0, Math.log(limit / Math.max(usedBytes, peaksBytes[0] ?? 0)));
  const low = Math.max(percentile(evidence, 0.16), Math.log(0.74 * usedBytes));
  const width = 0.02 + 0.1 * Math.max(0, (percentile(evidence, 0.84) - low) / 2);
  const over = hours.reduce((sum, [bytes, count]) => sum + count / (1 + (limit / bytes) ** (1 / width)), 0);
  return (
    over / days +
    (0.3 * Math.exp(-10 * above)) / days +
    (0.2 * farMore * Math.exp(-2 * above ** 2)) / Math.max(days, 3)
  );
}

it('the limit follows from the evidence by the documented formula: no other limit costs less', () =>
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 20, max: 400 }), { minLength: 3, maxLength: 12 }),
      fc.integer({ min: 12, max: 40 * 24 }),
      (sizes, hours) => {
        const aggregate = new UsageAggregate();
        for (let index = 0; index < hours; index++) {
          const peak =
            (sizes[(index + Math.floor(index / 600)) % sizes.length] ?? 0) * MiB * (index < 400 ? 2 : 1);
          aggregate.hour(peak, midnight + index * hour);
          aggregate.usage.add(peak, midnight + index * hour, 12);
        }
        const now = midnight + hours * hour;
        const outlook = outlookOf(aggregate, now);
        assert.ok(outlook !== undefined);
        const evidence = evidenceOf(aggregate, now);
        const cost = (limit: number): number =>
          1 - evidence.usedBytes / limit + usualPrice * killsPerDay(evidence, limit);
        const limit = outlook.best(usualPrice);
        const [said, found] = [outlook.at(limit).killsPerDay, killsPerDay(evidence, limit)];
        assert.ok(Math.abs(said - found) < 0.002 + 0.02 * found, `${said} kills a day, and ${found}`);
        for (
          let other = 0.74 * evidence.usedBytes;
          other < 4.5 * (evidence.peaksBytes[0] ?? 0);
          other *= 1.02
        )
          assert.ok(cost(other) > cost(limit) - 0.005, `${limit}, but ${other} costs less`);
      },
    ),
  ));
