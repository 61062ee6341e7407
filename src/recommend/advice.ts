/**
 * The recommendation for each container of this node, cached. A new container gets a new one each time its history has doubled
 * in length, later every ten minutes. An OOM kill renews it at once.
 */

import type { CgroupId } from '../model/cgroup.ts';
import type { Recommendation } from '../model/recommendation.ts';
import type { UsageAggregate } from '../usage/aggregate.ts';
import type { History } from '../usage/history.ts';
import { adviseOn } from './learning.ts';

const periodSeconds = 600;
/** A smaller change keeps the previous recommendation: each change is a write to the API, and people read it. */
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
  /** Weak: an entry disappears when the history forgets the aggregate. */
  private readonly known = new WeakMap<UsageAggregate, Known>();

  constructor(history: History) {
    this.history = history;
  }

  /** @param at milliseconds since 1970 @returns undefined: the container has no name or no history yet */
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
