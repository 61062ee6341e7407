/** The request and limit of a whole pod (`spec.resources`), from those of its containers. */
import { type Bytes, bytes, formatRounded as size } from '../model/bytes.ts';
import type { PodSetting, Setting } from '../model/container-key.ts';
import { defined } from '../model/json.ts';
import {
  type Bounded,
  confidenceOf,
  type Learning,
  type Recommendation,
  type Suggestion,
  type UsedProbe,
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
  const probe = probeOfPod(containers, pod.limit);
  const recommendation = defined<Recommendation>({
    ...{ request, limit, confidence: confidenceOf(days), days, learning, probe },
    because: [
      `Request ${size(request.target)}: the suggested requests of its ${containers.length} containers together`,
      `Limit ${size(limit.target)}: at least ${size(limit.lower)} (one container at its limit, the others at their requests), at most ${size(limit.upper)} (all containers at their limits)`,
      ...(probe === undefined || probe.isUnused ? [] : [probesInWords(containers, probe)]),
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

/** What the values of the pod need of one of its containers. */
interface Part {
  readonly setting: Suggestion['setting'];
  readonly recommendation: Pick<Recommendation, 'request' | 'limit'>;
}

/** The probes of its containers together. They are as old, as short and as uncertain as the worst of them. */
function probeOfPod(containers: readonly Suggestion[], limitNow: number | undefined): UsedProbe | undefined {
  const found = containers.flatMap(({ recommendation: { probe } }) => probe ?? []);
  const counting = found.filter(({ isUnused }) => !isUnused);
  const probes = (counting.length > 0 ? counting : found).toSorted((a, b) => a.at - b.at);
  const [oldest] = probes;
  if (oldest === undefined) return undefined;
  const sum = (of: 'neededCacheBytes' | 'coldCacheBytes' | 'errorBytes'): number =>
    probes.reduce((total, probe) => total + probe[of], 0);
  const unprobed = containers.map(({ setting, recommendation: { request, limit, probe } }): Part => {
    const { without } = probe ?? {};
    return {
      setting,
      recommendation: {
        request: { ...request, target: without?.request ?? request.target },
        limit: { ...limit, target: without?.limit ?? limit.target },
      },
    };
  });
  const request = together(unprobed, ({ recommendation }) => recommendation.request);
  return defined<UsedProbe>({
    ...{ pod: oldest.pod, at: oldest.at },
    neededCacheBytes: sum('neededCacheBytes'),
    coldCacheBytes: sum('coldCacheBytes'),
    errorBytes: sum('errorBytes'),
    watchedSeconds: Math.min(...probes.map(({ watchedSeconds }) => watchedSeconds)),
    isAtMost: probes.some(({ isAtMost }) => isAtMost) ? true : undefined,
    old: probes.find(({ old }) => old !== undefined)?.old,
    isUnused: counting.length === 0 ? true : undefined,
    without: { request: request.target, limit: podLimitOf(unprobed, request, limitNow).target },
  });
}

function probesInWords(containers: readonly Suggestion[], { without, old }: UsedProbe): string {
  const names = containers.flatMap(({ key, recommendation: { probe } }) =>
    probe === undefined || probe.isUnused ? [] : [key.container],
  );
  const which = names.length === 1 ? 'a probe' : 'probes';
  return `It has ${which} of ${names.join(', ')}${old === undefined ? '' : ' (old: probe again)'}. Without ${names.length === 1 ? 'it' : 'them'}: request ${size(without.request)} and limit ${size(without.limit)}`;
}

/** Histories do not record the order of init containers. */
function together(containers: readonly Part[], of: (one: Part) => Bounded): Bounded {
  const sum = (field: keyof Bounded): Bytes =>
    bytes(podAggregate(containers.map((one) => ({ type: one.setting.type, amount: of(one)[field] }))));
  return { target: sum('target'), lower: sum('lower'), upper: sum('upper') };
}

/** Nobody observed which containers peak at the same time: at least one of them, at most all of them. */
function podLimitOf(containers: readonly Part[], request: Bounded, now: number | undefined): Bounded {
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
