/**
 * What an aggregate keeps as entries: the replicas with the highest peaks, the newest kills, the fastest leaks, the answers of probes.
 * Each list is short, whatever it merges. Times are seconds since 1970, sizes are bytes.
 */
import type { ProbedCache } from '../model/pod.ts';
import type { Leak } from '../model/recommendation.ts';
import { compareText } from '../model/text.ts';

export interface Replica {
  readonly pod: string;
  readonly peak: number;
  /** Last observation. */
  readonly at: number;
}

export interface Kill {
  readonly pod: string;
  /** ID of the container lifetime that the kill ended, or in which it ended a process. */
  readonly lifetime: string;
  readonly at: number;
  /** The container's own limit, if the kill was at that limit. Absent: its pod or the node ran out of memory. */
  readonly limit?: number;
  /** Kills of that lifetime with the same cause. Absent: 1. */
  readonly times?: number;
}

/** What a probe found in one replica. */
export interface Probe extends ProbedCache {
  readonly pod: string;
  /** Of the pod's template. Absent: unknown, or its owner has no revisions. */
  readonly revision?: number;
}

/** The revision of the pod that was created last, and when that was. */
export interface Revision {
  readonly revision: number;
  readonly at: number;
}

/** Enough to tell one odd replica from two odd ones. */
const replicasKept = 3;
const killsKept = 8;
const leaksKept = 3;
/** For each revision. */
export const probesKept = 3;
const revisionsKept = 2;

/** One entry per pod, with its highest peak and its last observation. */
export function highest(replicas: readonly Replica[]): readonly Replica[] {
  const byPod = new Map<string, Replica>();
  for (const { pod, peak, at } of replicas) {
    const known = byPod.get(pod);
    byPod.set(pod, { pod, peak: Math.max(peak, known?.peak ?? 0), at: Math.max(at, known?.at ?? at) });
  }
  return [...byPod.values()]
    .sort((a, b) => b.peak - a.peak || compareText(a.pod, b.pod))
    .slice(0, replicasKept);
}

/**
 * Pod, peak and last observation of each replica, in one array: an object for each would take twice the memory. Times are whole
 * seconds, which the engine keeps in the array itself.
 */
export type PackedReplicas = (string | number)[];
const fieldsEach = 3;
/** Shared: a job that ended has none. */
export const noReplicas: PackedReplicas = [];

export function packReplicas(replicas: readonly Replica[]): PackedReplicas {
  if (replicas.length === 0) return noReplicas;
  // Made at its full length, because an array that grows has spare capacity.
  const packed = new Array<string | number>(fieldsEach * replicas.length);
  for (const [index, { pod, peak, at }] of replicas.entries()) {
    packed[fieldsEach * index] = pod;
    packed[fieldsEach * index + 1] = peak;
    packed[fieldsEach * index + 2] = Math.round(at);
  }
  return packed;
}

export const unpackReplicas = (packed: PackedReplicas): readonly Replica[] =>
  Array.from({ length: packed.length / fieldsEach }, (_, index) => ({
    pod: packed[fieldsEach * index] as string,
    peak: packed[fieldsEach * index + 1] as number,
    at: packed[fieldsEach * index + 2] as number,
  }));

/** Those with the highest peaks, the new one included. Each report adds every container again, mostly with no news but the time. */
export function withReplica(packed: PackedReplicas, { pod, peak, at }: Replica): PackedReplicas {
  const place = packed.indexOf(pod);
  if (place === -1 || peak > (packed[place + 1] as number))
    return packReplicas(highest([...unpackReplicas(packed), { pod, peak, at }]));
  packed[place + 2] = Math.max(Math.round(at), packed[place + 2] as number);
  return packed;
}

/** Those last observed at that time or later. Each report asks for every aggregate. */
export function replicasSince(packed: PackedReplicas, first: number): PackedReplicas {
  for (let place = fieldsEach - 1; place < packed.length; place += fieldsEach)
    if ((packed[place] as number) < first)
      return packReplicas(unpackReplicas(packed).filter(({ at }) => at >= first));
  return packed;
}

