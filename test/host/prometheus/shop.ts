/**
 * Two nodes of a small shop over 30 hours, as recordings that an agent replays. The workloads show what the dashboard is for: page
 * cache, a leak, OOM kills, throttling, requests that are too large. Their figures are made up.
 */
import { createHash } from 'node:crypto';
import type { LaterSample } from '../../../src/recording/later-sample.ts';
import { laterFile } from '../../../src/recording/later-sample.ts';
import { manifestFile } from '../../../src/recording/manifest.ts';
import { podsFile } from '../../../src/recording/record.ts';
import { lay } from '../../temp.ts';

const MiB = 2 ** 20;
const hours = 30;
export const stepSeconds = 600;
/** A Monday, at midnight. */
export const shopStart = Date.UTC(2026, 10, 2) / 1000;
export const sampleCount = (hours * 3600) / stepSeconds;
export const shopEnd = shopStart + (sampleCount - 1) * stepSeconds;
export const nodeNames = ['node-1', 'node-2'] as const;

/** Memory of one cgroup in MiB. */
interface Moment {
  readonly anon: number;
  readonly shmem?: number;
  readonly activeFile?: number;
  readonly inactiveFile?: number;
  readonly kills?: number;
  readonly highEvents?: number;
  readonly waited?: number;
}

interface Workload {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
  readonly nodes: readonly (typeof nodeNames)[number][];
  /** In MiB. */
  readonly request?: number;
  readonly limit?: number;
  readonly high?: number;
  /** @param hour since the start */
  readonly at: (hour: number, replica: number) => Moment;
}

/** Load over the day: low at night, a peak in the evening, and noise that is the same in each run. */
const load = (hour: number, seed: number): number =>
  0.55 -
  0.35 * Math.cos(((hour - 4) / 24) * 2 * Math.PI) +
  0.03 * (Math.sin(hour * 2.3 + seed * 11) + Math.sin(hour * 5.1 + seed * 7));

const workloads: readonly Workload[] = [
  {
    ...{ kind: 'Deployment', namespace: 'shop', name: 'cart', container: 'web', nodes: ['node-1', 'node-2'] },
    ...{ request: 1024, limit: 1536 },
    at: (hour, replica) => ({
      anon: 90 + 80 * load(hour, replica),
      activeFile: 300 + 20 * hour,
      inactiveFile: 160,
    }),
  },
  {
    // Grows until the kernel kills a worker, every five hours.
    ...{ kind: 'Deployment', namespace: 'shop', name: 'checkout', container: 'web', nodes: ['node-1'] },
    ...{ request: 192, limit: 256 },
    at: (hour) => ({
      anon: 120 + 27 * ((hour + 1.5) % 5),
      activeFile: 8,
      inactiveFile: 4,
      kills: Math.floor((hour + 1.5) / 5),
    }),
  },
  {
    ...{ kind: 'Deployment', namespace: 'shop', name: 'recommend', container: 'web', nodes: ['node-2'] },
    ...{ request: 512, limit: 2048 },
    at: (hour) => ({ anon: 180 + 24 * hour, activeFile: 40, inactiveFile: 30 }),
  },
  {
    ...{ kind: 'Deployment', namespace: 'shop', name: 'search', container: 'web', nodes: ['node-2'] },
    ...{ request: 512, limit: 768 },
    at: (hour, replica) => ({
      anon: 680 + 40 * load(hour, replica),
      shmem: 24,
      activeFile: 10,
      inactiveFile: 5,
    }),
  },
  {
    // Its working set is near the limit, because it reads its files again and again.
    ...{ kind: 'StatefulSet', namespace: 'shop', name: 'db', container: 'postgres', nodes: ['node-1'] },
    ...{ request: 2048, limit: 4096 },
    at: (hour, replica) => ({
      anon: 420 + 120 * load(hour, replica),
      shmem: 640,
      activeFile: 2500 + 200 * Math.sin(hour / 3),
      inactiveFile: 180,
    }),
  },
  {
    // Throttled at memory.high.
    ...{ kind: 'Deployment', namespace: 'data', name: 'etl', container: 'worker', nodes: ['node-1'] },
    ...{ request: 768, limit: 1024, high: 900 },
    at: (hour, replica) => ({
      anon: Math.min(866, 700 + 400 * load(hour, replica)),
      activeFile: 20,
      inactiveFile: 10,
      highEvents: Math.floor(hour * 40 + 25 * Math.sin(hour)),
      waited: 12,
    }),
  },
  {
    ...{ kind: 'Deployment', namespace: 'data', name: 'api', container: 'api', nodes: ['node-2'] },
    ...{ request: 320, limit: 640 },
    at: (hour, replica) => ({ anon: 210 + 70 * load(hour, replica), activeFile: 60, inactiveFile: 90 }),
  },
  {
    ...{ kind: 'DaemonSet', namespace: 'logging', name: 'fluent-bit', container: 'fluent-bit' },
    ...{ nodes: nodeNames, request: 64 },
    at: (hour, replica) => ({ anon: 34 + 8 * load(hour, replica), activeFile: 12, inactiveFile: 260 }),
  },
];

