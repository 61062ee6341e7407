/**
 * The recommendation for each container of this node, cached. A new container gets a new one each time its history has doubled
 * in length, later within ten minutes of a new peak or another change, and each hour. An OOM kill or a probe renews it at once.
 */

import type { CgroupId } from '../model/cgroup.ts';
import { keyText } from '../model/container-key.ts';
import type { Recommendation } from '../model/recommendation.ts';
import { hashOf } from '../model/text.ts';
import type { UsageAggregate } from '../usage/aggregate.ts';
import type { History } from '../usage/history.ts';
import { adviseOn } from './learning.ts';

const periodSeconds = 600;
/** While nothing has happened. The weight of a day in the history halves in a week, so an hour changes little. */
const quietSeconds = 3600;
/** A smaller change keeps the previous recommendation: each change is a write to the API, and people read it. */
const leastChange = 0.05;

interface Known {
  readonly recommendation: Recommendation | undefined;
  readonly facts: Facts;
  /** The largest real of its day, in bytes. */
  readonly peak: number;
  /** When it was made, in seconds since 1970. */
  readonly at: number;
  /** When it is due for a renewal, in the same unit. */
  readonly until: number;
}

/** What can change a recommendation by much, beside the peak. It is quick to compare, and a recommendation takes long to make. */
type Facts = Pick<
  UsageAggregate,
  'killCount' | 'probes' | 'leaks' | 'setting' | 'since' | 'revision' | 'running'
> & { readonly days: string };

function factsOf(aggregate: UsageAggregate): Facts {
  const { killCount, probes, leaks, setting, since, revision, running, days } = aggregate;
  return { killCount, probes, leaks, setting, since, revision, running, days: days.fingerprint };
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
    const isKnown =
      before !== undefined &&
      seconds >= before.at &&
      before.facts.killCount === aggregate.killCount &&
      before.facts.probes === aggregate.probes;
    if (isKnown && seconds < before.until) return before.recommendation;
    const facts = factsOf(aggregate);
    const peak = Math.max(this.history.openPeakOf(aggregate), aggregate.today(seconds)?.peak ?? 0);
    const until = nextAfter(seconds, Math.max(0, seconds - aggregate.since), keyText(named.key));
    // The next time is up to ten minutes later.
    const isRecent = isKnown && seconds <= before.at + quietSeconds - periodSeconds;
    if (isRecent && isQuiet(before, facts, peak)) {
      this.known.set(aggregate, { ...before, until });
      return before.recommendation;
    }
    const now = adviseOn(this.history.currentAggregateOf(named), named.key.workload, seconds);
    const recommendation = isAlike(before?.recommendation, now) ? before?.recommendation : now;
    this.known.set(aggregate, { recommendation, facts, peak, at: seconds, until });
    return recommendation;
  }
}

/** Learning ends with a day of history, so its end is looked for each ten minutes. */
const isQuiet = ({ recommendation, facts, ...before }: Known, now: Facts, peak: number): boolean =>
  recommendation !== undefined &&
  recommendation.learning === undefined &&
  peak <= (1 + leastChange) * before.peak &&
  (Object.keys(now) as (keyof Facts)[]).every((fact) => facts[fact] === now[fact]);

/**
 * When the recommendation of a container is due again. Each has its own moment within the ten minutes: after a start of the agent
 * all would fall due in one report. All times in seconds.
 */
function nextAfter(at: number, watched: number, key: string): number {
  if (watched < periodSeconds) return at + watched;
  const moment = (hashOf(key) / 2 ** 32) * periodSeconds;
  return at + periodSeconds - ((((at - moment) % periodSeconds) + periodSeconds) % periodSeconds);
}

const isAlike = (a: Recommendation | undefined, b: Recommendation | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  a.confidence === b.confidence &&
  a.leak?.pod === b.leak?.pod &&
  a.probe?.at === b.probe?.at &&
  a.learning?.request === b.learning?.request &&
  a.learning?.limit === b.learning?.limit &&
  (['request', 'limit'] as const).every(
    (what) => Math.abs(a[what].target - b[what].target) <= leastChange * a[what].target,
  );
