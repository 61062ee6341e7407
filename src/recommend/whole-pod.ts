/** What is set for all containers of a pod together, from what each of them needs. */
import { type Bytes, bytes, formatRounded as size } from '../model/bytes.ts';
import type { PodSetting, Setting } from '../model/container-key.ts';
import { defined } from '../model/defined.ts';
import {
  type Bounded,
  confidenceOf,
  type Learning,
  type Recommendation,
  type Suggestion,
} from '../model/recommendation.ts';
import { podAggregate } from '../usage/pod-aggregate.ts';

/** @param containers those of one workload whose pods have requests or limits of their own */
export function wholePod(containers: readonly [Suggestion, ...Suggestion[]]): Suggestion {
  const [first] = containers;
  const pod = containers.findLast(({ setting }) => setting.pod !== undefined)?.setting.pod ?? {};
  // An init container is seen for a moment in each pod, and would keep the pod learning for ever.
  const beside = containers.filter(({ setting }) => setting.type !== 'init');
  const all = (beside.length > 0 ? beside : containers).map(({ recommendation }) => recommendation);
  const days = Math.min(...all.map((one) => one.days));
  const request = together(containers, ({ recommendation }) => recommendation.request);
  const limit = limitOf(containers, request, pod.limit);
  const isKilled = containers.some(({ killCount }) => killCount > 0);
  const learning = learningOf(all, pod, isKilled ? { request: request.target, limit: limit.target } : {});
  const recommendation = defined<Recommendation>({
    ...{ request, limit, confidence: confidenceOf(days), days, learning },
    because: [
      `its ${containers.length} containers need ${size(request.target)} together nearly all the time: that is the request of the pod`,
      `with the one that needs the most beyond that at its own limit they need ${size(limit.lower)}, and ${size(limit.upper)} with all at theirs: the limit of the pod is between`,
    ],
  });
  const setting: Setting = defined<Setting>({ type: 'container', request: pod.request, limit: pod.limit });
  return {
    key: { ...first.key, container: '' },
    isWholePod: true,
    setting,
    replicas: Math.max(...containers.map(({ replicas }) => replicas)),
    killCount: 0,
    recommendation,
    origin: first.origin,
  };
}

/** Histories do not tell the order of init containers. */
function together(containers: readonly Suggestion[], of: (one: Suggestion) => Bounded): Bounded {
  const sum = (field: keyof Bounded): Bytes =>
    bytes(podAggregate(containers.map((one) => ({ type: one.setting.type, amount: of(one)[field] }))));
  return { target: sum('target'), lower: sum('lower'), upper: sum('upper') };
}

/** Nobody saw whether they peak at the same time: one of them at least does, and all of them at the most. */
function limitOf(containers: readonly Suggestion[], request: Bounded, now: number | undefined): Bounded {
  const beyond = containers.map(
    ({ recommendation: { request, limit } }) => limit.target - Math.min(request.target, limit.target),
  );
  const upper = together(containers, ({ recommendation }) => recommendation.limit).target;
  const lower = bytes(Math.min(upper, request.target + Math.max(...beyond)));
  const target = bytes(Math.min(upper, Math.max(lower, now ?? lower)));
  return { lower, target, upper };
}

/** @param killed after an OOM kill: what its containers need at the least */
function learningOf(
  all: readonly Recommendation[],
  pod: PodSetting,
  killed: PodSetting,
): Learning | undefined {
  const young = all.flatMap(({ learning }) => learning ?? []);
  if (young.length === 0) return undefined;
  const peak = bytes(young.reduce<number>((sum, one) => sum + one.peak, 0));
  const raised = (now: number | undefined, then = 0): Bytes | undefined =>
    now === undefined ? undefined : bytes(Math.max(now, then));
  const [request, limit] = [raised(pod.request, killed.request), raised(pod.limit, killed.limit)];
  const stays = request === pod.request && limit === pod.limit;
  return defined<Learning>({
    ...{ peak, request, limit },
    because: [
      `watched for less than a day, and the largest of its containers so far were ${size(peak)} together: ${
        stays
          ? 'what is set for the pod stays until a day is over'
          : 'the pod gets more after an OOM kill, and nothing is lowered until a day is over'
      }`,
    ],
  });
}
