/** Usage aggregate of a container name → recommended request and limit, with the reasons. */
import { bytes, formatRounded as size } from '../model/bytes.ts';
import { defined } from '../model/json.ts';
import {
  type Bounded,
  confidenceOf,
  type Evidence,
  type Recommendation,
  type UsedProbe,
} from '../model/recommendation.ts';
import { daySeconds, formatSpan, rfc3339 } from '../model/time.ts';
import { neededBeyond, type UsageAggregate } from '../usage/aggregate.ts';
import { bytesOf } from '../usage/log-histogram.ts';
import { keepCache } from './cache.ts';
import type { Ceiling } from './ceiling.ts';
import { applyHeapCap } from './heap.ts';
import { applyOomKills } from './kills.ts';
import { leakOf, nameLeak } from './leak.ts';
import { type Outlook, outlookOf, usualPrice } from './limit.ts';
import { applyPressure } from './pressure.ts';
import { applyProbe, type ChosenProbe, type ProbedProposal, probeOf } from './probed.ts';
import {
  atLeast,
  fixedAt,
  leastLimit,
  type Proposal,
  type Range,
  span,
  wholeMiB,
  withReason,
} from './proposal.ts';
import { applyRecentPeak } from './recent.ts';
import { applySteadyDays } from './steady.ts';

/** Bounds of a limit: the best limits if a kill cost an eighth as much, and eight times as much. */
const priceFactor = 8;
/** A short history widens all bounds: by a half after half a day, by a fifteenth after a week. */
const wideningDays = 0.5;
const median = 0.5;
const p99 = 0.99;
/** `kubectl top` this far above real gets a reason: people compare the two. */
const topRatio = 1.25;
/** A ceiling that changes the estimate by less gets no reason. */
const ceilingFactor = 0.9;
const tmpfsShare = 0.25;
/** A replica this much above every other is odd, where there are three or more. */
const oddRatio = 1.5;
const oddAmong = 3;

/** Uses any history, however short: learning.ts decides what counts. @param at seconds since 1970 @returns undefined without history */
export function advise(aggregate: UsageAggregate, at: number): Recommendation | undefined {
  const outlook = outlookOf(aggregate, at);
  if (outlook === undefined) return undefined;
  const now = aggregate.setting?.limit;
  let proposal = applySteadyDays(firstProposal(aggregate, outlook, at), aggregate, at);
  proposal = applyRecentPeak(proposal, aggregate, at);
  proposal = applyOomKills(proposal, aggregate, at);
  proposal = applyPressure(proposal, aggregate, at);
  proposal = applyHeapCap(proposal, aggregate, at);
  const finish = (cached: ProbedProposal): Final =>
    finalize(nameOddReplica(nameLeak(cached, aggregate, at, cached.room), aggregate), aggregate);
  const unprobed = keepCache(proposal, aggregate, at);
  const probe = probeOf(aggregate, at);
  const without = finish(unprobed);
  const probed = probe && applyProbe(proposal, unprobed, probe, aggregate, at);
  const used = probe && usedProbe(probe, without, probed?.isUnused);
  const { request, limit, lines } = probed === undefined ? without : finish(probed);
  return defined<Recommendation>({
    request,
    limit,
    confidence: confidenceOf(daysOf(aggregate)),
    days: daysOf(aggregate),
    killsPerDay: outlook.at(limit.target).killsPerDay,
    killsPerDayNow: now === undefined ? undefined : outlook.at(now).killsPerDay,
    leak: leakOf(aggregate, at),
    oddReplica: oddReplicaOf(aggregate),
    probe: used,
    because: used === undefined || used.isUnused ? lines : [...lines, withoutProbe(used)],
  });
}

const withoutProbe = ({ without: { request, limit } }: UsedProbe): string =>
  `Without the probe: request ${size(request)} and limit ${size(limit)}`;

function usedProbe(
  { revision: _, ...probe }: ChosenProbe,
  { request, limit }: Final,
  isUnused: true | undefined,
): UsedProbe {
  return {
    ...probe,
    ...(isUnused && { isUnused }),
    without: { request: request.target, limit: limit.target },
  };
}

export function evidenceOf(aggregate: UsageAggregate, at: number): Evidence {
  const { first, weights } = aggregate.hours.at(at);
  const outlook = outlookOf(aggregate, at);
  return {
    usedBytes: Math.round(outlook?.used ?? 0),
    peaksBytes: aggregate.peaks(at).map((peak) => Math.round(peak)),
    farMore: Number((outlook?.ceiling?.farMore ?? 1).toFixed(3)),
    hours: [...weights].flatMap((weight, index): [number, number][] =>
      weight < 0.01 ? [] : [[Math.round(bytesOf(first + index)), Number(weight.toFixed(2))]],
    ),
  };
}

/** Length of the history. */
const daysOf = ({ since, lastAt }: UsageAggregate): number => Math.max(0, lastAt - since) / daySeconds;

