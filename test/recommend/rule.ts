/** Inputs of one rule: a proposal, and a usage aggregate with only the facts that a test names. */
import assert from 'node:assert/strict';
import type { Setting } from '../../src/model/container-key.ts';
import type { Proposal, Range } from '../../src/recommend/proposal.ts';
import { UsageAggregate } from '../../src/usage/aggregate.ts';
import type { Day } from '../../src/usage/packed/days.ts';

export const MiB = 2 ** 20;
export const hour = 3600;
export const day = 24 * hour;
/** A midnight, in seconds since 1970. */
export const midnight = 20_000 * day;
/** Noon of that day, and the time of each advice. */
export const now = midnight + 12 * hour;

/** In MiB. */
export const range = (target: number, lower = target, upper = target): Range => ({
  target: target * MiB,
  lower: lower * MiB,
  upper: upper * MiB,
});

/** Request 100Mi and limit 200Mi, with bounds. */
export const before: Proposal = {
  request: range(100, 80, 120),
  limit: range(200, 150, 300),
  because: ['an earlier reason'],
};

interface Facts {
  /** Sizes in MiB, by days before today. */
  readonly days?: Readonly<Record<number, Partial<Day>>>;
  /** Sizes in bytes. */
  readonly setting?: Partial<Setting>;
}

const sizes = [
  'peak',
  'cache',
  'unsorted',
  'refaulted',
  'atLimit',
  'throttled',
  'workingSet',
  'shmem',
] as const;

export function aggregateWith({ days = {}, setting }: Facts): UsageAggregate {
  const aggregate = new UsageAggregate();
  for (const [ago, { ...facts }] of Object.entries(days)) {
    for (const name of sizes) {
      const size = facts[name];
      if (size !== undefined) facts[name] = size * MiB;
    }
    aggregate.days.note(midnight / day - Number(ago), { peak: 0, ...facts });
  }
  if (setting !== undefined) aggregate.setting = { type: 'container', ...setting };
  return aggregate;
}

/** Target, lower and upper in whole MiB. */
export const inMiB = ({ target, lower, upper }: Range): readonly number[] =>
  [target, lower, upper].map((size) => Math.round(size / MiB));

/** The one reason that the rule added after the earlier one. */
export function reasonIn({ because }: Proposal): string {
  const [first, reason, ...more] = because;
  assert.deepEqual([first, more], ['an earlier reason', []]);
  return reason ?? assert.fail('no reason');
}