const services = ['kubelet', 'containerd', 'sshd'].map((name, index) => ({
  name: `${name}.service`,
  at: (hour: number, node: string): Moment => ({
    anon: ([70, 95, 6][index] ?? 0) * (node === 'node-1' ? 1 : 1.2) + 8 * load(hour, index),
    activeFile: 40 + hour,
    inactiveFile: 60,
  }),
}));

const totalMiB = 8 * 1024;

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const uidOf = (name: string): string =>
  digest(name).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');

interface PlacedPod {
  readonly workload: Workload;
  readonly replica: number;
  readonly pod: string;
  readonly uid: string;
  readonly id: string;
}

/** The pods of a node, named as their controllers name them. */
const podsOn = (node: string): readonly PlacedPod[] =>
  workloads.flatMap((workload) =>
    workload.nodes.flatMap((on, replica) => {
      if (on !== node) return [];
      const { kind, name } = workload;
      const key = `${name}/${replica}`;
      // Letters and digits as Kubernetes picks them for suffixes.
      const suffix = digest(key)
        .replace(/[01aeg-z3]/g, '')
        .slice(0, 5);
      const pod =
        kind === 'StatefulSet'
          ? `${name}-${replica}`
          : kind === 'DaemonSet'
            ? `${name}-${suffix}`
            : `${name}-6d5f8c7b9d-${suffix}`;
      return [{ workload, replica, pod, uid: uidOf(key), id: digest(`${key}/id`) }];
    }),
  );

const manifestOf = ({ workload, pod, uid, id }: PlacedPod): object => {
  const { kind, namespace, name, container, request, limit } = workload;
  const owner = kind === 'Deployment' ? { kind: 'ReplicaSet', name: `${name}-6d5f8c7b9d` } : { kind, name };
  const resources = {
    ...(request !== undefined && { requests: { memory: `${request}Mi` } }),
    ...(limit !== undefined && { limits: { memory: `${limit}Mi` } }),
  };
  return {
    kind: 'Pod',
    metadata: {
      ...{ uid, namespace, name: pod },
      labels: kind === 'Deployment' ? { app: name, 'pod-template-hash': '6d5f8c7b9d' } : { app: name },
      ownerReferences: [{ ...owner, controller: true }],
    },
    spec: { containers: [{ name: container, resources }] },
    status: {
      qosClass: 'Burstable',
      containerStatuses: [
        { name: container, containerID: `containerd://${id}`, state: { running: {} }, resources },
      ],
    },
  };
};

/** The files of a cgroup on v2. Limits in MiB. */
function cgroupFiles(
  cgroup: string,
  { anon, shmem = 0, activeFile = 0, inactiveFile = 0, kills = 0, highEvents = 0, waited = 0 }: Moment,
  { limit, high }: { readonly limit?: number; readonly high?: number } = {},
): Readonly<Record<string, string>> {
  const size = (mebibytes: number): number => Math.round(mebibytes * 256) * 4096;
  const kernel = size(3);
  const usage = size(anon) + size(shmem) + size(activeFile) + size(inactiveFile) + kernel;
  const stat = {
    ...{ anon: size(anon), file: size(shmem) + size(activeFile) + size(inactiveFile), kernel },
    ...{ shmem: size(shmem), inactive_anon: size(anon) + size(shmem), active_anon: 0 },
    ...{ inactive_file: size(inactiveFile), active_file: size(activeFile), unevictable: 0 },
    ...{ slab_reclaimable: size(1), slab_unreclaimable: size(1), slab: size(2) },
  };
  const path = (file: string): string => `sys/fs/cgroup${cgroup}/${file}`;
  const pressure = (share: number): string =>
    `avg10=${share.toFixed(2)} avg60=${share.toFixed(2)} avg300=${share.toFixed(2)} total=0`;
  return {
    [path('memory.current')]: `${usage}\n`,
    [path('memory.stat')]: Object.entries(stat)
      .map(([key, value]) => `${key} ${value}\n`)
      .join(''),
    [path('memory.max')]: `${limit === undefined ? 'max' : limit * MiB}\n`,
    [path('memory.high')]: `${high === undefined ? 'max' : high * MiB}\n`,
    [path('memory.swap.current')]: '0\n',
    [path('memory.events')]: `low 0\nhigh ${highEvents}\nmax ${kills}\noom ${kills}\noom_kill ${kills}\n`,
    [path('memory.pressure')]: `some ${pressure(waited)}\nfull ${pressure(0)}\n`,
  };
}

