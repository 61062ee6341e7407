/**
 * The page cache that a probe measured. A probe that saw cache reread replaces the guesses of cache.ts: the needed cache enters
 * request and limit, and cold cache leaves the limit.
 *
 * The limit has room for the largest real and the needed cache at the same time. It does not get the needed cache on top of the room for
 * larger peaks of real: the kernel drops cache before it kills, so a rare peak may take the place of cache.
 */
import { formatRounded as size } from '../model/bytes.ts';
import type { Setting } from '../model/container-key.ts';
import type { Identified } from '../model/observation.ts';
import type { ProbedCache } from '../model/pod.ts';
import { isWithinTenth, type OldProbe } from '../model/recommendation.ts';
import { daySeconds, formatSpan, rfc3339 } from '../model/time.ts';
import type { UsageAggregate } from '../usage/aggregate.ts';
import type { Probe } from '../usage/aggregate-entries.ts';
import type { History } from '../usage/history.ts';
import type { CacheRoom } from './leak.ts';
import { atLeast, type Proposal, type Range, settableLimit, shifted, withReason } from './proposal.ts';

const freshDays = 30;

export interface ChosenProbe extends Probe {
  readonly old?: OldProbe;
}

/** @param at seconds since 1970 */
export const oldByAge = (probe: Pick<ProbedCache, 'at'>, at: number): 'age' | undefined =>
  at - probe.at > freshDays * daySeconds ? 'age' : undefined;

/**
 * The probe that counts. One that is not old ranks before an old one. Then one that saw cache reread ranks before an
 * upper bound. Among replicas the one that needs most counts.
 */
export const probeOf = (aggregate: UsageAggregate, at: number): ChosenProbe | undefined =>
  ratedProbes(aggregate, at)[0];

function ratedProbes({ probes, revision }: UsageAggregate, at: number): readonly ChosenProbe[] {
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
  );
}

/**
 * The probe to show for a container of this node: its own, or else that of the replica that needs most. An own one that is old comes
 * after a newer one of another replica. The result takes milliseconds since 1970
 */
export const probeIn =
  (history: Pick<History, 'aggregateOf'>) =>
  (
    { sample, pod }: Pick<Identified, 'sample' | 'pod'>,
    at: number,
  ): Omit<ChosenProbe, 'revision'> | undefined => {
    const aggregate = history.aggregateOf(sample.id)?.aggregate;
    const rated = aggregate === undefined ? [] : ratedProbes(aggregate, at / 1000);
    const [first] = rated;
    const own = rated.find((one) => one.pod === pod?.name);
    const found = own !== undefined && (own.old === undefined || first?.old !== undefined) ? own : first;
    if (found === undefined) return undefined;
    const { revision: _, ...probe } = found;
    return probe;
  };

/** A proposal that knows of a probe. */
export interface ProbedProposal extends Proposal {
  /** Absent: the probe gives no lower bound. */
  readonly room?: CacheRoom;
  /** The probe changes nothing: it is old, and an upper bound. */
  readonly isUnused?: true;
}

/**
 * Under a limit the kernel reads ahead and charges in batches within it, and it may drop what is needed a moment later. A probe takes pages
 * without a limit, so it sees none of that. It is a matter of some MiB.
 */
const spareShare = 0.05;
const mostSpare = 16 * 2 ** 20;

/** @param without the proposal by cache.ts, as if there were no probe @param proposal the one before cache.ts */
export function applyProbe(
  proposal: Proposal,
  without: Proposal,
  probe: ChosenProbe,
  aggregate: UsageAggregate,
  at: number,
): ProbedProposal {
  const { neededCacheBytes: needed, errorBytes: error, isAtMost = false, old } = probe;
  const largest = aggregate.largest(at);
  const spare = Math.min(spareShare * (largest + needed + error), mostSpare);
  const holds = largest + needed + error + spare;
  const withProbe: Sizes = {
    request: shifted(proposal.request, needed),
    limit: atLeast(proposal.limit, holds),
  };
  const counted = isAtMost ? atMost(withProbe, without, aggregate, at) : withProbe;
  const room: CacheRoom = { cache: needed + error + spare, holds };
  const { setting } = aggregate;
  // Applying a suggestion is a roll-out, which makes the probe old. If that raised the limit again, it would never end.
  const isApplied =
    setting?.limit !== undefined &&
    isWithinTenth(setting.limit, { target: settableLimit(counted.limit.target) });
  if (old !== undefined && !isApplied) return applyOld(without, probe, counted, setting, room);
  const stays =
    old === undefined
      ? ''
      : ` ${oldInWords(old)} It still counts, because the current limit came from it. Probe again.`;
  const found = probeSentence(probe);
  if (isAtMost)
    return withReason(
      proposal,
      // The need is below this bound, and nobody knows how far.
      `${found} The limit covers the largest real (${size(largest)}) and at most this cache, and the request only cache that was reread. A longer probe may find less.${stays}`,
      counted,
    );
  const held = `limit at least ${size(holds)} (largest real ${size(largest)} + ${size(needed)} + the error of ${size(error)} + ${size(spare)} to spare)`;
  const because = `${found} Request + ${size(needed)}; ${held}. Cold cache is in neither.${stays}`;
  return { ...withReason(proposal, because, counted), room };
}

