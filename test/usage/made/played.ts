/** Plays days of a node in a moment: feeds the values of its cgroups to the real `History`, pass by pass. */
import { realOf } from '../../../src/account/memory.ts';
import { bytes } from '../../../src/model/bytes.ts';
import type { CgroupId, CgroupSample, Lru } from '../../../src/model/cgroup.ts';
import type { ContainerKey } from '../../../src/model/container-key.ts';
import type { Accounted } from '../../../src/model/observation.ts';
import type { ContainerType, Heap, Pod, PodContainer } from '../../../src/model/pod.ts';
import { History } from '../../../src/usage/history.ts';

export const MiB = 2 ** 20;
export const minute = 60;
export const hour = 3600;
export const day = 24 * hour;
/** A Monday, at midnight. */
export const monday = 20_003 * day;

/** Memory in MiB, by seconds since `monday`. */
export type Curve = (at: number) => number;

export interface PlayedContainer {
  readonly pod: string;
  /** Default: `Deployment/cart`. */
  readonly workload?: string;
  readonly container?: string;
  readonly type?: ContainerType;
  /** Undefined while it does not run. */
  readonly real: (at: number) => number | undefined;
  readonly activeFile?: Curve;
  readonly inactiveFile?: Curve;
  /** Since it began. */
  readonly refaulted?: Curve;
  readonly request?: number;
  readonly limit?: number;
  /** `memory.high`, how often usage was above it, and the per cent of time in which a task waited for memory. */
  readonly high?: number;
  readonly highEvents?: Curve;
  readonly waited?: Curve;
  readonly heap?: Heap;
  /** Pod-level resources. */
  readonly podRequest?: number;
  readonly podLimit?: number;
  /** From when on the API names it, in seconds since `monday`. Default: the beginning. */
  readonly namedFrom?: number;
  /** OOM kills, in seconds since `monday`. Each ends a lifetime. */
  readonly kills?: readonly number[];
}

export interface Play {
  readonly days: number;
  /** Default: 1 minute. */
  readonly stepSeconds?: number;
  /** In seconds since `monday`. */
  readonly from?: number;
  /** LRU of the node's kernel. Default: classic. */
  readonly lru?: Lru;
}

export const keyOf = ({
  workload = 'Deployment/cart',
  container = 'web',
}: PlayedContainer): ContainerKey => ({
  namespace: 'shop',
  workload,
  container,
});

/** @param history to continue; default: a new one */
export function play(
  containers: readonly PlayedContainer[],
  { days, stepSeconds = minute, from = 0, lru = 'classic' }: Play,
  history = new History(),
): History {
  const pageBytes = 4096;
  for (let at = from; at < from + days * day; at += stepSeconds) {
    const ms = (monday + at) * 1000;
    const accounted = containers.flatMap((one) => sightingOf(one, at));
    const named = containers.filter((one) => isNamed(one, at)).map((one) => podOf(one, livesAt(one, at)));
    history.sampled(accounted, { realOf, pageBytes, lru }, named, ms);
    history.identified(accounted, ms);
    history.accounted(accounted, ms);
  }
  return history;
}

/** Number of the lifetime at that time. It rises with each kill. */
const livesAt = ({ kills = [] }: PlayedContainer, at: number): number =>
  kills.filter((kill) => kill <= at).length;

const idOf = ({ pod, container = 'web' }: PlayedContainer, lifetime: number): string =>
  `${pod}-${container}-${lifetime}`;

/** @param lifetime rises with each kill */
export const cgroupOf = (one: PlayedContainer, lifetime = 0): CgroupId => ({
  path: `/kubepods/uid-${one.pod}/${idOf(one, lifetime)}`,
  inode: 1 + lifetime,
});

/** By lifetime. The API names the same pod in every pass until a kill changes it. */
const podsOf = new WeakMap<PlayedContainer, Map<number, Pod>>();

function podOf(one: PlayedContainer, lifetime: number): Pod {
  const pods = podsOf.get(one) ?? new Map<number, Pod>();
  podsOf.set(one, pods);
  const pod = pods.get(lifetime) ?? podIn(one, lifetime);
  pods.set(lifetime, pod);
  return pod;
}

function podIn(one: PlayedContainer, lifetime: number): Pod {
  const { pod, workload = 'Deployment/cart', container = 'web', type = 'container', kills = [] } = one;
  const last = kills[lifetime - 1];
  const named: PodContainer = {
    name: container,
    type,
    ids: [lifetime, lifetime - 1].filter((number) => number >= 0).map((number) => idOf(one, number)),
    running: true,
    ...(one.request !== undefined && { request: bytes(one.request * MiB) }),
    ...(one.limit !== undefined && { limit: bytes(one.limit * MiB) }),
    ...(one.heap !== undefined && { heap: one.heap }),
    ...(last !== undefined && {
      oomKilled: [{ id: idOf(one, lifetime - 1), at: new Date((monday + last) * 1000).toISOString() }],
    }),
  };
  const owner = workload.startsWith('Pod/') ? {} : { workload };
  return {
    ...{ uid: `uid-${pod}`, namespace: 'shop', name: pod, labels: {}, containers: [named], ...owner },
    ...(one.podRequest !== undefined && { request: bytes(one.podRequest * MiB) }),
    ...(one.podLimit !== undefined && { limit: bytes(one.podLimit * MiB) }),
  };
}

const isNamed = ({ namedFrom = 0 }: PlayedContainer, at: number): boolean => at >= namedFrom;

function sightingOf(one: PlayedContainer, at: number): readonly Accounted[] {
  const real = one.real(at);
  const lifetime = livesAt(one, at);
  const pod = podOf(one, lifetime);
  const [container] = pod.containers;
  if (real === undefined || container === undefined) return [];
  const id = idOf(one, lifetime);
  const active = (one.activeFile?.(at) ?? 0) * MiB;
  const inactive = (one.inactiveFile?.(at) ?? 0) * MiB;
  const usage = bytes(Math.round(real * MiB + active + inactive));
  const refaulted = one.refaulted?.(at);
  const sample: CgroupSample = {
    id: cgroupOf(one, lifetime),
    version: 2,
    usage,
    stat: {
      anon: bytes(Math.round(real * MiB)),
      activeFile: bytes(Math.round(active)),
      inactiveFile: bytes(Math.round(inactive)),
      ...(refaulted !== undefined && { refaultFile: Math.round((refaulted * MiB) / 4096) }),
    },
    faults: [],
  };
  return [
    {
      // systemd paths write it like this.
      role: { kind: 'container', podUID: pod.uid.replaceAll('-', '_'), id },
      sample,
      ...(isNamed(one, at) && { pod, container: { pod, type: container.type, container } }),
      usage: {
        usageBytes: usage,
        realBytes: bytes(Math.round(real * MiB)),
        ...(container.limit !== undefined && { limitBytes: container.limit }),
        ...(one.high !== undefined && { highBytes: bytes(one.high * MiB) }),
        ...(one.highEvents !== undefined && { highEvents: Math.floor(one.highEvents(at)) }),
        ...(one.waited !== undefined && { psiSomeAvg60: one.waited(at) }),
      },
    },
  ];
}
