/** What the containers of a name needed → what to set as their request and limit, with the reasons. */
import { bytes, formatRounded as size } from '../model/bytes.ts';
import { defined } from '../model/defined.ts';
import { type Bounded, confidenceOf, type Evidence, type Recommendation } from '../model/recommendation.ts';
import { daySeconds, rfc3339 } from '../model/time.ts';
import { neededBeyond, type UsageAggregate } from '../usage/aggregate.ts';
import { bytesOf } from '../usage/log-histogram.ts';
import { keepCache } from './cache.ts';
import type { Ceiling } from './ceiling.ts';
import { applyHeapCap } from './heap.ts';
import { applyOomKills } from './kills.ts';
import { leakOf, nameLeak } from './leak.ts';
import { type Outlook, outlookOf, usualPrice } from './limit.ts';
import { applyPressure } from './pressure.ts';
import { atLeast, because, held, type Proposal, type Range, span, wholeMiB } from './proposal.ts';
import { applyRecentPeak } from './recent.ts';
import { applySteadyDays } from './steady.ts';

/** The bounds of a limit are the answers to a kill so many times cheaper, and dearer. */
const doubt = 8;
/** With little time watched all bounds are wider: by a half after half a day, by a fifteenth after a week. */
const doubtDays = 0.5;
const middleShare = 0.5;
const almostAll = 0.99;
/** Below that runtimes do not start a container. */
const leastLimit = 12 * 2 ** 20;
const worthAWord = 1.25;
const worthSaying = 0.9;
const tmpfsShare = 0.25;
/** A replica this much above every other is odd, where there are three or more. */
const oddRatio = 1.5;
const oddAmong = 3;