const sumOf = (moments: readonly Moment[]): Moment => {
  const sum = (of: (moment: Moment) => number | undefined): number =>
    moments.reduce((all, moment) => all + (of(moment) ?? 0), 0);
  return {
    anon: sum(({ anon }) => anon),
    shmem: sum(({ shmem }) => shmem),
    activeFile: sum(({ activeFile }) => activeFile),
    inactiveFile: sum(({ inactiveFile }) => inactiveFile),
  };
};

/** All files of a node at an hour, by path. */
function filesAt(node: string, hour: number): Readonly<Record<string, string>> {
  const pods = podsOn(node).map((placed) => ({
    ...placed,
    moment: placed.workload.at(hour, placed.replica),
  }));
  const inPods = sumOf(pods.map(({ moment }) => moment));
  const inServices = sumOf(services.map(({ at }) => at(hour, node)));
  const all = sumOf([inPods, inServices]);
  const [cached, real] = [(all.activeFile ?? 0) + (all.inactiveFile ?? 0), all.anon + (all.shmem ?? 0) + 260];
  const kB = (mebibytes: number): number => Math.round(mebibytes * 1024);
  const meminfo = {
    ...{ MemTotal: totalMiB, MemFree: totalMiB - real - cached, MemAvailable: totalMiB - real - 80 },
    ...{ Buffers: 0, Cached: cached + (all.shmem ?? 0), Shmem: all.shmem ?? 0, SReclaimable: 90 },
  };
  return {
    'proc/meminfo': Object.entries(meminfo)
      .map(([key, value]) => `${key}: ${kB(value)} kB\n`)
      .join(''),
    ...cgroupFiles('/kubepods', inPods),
    ...cgroupFiles('/kubepods/burstable', inPods),
    ...Object.assign(
      {},
      ...pods.flatMap(({ uid, id, moment, workload }) => [
        cgroupFiles(`/kubepods/burstable/pod${uid}`, moment, workload),
        cgroupFiles(`/kubepods/burstable/pod${uid}/${id}`, moment, workload),
      ]),
    ),
    ...cgroupFiles('/system.slice', inServices),
    ...Object.assign(
      {},
      ...services.map(({ name, at }) => cgroupFiles(`/system.slice/${name}`, at(hour, node))),
    ),
  };
}

/** Writes the recording of a node below a directory. */
export function layNode(directory: string, node: string): void {
  const at = (sample: number): string =>
    `${new Date((shopStart + sample * stepSeconds) * 1000).toISOString().slice(0, -5)}Z`;
  let before = filesAt(node, 0);
  const recording: Record<string, string> = {
    ...before,
    'sys/fs/cgroup/cgroup.controllers': 'memory\n',
    'proc/self/mountinfo': '32 25 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
    'proc/sys/kernel/osrelease': '6.1.0-made-up\n',
    [podsFile]: JSON.stringify({ kind: 'List', items: podsOn(node).map(manifestOf) }),
    [manifestFile]: JSON.stringify({ at: at(0), node, machine: { pageBytes: 4096, cpus: 4 } }),
  };
  for (let sample = 1; sample < sampleCount; sample++) {
    const now = filesAt(node, (sample * stepSeconds) / 3600);
    const files = Object.fromEntries(Object.entries(now).filter(([file, text]) => before[file] !== text));
    const later: LaterSample = { at: at(sample), gone: [], made: [], files, again: {} };
    recording[laterFile(sample + 1)] = JSON.stringify(later);
    before = now;
  }
  lay(directory, recording);
}