type Sizes = Pick<Proposal, 'request' | 'limit'>;

/** An upper bound only lowers. */
function atMost(withProbe: Sizes, without: Sizes, aggregate: UsageAggregate, at: number): Sizes {
  const isSteady = aggregate.lastDays(at).some(({ cache, unsorted }) => (cache ?? unsorted) !== undefined);
  return {
    request: smallerOf(without.request, withProbe.request),
    limit: isSteady ? smallerOf(without.limit, withProbe.limit) : withProbe.limit,
  };
}

/** An old probe lowers nothing. Its age alone raises no current value that has room for what the probe found. */
function applyOld(
  without: Proposal,
  probe: ChosenProbe,
  counted: Sizes,
  setting: Pick<Setting, 'request' | 'limit'> | undefined,
  room: CacheRoom,
): ProbedProposal {
  const { isAtMost, old = 'age' } = probe;
  const larger: Sizes = isAtMost
    ? without
    : {
        request: largerOf(without.request, counted.request),
        limit: largerOf(without.limit, counted.limit),
      };
  const request = heldAt(setting?.request, counted.request, larger.request);
  const limit = heldAt(setting?.limit, counted.limit, larger.limit);
  const staying = [
    ...(request === undefined ? [] : ['request']),
    ...(limit === undefined ? [] : ['limit']),
  ].join(' and ');
  const stays =
    staying === ''
      ? ''
      : ` The current ${staying} ${staying.includes(' ') ? 'have' : 'has'} room for what it found, so its age does not raise ${staying.includes(' ') ? 'them' : 'it'}.`;
  const what = isAtMost
    ? 'It does not count: it is an upper bound.'
    : 'Request and limit are the larger of those with and without it.';
  return {
    ...withReason(without, `${probeSentence(probe)} ${oldInWords(old)} ${what}${stays} Probe again.`, {
      request: request ?? larger.request,
      limit: limit ?? larger.limit,
    }),
    ...(isAtMost ? staying === '' && { isUnused: true } : { room }),
  };
}

/** Undefined where the current value is not between the one with the probe and the one that its age would lead to. */
const heldAt = (now: number | undefined, counted: Range, larger: Range): Range | undefined =>
  now === undefined || now < counted.target || now >= larger.target
    ? undefined
    : { target: now, lower: Math.min(now, counted.lower), upper: larger.upper };

export const oldWords: Readonly<Record<OldProbe, string>> = {
  age: `more than ${freshDays} days ago`,
  'roll-out': 'before the last roll-out',
};

const oldInWords = (old: OldProbe): string => `The probe is old: it was ${oldWords[old]}.`;

/** `Probe of cart-1 on 2026-11-30 (watched for 1 min): it needs 32Mi of page cache, and 64Mi is cold.` */
export function probeSentence(probe: ProbedCache & { readonly pod: string }): string {
  const { pod, at, neededCacheBytes, coldCacheBytes, watchedSeconds, isAtMost } = probe;
  const found = isAtMost
    ? `it needs at most ${size(neededCacheBytes)} of page cache (too little of the last step was reread)`
    : `it needs ${size(neededCacheBytes)} of page cache`;
  return `Probe of ${pod} on ${rfc3339(1000 * at).slice(0, 10)} (watched for ${formatSpan(watchedSeconds)}): ${found}, and ${size(coldCacheBytes)} is cold.`;
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
