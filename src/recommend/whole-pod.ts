/** The request and limit of a whole pod (`spec.resources`), from those of its containers. */
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

/** @param containers of one workload whose pods set `spec.resources` */
export function wholePod(containers: readonly [Suggestion, ...Suggestion[]]): Suggestion {
  const [first] = containers;
  const pod = containers.findLast(({ setting }) => setting.pod !== undefined)?.setting.pod ?? {};
  // An init container runs briefly in each pod, and would keep the whole pod in learning forever.
  const beside = containers.filter(({ setting }) => setting.type !== 'init');
  const all = (beside.length > 0 ? beside : containers).map(({ recommendation }) => recommendation);
  const days = Math.min(...all.map((one) => one.days));
  const request = together(containers, ({ recommendation }) => recommendation.request);
  const limit = podLimitOf(containers, request, pod.limit);
  const isKilled = containers.some(({ killCount }) => killCount > 0);
  const learning = learningOf(all, pod, isKilled ? { request: request.target, limit: limit.target } : {});
  const recommendation = defined<Recommendation>({
    ...{ request, limit, confidence: confidenceOf(days), days, learning },
    because: [
      `Request ${size(request.target)}: the suggested requests of its ${containers.length} containers together`,
      `Limit ${size(limit.target)}: at least ${size(limit.lower)} (one container at its limit, the others at their requests), at most ${size(limit.upper)} (all containers at their limits)`,
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

/** Histories do not record the order of init containers. */
function together(containers: readonly Suggestion[], of: (one: Suggestion) => Bounded): Bounded {
  const sum = (field: keyof Bounded): Bytes =>
    bytes(podAggregate(containers.map((one) => ({ type: one.setting.type, amount: of(one)[field] }))));
  return { target: sum('target'), lower: sum('lower'), upper: sum('upper') };
}

/** Nobody observed which containers peak at the same time: at least one of them, at most all of them. */
function podLimitOf(containers: readonly Suggestion[], request: Bounded, now: number | undefined): Bounded {
  const beyond = containers.map(
    ({ recommendation: { request, limit } }) => limit.target - Math.min(request.target, limit.target),
  );
  const upper = together(containers, ({ recommendation }) => recommendation.limit).target;
  const lower = bytes(Math.min(upper, request.target + Math.max(...beyond)));
  const target = bytes(Math.min(upper, Math.max(lower, now ?? lower)));
  return { lower, target, upper };
}

/** @param killed the least that its containers need after an OOM kill; empty without a kill */
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
      `Peaks of its containers so far: ${size(peak)} together, in less than a day. ${
        stays
          ? 'The current values of the pod stay until a day of history.'
          : 'The pod gets more after an OOM kill. realmem lowers nothing before a day of history.'
      }`,
    ],
  });
}