/** Keeps kills at a limit and other kills apart, so that neither displaces the other. */
export function newest(kills: readonly Kill[]): readonly Kill[] {
  const sorted = kills.toSorted((a, b) => b.at - a.at || compareText(a.lifetime, b.lifetime));
  const most = new Map<string, number>();
  for (const kill of sorted) most.set(killKey(kill), Math.max(timesOf(kill), most.get(killKey(kill)) ?? 0));
  const each = firstOfEach(sorted, killKey).map((kill): Kill => {
    const times = most.get(killKey(kill)) ?? 1;
    return times === timesOf(kill) ? kill : { ...kill, times };
  });
  const atLimit = each.filter(({ limit }) => limit !== undefined).slice(0, killsKept);
  const others = each.filter(({ limit }) => limit === undefined).slice(0, killsKept);
  return each.filter((kill) => atLimit.includes(kill) || others.includes(kill));
}

/** One lifetime can have kills at its limit and kills for the node. */
export const killKey = ({ lifetime, limit }: Kill): string =>
  limit === undefined ? lifetime : `${lifetime} at its limit`;
export const timesOf = ({ times = 1 }: Kill): number => times;
export const hourOf = ({ at }: Kill): number => Math.floor(at / 3600);

export function fastest(leaks: readonly Leak[]): readonly Leak[] {
  const latest = firstOfEach(
    leaks.toSorted((a, b) => b.until - a.until),
    ({ pod }) => pod,
  );
  return latest.toSorted((a, b) => b.perDay - a.perDay || compareText(a.pod, b.pod)).slice(0, leaksKept);
}

/**
 * The last measured probe of each pod, and a later one that says *at most*: it counts when the measured one is old. Of each of the
 * last revisions, the replicas that need the most cache; the newest revision first. A second time it changes nothing.
 */
export function neediest(probes: readonly Probe[]): readonly Probe[] {
  const sorted = probes.toSorted(byNews);
  const ofPods = firstOfEach(sorted, ({ pod, isAtMost = false }) => `${isAtMost} ${pod}`);
  const counting = ofPods.filter(
    (probe) => !ofPods.some((other) => other !== probe && outdates(other, probe)),
  );
  const revisions = [...Map.groupBy(counting, ({ revision }) => revision).values()].map((ofOne) =>
    ofOne.toSorted(byNeed).slice(0, probesKept),
  );
  // By what is kept of each: what is left out is unknown the second time.
  return revisions
    .toSorted((a, b) => byNews(newestProbe(a), newestProbe(b)))
    .slice(0, revisionsKept)
    .flat();
}

/** Whether a probe of the same pod takes the place of another. One that says *at most* takes none of a measured one. */
export const outdates = (one: Probe, other: Probe): boolean =>
  one.pod === other.pod && one.at >= other.at && (one.isAtMost !== true || other.isAtMost === true);

/** The newest first. Probes of one time are in the order of their need. */
const byNews = (a: Probe, b: Probe): number => b.at - a.at || byNeed(a, b);

const newestProbe = (probes: readonly Probe[]): Probe => probes.reduce((a, b) => (byNews(a, b) <= 0 ? a : b));

/** A measured probe comes before each that says *at most*, whatever size that names. */
const byNeed = (a: Probe, b: Probe): number =>
  Number(a.isAtMost ?? false) - Number(b.isAtMost ?? false) ||
  b.neededCacheBytes - a.neededCacheBytes ||
  b.at - a.at ||
  compareText(a.pod, b.pod) ||
  b.coldCacheBytes - a.coldCacheBytes ||
  b.errorBytes - a.errorBytes ||
  b.watchedSeconds - a.watchedSeconds ||
  (b.revision ?? -1) - (a.revision ?? -1);

/** The one that was created later. */
export const laterRevision = (a: Revision | undefined, b: Revision | undefined): Revision | undefined => {
  if (a === undefined || b === undefined) return a ?? b;
  return b.at - a.at > 0 || (a.at === b.at && b.revision > a.revision) ? b : a;
};

function firstOfEach<Item>(items: readonly Item[], nameOf: (item: Item) => string): readonly Item[] {
  const known = new Set<string>();
  return items.filter((item) => {
    const name = nameOf(item);
    if (known.has(name)) return false;
    known.add(name);
    return true;
  });
}
