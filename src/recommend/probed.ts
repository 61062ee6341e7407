/**
 * The page cache that a probe measured. A probe that saw cache come back replaces the guesses of cache.ts: the needed cache enters
 * request and limit, and cold cache leaves the limit.
 *
 * The limit has room for the largest real and the needed cache at the same time. It does not get the needed cache on top of the room for
 * larger peaks of real: the kernel drops cache before it kills, so a rare peak may take the place of cache.
 */
import { formatRounded as size } from '../model/bytes.ts';
import type { Observation } from '../model/observation.ts';
import type { ProbedCache } from '../model/pod.ts';
import { isNear, type OldProbe } from '../model/recommendation.ts';
import { daySeconds, formatSpan, rfc3339 } from '../model/time.ts';
import type { UsageAggregate } from '../usage/aggregate.ts';
import type { Probe } from '../usage/aggregate-entries.ts';
import type { History } from '../usage/history.ts';
import { atLeast, type Proposal, type Range, shifted, withReason } from './proposal.ts';

const freshDays = 30;

export interface ChosenProbe extends Probe {
  readonly old?: OldProbe;
}

/** @param at seconds since 1970 */
export const oldByAge = (probe: Pick<ProbedCache, 'at'>, at: number): 'age' | undefined =>
  at - probe.at > freshDays * daySeconds ? 'age' : undefined;

/**
 * The probe that counts. One that is not old comes before an old one, and one that saw cache come back before one that ended earlier.
 * Among replicas the one that needs most counts.
 */
export function probeOf({ probes, revision }: UsageAggregate, at: number): ChosenProbe | undefined {
  const rated = probes.map((probe): ChosenProbe => {
    const isOtherRevision = probe.revision !== undefined && probe.revision !== revision?.revision;
    const old = isOtherRevision && revision !== undefined ? 'roll-out' : oldByAge(probe, at);
    return old === undefined ? probe : { ...probe, old };
  });
  return rated.toSorted(
    (a, b) =>
      Number(a.old !== undefined) - Number(b.old !== undefined) ||
      Number(a.isAtMost ?? false) - Number(b.isAtMost ?? false) ||
      b.neededCacheBytes - a.neededCacheBytes ||
      b.at - a.at,
  )[0];
}

/** The probe that counts for a container of this node. The result takes milliseconds since 1970 */
export const probeIn =
  (history: Pick<History, 'aggregateOf'>) =>
  ({ sample }: Pick<Observation, 'sample'>, at: number): Omit<ChosenProbe, 'revision'> | undefined => {
    const aggregate = history.aggregateOf(sample.id)?.aggregate;
    const found = aggregate && probeOf(aggregate, at / 1000);
    if (found === undefined) return undefined;
    const { revision: _, ...probe } = found;
    return probe;
  };

/** @param without the proposal by cache.ts, as if there were no probe @param proposal the one before cache.ts */
export function applyProbe(
  proposal: Proposal,
  without: Proposal,
  probe: ChosenProbe,
  aggregate: UsageAggregate,
  at: number,
): Proposal {
  const { neededCacheBytes: needed, errorBytes: error, isAtMost = false, old } = probe;
  const largest = aggregate.largest(at);
  const holds = largest + needed + error;
  const limit = atLeast(proposal.limit, holds);
  const found = sentenceOn(probe);
  const isOld = old === undefined ? '' : ` The probe is old: ${oldWords[old]}`;
  if (old !== undefined && isAtMost)
    return withReason(without, `${found}${isOld}, so it does not count. Probe again.`);
  const applied = aggregate.setting?.limit;
  // Whoever applies a suggestion rolls out. To raise the limit again right then would never end.
  const isApplied = applied !== undefined && isNear(applied, limit);
  if (old !== undefined && !isApplied)
    return withReason(
      without,
      `${found}${isOld}: request and limit are the larger of those with and without it. Probe again.`,
      {
        request: largerOf(without.request, shifted(proposal.request, needed)),
        limit: largerOf(without.limit, limit),
      },
    );
  const held = `limit at least ${size(holds)} (largest real ${size(largest)} + ${size(needed)} + the error of ${size(error)})`;
  const stays =
    isOld === '' ? '' : `${isOld}. It counts while the limit is the one that it led to. Probe again.`;
  if (!isAtMost)
    return withReason(
      proposal,
      `${found} Request + ${size(needed)}; ${held}. Cold cache is in neither.${stays}`,
      { request: shifted(proposal.request, needed), limit },
    );
  // What it needs is below, but nobody knows how far.
  const isSteady = aggregate.lastDays(at).some(({ cache, unsorted }) => (cache ?? unsorted) !== undefined);
  const most = {
    request: smallerOf(without.request, shifted(proposal.request, needed)),
    limit: isSteady ? smallerOf(without.limit, limit) : limit,
  };
  return withReason(
    proposal,
    `${found} So the limit has room for no more than that beside the largest real of ${size(largest)}, and the request keeps only cache that was read back. A longer probe may find less.`,
    most,
  );
}

export const oldWords: Readonly<Record<OldProbe, string>> = {
  age: `more than ${freshDays} days`,
  'roll-out': 'it was before the last roll-out',
};

/** `Probe of cart-1 on 2026-11-30 (watched for 1 min): it needs 32Mi of page cache, and 64Mi are cold.` */
export function sentenceOn(probe: ProbedCache & { readonly pod: string }): string {
  const { pod, at, neededCacheBytes, coldCacheBytes, watchedSeconds, isAtMost } = probe;
  const found = isAtMost
    ? `it needs at most ${size(neededCacheBytes)} of page cache: the probe ended before any came back`
    : `it needs ${size(neededCacheBytes)} of page cache`;
  return `Probe of ${pod} on ${rfc3339(1000 * at).slice(0, 10)} (watched for ${formatSpan(watchedSeconds)}): ${found}, and ${size(coldCacheBytes)} ${isAtMost ? 'was' : 'is'} cold.`;
}

const each =
  (choose: (a: number, b: number) => number) =>
  (a: Range, b: Range): Range => ({
    target: choose(a.target, b.target),
    lower: choose(a.lower, b.lower),
    upper: choose(a.upper, b.upper),
  });
const largerOf = each(Math.max);
const smallerOf = each(Math.min);
