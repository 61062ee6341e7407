/** Aggregates of a few steps, with kills and leaks that need no more than their name. */
import type { Leak } from '../../../src/model/recommendation.ts';
import { UsageAggregate } from '../../../src/usage/aggregate.ts';
import type { Kill } from '../../../src/usage/aggregate-entries.ts';
import { day, MiB, monday } from './played.ts';

export const kill = (lifetime: string, at = monday, more: Partial<Kill> = {}): Kill => ({
  ...{ pod: 'cart-1', lifetime, at },
  ...more,
});
export const leak = (pod: string, perDay: number, from = monday - day, until = monday): Leak => ({
  ...{ pod, perDay, since: from, from: MiB, until, to: 2 * MiB },
});

export function made(...steps: readonly ((aggregate: UsageAggregate) => void)[]): UsageAggregate {
  const aggregate = new UsageAggregate();
  for (const step of steps) step(aggregate);
  return aggregate;
}