/** By what was seen, however little: learning.ts says what of it counts. @param at seconds since 1970 @returns undefined where nothing was seen */
export function advise(aggregate: UsageAggregate, at: number): Recommendation | undefined {
  const outlook = outlookOf(aggregate, at);
  if (outlook === undefined) return undefined;
  const now = aggregate.setting?.limit;
  let proposal = applySteadyDays(firstDraft(aggregate, outlook, at), aggregate, at);
  proposal = applyRecentPeak(proposal, aggregate, at);
  proposal = applyOomKills(proposal, aggregate, at);
  proposal = applyPressure(proposal, aggregate, at);
  proposal = applyHeapCap(proposal, aggregate, at);
  proposal = keepCache(proposal, aggregate, at);
  proposal = nameLeak(proposal, aggregate, at);
  proposal = nameOddReplica(proposal, aggregate);
  const { request, limit, lines } = resolveClaims(proposal, aggregate);
  return defined<Recommendation>({
    request,
    limit,
    confidence: confidenceOf(daysOf(aggregate)),
    days: daysOf(aggregate),
    killsPerDay: outlook.at(limit.target).killsPerDay,
    killsPerDayNow: now === undefined ? undefined : outlook.at(now).killsPerDay,
    leak: leakOf(aggregate, at),
    oddReplica: oddReplicaOf(aggregate),
    because: lines,
  });
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

/** For how long it was watched. */
const daysOf = ({ since, lastAt }: UsageAggregate): number => Math.max(0, lastAt - since) / daySeconds;

function firstDraft(aggregate: UsageAggregate, outlook: Outlook, at: number): Proposal {
  const { hours, usage } = aggregate;
  const { used, ceiling } = outlook;
  const largest = aggregate.largest(at);
  const wide = 1 + doubtDays / (daysOf(aggregate) + doubtDays);
  const target = Math.max(outlook.best(usualPrice), aggregate.today(at)?.peak ?? 0);
  const limit: Range = {
    target,
    lower: Math.min(target, Math.max(used, outlook.best(usualPrice / doubt) / wide)),
    upper: Math.max(target, outlook.best(usualPrice * doubt)) * wide,
  };
  const request: Range = {
    target: used,
    lower: (usage.percentile(middleShare) ?? used) / wide,
    upper: Math.max(used, hours.percentile(almostAll) ?? used) * wide,
  };
  const { unused, killsPerDay } = outlook.at(target);
  const [day] = [...aggregate.days].find(([, { peak }]) => peak === largest) ?? [];
  const byKill = aggregate.kills.some(
    ({ limit = 0 }) => Math.abs(limit * neededBeyond - largest) < 0.01 * largest,
  );
  const on = byKill
    ? ', by what it was killed at'
    : day === undefined
      ? ''
      : `, on ${rfc3339(day * daySeconds * 1000).slice(0, 10)}`;
  return {
    request,
    limit,
    because: [
      `95 % of all five minutes stayed within ${size(used)}: that is the request`,
      `the largest of ${aggregate.days.size === 1 ? 'the only day' : `${aggregate.days.size} days`} was ${size(largest)}${on}`,
      ...underCeiling(ceiling, largest),
      ...inOthersEyes(aggregate, largest),
      `a limit of ${size(target)} costs least: ${percent(unused)} of it unused, and ${rare(killsPerDay)} kills a day, each as dear as ${usualPrice} days of the whole limit`,
    ],
  };
}

function underCeiling(ceiling: Ceiling | undefined, largest: number): readonly string[] {
  if (ceiling === undefined || ceiling.farMore > worthSaying) return [];
  const { of, lowest, farMore } = ceiling;
  const times = Number((1 / farMore).toFixed(1));
  const when = of === 'days' ? 'on three days' : 'in a tenth of its hours';
  return [
    `${when} it came to ${span(lowest, largest)}, as if something capped it: far more is expected ${times} times less often than where ${of} differ`,
  ];
}

/** What others size by has page cache in it: who compares wonders. */
function inOthersEyes({ days }: UsageAggregate, largest: number): readonly string[] {
  const working = Math.max(0, ...[...days.values()].map(({ workingSet = 0 }) => workingSet));
  const tmpfs = Math.max(0, ...[...days.values()].map(({ shmem = 0 }) => shmem));
  return [
    ...(working > worthAWord * largest
      ? [`kubectl top came to ${size(working)}: what is above real is page cache that the kernel gives back`]
      : []),
    ...(tmpfs > tmpfsShare * largest
      ? [`up to ${size(tmpfs)} of real were on tmpfs, which counts like memory`]
      : []),
  ];
}

function nameOddReplica(proposal: Proposal, aggregate: UsageAggregate): Proposal {
  const odd = oddReplicaOf(aggregate);
  const [highest, next] = aggregate.replicas;
  if (odd === undefined || highest === undefined || next === undefined) return proposal;
  return because(
    proposal,
    `${odd} came to ${size(highest.peak)}, each of the ${Math.max(aggregate.running, oddAmong) - 1} others to ${size(next.peak)} at the most: look at that one before all get more`,
  );
}

function oddReplicaOf({ replicas, running }: UsageAggregate): string | undefined {
  const [highest, next] = replicas;
  if (highest === undefined || next === undefined || Math.max(running, replicas.length) < oddAmong)
    return undefined;
  return highest.peak > oddRatio * next.peak ? highest.pod : undefined;
}

/** In whole mebibytes, in order, and such that the pod keeps its class. */
function resolveClaims(
  { request, limit, because: reasons }: Proposal,
  { setting }: UsageAggregate,
): { request: Bounded; limit: Bounded; lines: readonly string[] } {
  const lines = [...reasons];
  let most = inMiB(limit);
  if (most.target < leastLimit) {
    lines.push(`runtimes do not start a container with less than ${size(leastLimit)}`);
    most = inMiB(atLeast(limit, leastLimit));
  }
  let set = inMiB(request);
  const isGuaranteed = setting?.limit !== undefined && setting.limit === setting.request;
  if (isGuaranteed) {
    lines.push('request and limit are the same now, and stay so: the request is the limit');
    set = most;
  } else if (set.target > most.target) set = inMiB(held(set, most.target));
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
const rare = (rate: number): string => (rate < 0.0005 ? 'less than 0.001' : rate.toFixed(3));