function firstProposal(aggregate: UsageAggregate, outlook: Outlook, at: number): Proposal {
  const { hours, usage } = aggregate;
  const { used, ceiling } = outlook;
  const largest = aggregate.largest(at);
  const wide = 1 + wideningDays / (daysOf(aggregate) + wideningDays);
  const target = Math.max(outlook.best(usualPrice), aggregate.today(at)?.peak ?? 0);
  const limit: Range = {
    target,
    lower: Math.min(target, Math.max(used, outlook.best(usualPrice / priceFactor) / wide)),
    upper: Math.max(target, outlook.best(usualPrice * priceFactor)) * wide,
  };
  const request: Range = {
    target: used,
    lower: (usage.percentile(median) ?? used) / wide,
    upper: Math.max(used, hours.percentile(p99) ?? used) * wide,
  };
  const { unused, killsPerDay } = outlook.at(target);
  const [day] = [...aggregate.days].find(([, { peak }]) => peak === largest) ?? [];
  const byKill = aggregate.kills.some(
    ({ limit = 0 }) => Math.abs(limit * neededBeyond - largest) < 0.01 * largest,
  );
  const isYoung = daysOf(aggregate) < 1;
  // The history of a minute must not read like one of a day.
  const span = isYoung ? formatSpan(daysOf(aggregate) * daySeconds) : `${aggregate.days.size} days`;
  const on = day === undefined ? '' : `, on ${rfc3339(day * daySeconds * 1000).slice(0, 10)}`;
  return {
    request,
    limit,
    because: [
      `Request ${size(wholeMiB(used))}: p95 of the 5-minute peaks (${size(used)})${isYoung ? ` in ${span}` : ''}`,
      byKill
        ? `Largest need in ${span}: ${size(largest)}, from an OOM kill (its limit × ${neededBeyond})`
        : `Largest real in ${span}: ${size(largest)}${on}`,
      ...underCeiling(ceiling, largest),
      ...inOtherTools(aggregate, largest),
      `Limit ${size(wholeMiB(target))}: best trade-off between waste (${percent(unused)} headroom) and risk (${rate(killsPerDay)} OOM kills/day). One kill is weighed like ${usualPrice} days of an unused limit.`,
    ],
  };
}

function underCeiling(ceiling: Ceiling | undefined, largest: number): readonly string[] {
  if (ceiling === undefined || ceiling.farMore > ceilingFactor) return [];
  const { of, lowest, farMore } = ceiling;
  const times = Number((1 / farMore).toFixed(1));
  const reached =
    of === 'days'
      ? `Its 3 largest days reached ${span(lowest, largest)}`
      : `A tenth of its hours reached ${span(lowest, largest)}`;
  return [
    `${reached}, as if something capped it: realmem expects far larger peaks ${times} times less often than if its ${of} varied`,
  ];
}

/** Explains the difference to people who compare with the working set, or who do not expect tmpfs in real. */
function inOtherTools({ days }: UsageAggregate, largest: number): readonly string[] {
  const working = Math.max(0, ...[...days.values()].map(({ workingSet = 0 }) => workingSet));
  const tmpfs = Math.max(0, ...[...days.values()].map(({ shmem = 0 }) => shmem));
  return [
    ...(working > topRatio * largest
      ? [
          `kubectl top showed up to ${size(working)}: the part above real is page cache that the kernel can reclaim`,
        ]
      : []),
    ...(tmpfs > tmpfsShare * largest
      ? [`Up to ${size(tmpfs)} of real was on tmpfs: the kernel charges it as memory`]
      : []),
  ];
}

function nameOddReplica(proposal: Proposal, aggregate: UsageAggregate): Proposal {
  const odd = oddReplicaOf(aggregate);
  const [highest, next] = aggregate.replicas;
  if (odd === undefined || highest === undefined || next === undefined) return proposal;
  return withReason(
    proposal,
    `${odd} reached ${size(highest.peak)}, each of the ${Math.max(aggregate.running, oddAmong) - 1} others at most ${size(next.peak)}: check ${odd} first`,
  );
}

function oddReplicaOf({ replicas, running }: UsageAggregate): string | undefined {
  const [highest, next] = replicas;
  if (highest === undefined || next === undefined || Math.max(running, replicas.length) < oddAmong)
    return undefined;
  return highest.peak > oddRatio * next.peak ? highest.pod : undefined;
}

interface Final {
  readonly request: Bounded;
  readonly limit: Bounded;
  readonly lines: readonly string[];
}

/** Rounds to whole mebibytes, keeps the request within the limit, and keeps a Guaranteed pod Guaranteed. */
function finalize({ request, limit, because: reasons }: Proposal, { setting }: UsageAggregate): Final {
  const lines = [...reasons];
  let most = inMiB(limit);
  if (most.target < leastLimit) {
    lines.push(`Limit ${size(leastLimit)}: container runtimes do not start a container with less`);
    most = inMiB(atLeast(limit, leastLimit));
  }
  let set = inMiB(request);
  const isGuaranteed = setting?.limit !== undefined && setting.limit === setting.request;
  if (isGuaranteed) {
    lines.push('Request and limit are equal now and stay equal: both get the limit');
    set = most;
  } else if (set.target > most.target) set = inMiB(fixedAt(set, most.target));
  return { request: set, limit: most, lines };
}

function inMiB({ target, lower, upper }: Range): Bounded {
  const whole = wholeMiB(target);
  return {
    target: bytes(whole),
    lower: bytes(Math.min(whole, wholeMiB(lower))),
    upper: bytes(Math.max(whole, wholeMiB(upper))),
  };
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;
const rate = (perDay: number): string => (perDay < 0.0005 ? '< 0.001' : `≈ ${perDay.toFixed(3)}`);
