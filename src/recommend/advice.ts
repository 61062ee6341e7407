/**
 * What to set for each container of this node. Worked out when it is first asked for, again when it was watched for twice as
 * long, and from then on every ten minutes; at once where one was killed.
 */

import type { CgroupId } from '../model/cgroup.ts';
import type { Recommendation } from '../model/recommendation.ts';
import type { UsageAggregate } from '../usage/aggregate.ts';
import type { History } from '../usage/history.ts';
import { adviseOn } from './learning.ts';

const periodSeconds = 600;
/** What moves by less is left as it was: every change is a write, and read by people. */
const leastChange = 0.05;

interface Known {
  readonly recommendation: Recommendation | undefined;
  readonly killCount: number;
  /** Seconds since 1970. */
  readonly at: number;
  readonly until: number;
}

export class Advice {
  private readonly history: History;
  /** Ends with what the history remembers. */
  private readonly known = new WeakMap<UsageAggregate, Known>();

  constructor(history: History) {
    this.history = history;
  }

  /** @param at milliseconds since 1970 @returns undefined: it has no name yet, or nothing was seen of it */
  on(id: CgroupId, at: number): Recommendation | undefined {
    const named = this.history.aggregateOf(id);
    if (named === undefined) return undefined;
    const { aggregate } = named;
    const seconds = at / 1000;
    const before = this.known.get(aggregate);
    if (
      before !== undefined &&
      seconds >= before.at &&
      seconds < before.until &&
      before.killCount === aggregate.killCount
    )
      return before.recommendation;
    const now = adviseOn(this.history.currentAggregateOf(named), named.key.workload, seconds);
    const recommendation = isAlike(before?.recommendation, now) ? before?.recommendation : now;
    const watched = Math.max(0, seconds - aggregate.since);
    const until = seconds + Math.min(watched, periodSeconds);
    this.known.set(aggregate, { recommendation, killCount: aggregate.killCount, at: seconds, until });
    return recommendation;
  }
}

const isAlike = (a: Recommendation | undefined, b: Recommendation | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  a.confidence === b.confidence &&
  a.leak?.pod === b.leak?.pod &&
  a.learning?.request === b.learning?.request &&
  a.learning?.limit === b.learning?.limit &&
  (['request', 'limit'] as const).every(
    (what) => Math.abs(a[what].target - b[what].target) <= leastChange * a[what].target,
  );
