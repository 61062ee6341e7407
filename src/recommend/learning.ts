/**
 * Less than a day of history shows the least that a container needs, not the most: nights, peaks and jobs are still to come.
 * Until then the current values stay, unless an OOM kill shows that they are too low. Where they look too low so far, the result
 * names what the container needs at least, for a person to decide.
 */
import { type Bytes, bytes, formatRounded as size } from '../model/bytes.ts';
import type { Setting } from '../model/container-key.ts';
import { defined } from '../model/json.ts';
import { confidenceOf, type Learning, type Recommendation } from '../model/recommendation.ts';
import { daySeconds, formatSpan } from '../model/time.ts';
import { nearLimit } from '../model/usage.ts';
import type { UsageAggregate } from '../usage/aggregate.ts';
import { advise } from './advise.ts';
import { applyOomKills } from './kills.ts';
import { probeSentence } from './probed.ts';
import { type Proposal, wholeMiB } from './proposal.ts';
import { watchedSeconds } from './watched.ts';

/** @param at seconds since 1970 @param workload `Deployment/cart` @returns undefined without history */
export function adviseOn(
  aggregate: UsageAggregate,
  workload: string,
  at: number,
): Recommendation | undefined {
  const found = advise(aggregate, at);
  if (found === undefined) return undefined;
  const days = watchedSeconds(aggregate, workload) / daySeconds;
  const because = [...found.because, ...ofPod(aggregate.setting)];
  const watched = { ...found, days, confidence: confidenceOf(days), because };
  return watched.confidence === 'low' ? whileLearning(watched, aggregate, at) : watched;
}

function whileLearning(found: Recommendation, aggregate: UsageAggregate, at: number): Recommendation {
  const { request, limit } = aggregate.setting ?? {};
  // The aggregate's largest includes an assumed need after an OOM kill. The replicas have the observed peaks.
  const [highest] = aggregate.replicas;
  const peak = bytes(Math.ceil(highest?.peak ?? aggregate.largest(at)));
  const set: Proposal = {
    request: unchanged(request),
    limit: unchanged(limit),
    because: [
      `Peak so far: ${size(peak)} in ${formatSpan(found.days * daySeconds)}. realmem lowers requests and limits only after a day of history.`,
    ],
  };
  const after = applyOomKills(set, aggregate, at);
  const isGuaranteed = limit !== undefined && limit === request;
  const raisedLimit = limit === undefined ? undefined : raised(limit, after.limit.target);
  const sizes = defined<Sizes>({
    request: isGuaranteed ? raisedLimit : requestOf(request, after.request.target, raisedLimit),
    limit: raisedLimit,
  });
  const stays = sizes.request === request && sizes.limit === limit;
  const needs = neededBy(found, peak, sizes, isGuaranteed);
  const why =
    request === undefined && limit === undefined
      ? nothingSet
      : needs === undefined
        ? setStays
        : `${neededInWords(needs)} so far: more than now. Until then realmem suggests a raise only after an OOM kill; --min-confidence low suggests these values`;
  const because = [
    ...after.because,
    ...(found.probe === undefined ? [] : [`${probeSentence(found.probe)} ${probeWaits}`]),
    ...(stays || needs !== undefined ? [why] : []),
    ...ofPod(aggregate.setting),
  ];
  return { ...found, learning: defined<Learning>({ peak, ...sizes, needs, because }) };
}

type Sizes = Pick<Learning, 'request' | 'limit'>;

/** What it needs so far above the values that stay. Values that are not set are not too low. */
function neededBy(
  found: Recommendation,
  peak: number,
  { request, limit }: Sizes,
  isGuaranteed: boolean,
): Sizes | undefined {
  const isTooLow = limit !== undefined && (limit < found.limit.lower || peak >= nearLimit * limit);
  const neededLimit = isTooLow && found.limit.target > limit ? found.limit.target : undefined;
  const isTooLittle = request !== undefined && request < found.request.lower;
  const most = neededLimit ?? limit ?? Number.POSITIVE_INFINITY;
  const target = isGuaranteed ? neededLimit : bytes(Math.min(found.request.target, most));
  const isRequestNeeded = request !== undefined && target !== undefined && target > request;
  const neededRequest = isRequestNeeded && (isGuaranteed || isTooLittle) ? target : undefined;
  if (neededRequest === undefined && neededLimit === undefined) return undefined;
  return defined<Sizes>({ request: neededRequest, limit: neededLimit });
}

function neededInWords({ request, limit }: Sizes): string {
  const parts = [
    ...(request === undefined ? [] : [`a request of at least ${size(request)}`]),
    ...(limit === undefined ? [] : [`a limit of at least ${size(limit)}`]),
  ];
  return `It needs ${parts.join(' and ')}`;
}

const probeWaits =
  'It counts after a day of history; --min-confidence low shows the request and limit with it now.';
const setStays =
  'The current values stay until then. realmem suggests a raise earlier only after an OOM kill';
const nothingSet = 'No request and no limit is set, and realmem suggests none until then';

function ofPod({ pod }: Pick<Setting, 'pod'> = {}): readonly string[] {
  if (pod === undefined) return [];
  const sizes = [
    ...(pod.request === undefined ? [] : [`a request of ${size(pod.request)}`]),
    ...(pod.limit === undefined ? [] : [`a limit of ${size(pod.limit)}`]),
  ];
  return [`Its pod sets ${sizes.join(' and ')} for all containers together`];
}

/** A container without a request gets one only after a kill that its own limit did not cause. */
function requestOf(
  now: number | undefined,
  then: number,
  limit = Number.POSITIVE_INFINITY,
): Bytes | undefined {
  if (now === undefined && then === 0) return undefined;
  return bytes(Math.min(raised(now ?? 0, then), limit));
}

const unchanged = (amount = 0): Proposal['limit'] => ({ target: amount, lower: amount, upper: amount });

/** A value that stays keeps its exact bytes: its unit may be another than Mi. */
const raised = (now: number, then: number): Bytes => bytes(then > now ? wholeMiB(then) : now);
