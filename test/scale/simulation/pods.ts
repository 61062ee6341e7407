/** The pods of one node: their memory, their restarts, and their part of the agent's report. */
import type { Bytes } from '../../../src/model/bytes.ts';
import type { Pod, PodAnnotations } from '../../../src/model/pod.ts';
import type { ContainerReport, PodReport, Suggested, Verdict } from '../../../src/model/report.ts';
import { Memory } from './memory.ts';
import type { Random } from './random.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** Mean times between replacements of a pod, restarts of a container, and OOM kills. */
const lifeMs = 2 * day;
const restartMs = 3 * day;
const oomMs = 60 * day;

/** The share of pods with one container, and with one or two. */
export interface Shape {
  readonly one: number;
  readonly two: number;
}

export const usual: Shape = { one: 0.6, two: 0.9 };
export const large: Shape = { one: 0, two: 0 };
export const pairs: Shape = { one: 0, two: 1 };

const usualRequest = 64 * 1024 ** 2;

interface Container {
  readonly name: string;
  readonly memory: Memory;
  oomKills: number;
  killedAt: number | undefined;
  restartsAt: number;
  dies: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const names = ['server', 'istio-proxy', 'log-shipper'] as const;
const services = ['checkout', 'recommendation', 'search-frontend', 'billing-worker', 'auth', 'image-resizer'];

let serial = 0;
const lettersOf = (random: Random, length: number): string =>
  Array.from({ length }, () => Math.floor(random.next() * 36).toString(36)).join('');

export class SimulatedPod {
  pod: Pod;
  /** The time when it started on this node. */
  readonly bornAt: number;
  annotatedAt: number | undefined;
  readonly containers: readonly Container[];
  private made: { readonly pod: PodReport; readonly containers: ContainerReport[] } | undefined;
  private readonly random: Random;
  private endsAt: number;

  constructor(random: Random, at: number, bornAt: number, shape: Shape) {
    this.random = random;
    this.bornAt = bornAt;
    this.endsAt = at + random.until(lifeMs);
    const service = services[Math.floor(random.next() * services.length)] ?? '';
    const team = `team-${Math.floor(random.next() * 40)}`;
    const set = `${service}-${lettersOf(random, 10)}`;
    this.pod = {
      uid: `${(serial++).toString(16).padStart(8, '0')}-5c1e-4b7a-9d3f-2a6b8c0d4e1f`,
      namespace: team,
      name: `${set}-${lettersOf(random, 5)}`,
      labels: {},
      workload: `Deployment/${service}`,
      containers: [],
    };
    const chance = random.next();
    const count = chance < shape.one ? 1 : chance < shape.two ? 2 : 3;
    this.containers = names.slice(0, count).map((name) => ({
      name,
      memory: new Memory(random, at, bornAt),
      oomKills: 0,
      killedAt: undefined,
      restartsAt: at + random.until(restartMs),
      dies: at + random.until(oomMs),
    }));
  }

  hasEnded(at: number): boolean {
    return at >= this.endsAt;
  }

  lastsUntil(at: number): boolean {
    return at < this.endsAt;
  }

  annotate(annotations: PodAnnotations, at: number): void {
    this.annotatedAt ??= at;
    this.pod = { ...this.pod, annotations };
  }

  kill(container: Container, at: number): void {
    container.oomKills++;
    container.killedAt = at;
    container.memory.restart(at);
  }

  /** Returns the same objects each time with current figures, because no sink keeps them. */
  report(at: number): { readonly pod: PodReport; readonly containers: readonly ContainerReport[] } {
    this.made ??= { pod: this.podReport(), containers: this.containers.map((one) => this.reportOf(one)) };
    const { pod, containers } = this.made;
    pod.realBytes = 0 as Bytes;
    pod.oomKills = 0;
    for (const [index, one] of this.containers.entries()) {
      const report = containers[index] as Writable<ContainerReport>;
      this.live(one, at);
      const real = one.memory.realAt(at) as Bytes;
      report.realBytes = real;
      report.usageBytes = Math.round(1.3 * real) as Bytes;
      report.workingSetBytes = Math.round(1.15 * real) as Bytes;
      report.peakRealBytes = one.memory.peakBytes as Bytes;
      if (one.memory.limitBytes !== undefined) report.limitBytes = one.memory.limitBytes as Bytes;
      report.verdict = verdictOf(one, real, at);
      pod.realBytes = (pod.realBytes + real) as Bytes;
      pod.oomKills += one.oomKills;
    }
    return this.made;
  }

  private podReport(): PodReport {
    const { uid, namespace, name, workload } = this.pod;
    return {
      namespace,
      name,
      uid,
      ...(workload !== undefined && { workload }),
      cgroup: `/kubepods/pod${uid}`,
    };
  }

  private reportOf({ name, memory: { requestBytes } }: Container): ContainerReport {
    const { uid, namespace, name: pod } = this.pod;
    const cgroup = `/kubepods/pod${uid}/${name}`;
    const request = requestBytes === undefined ? {} : { requestBytes: requestBytes as Bytes };
    // All containers have both suggestions, so that reports are as large as they become.
    const target = requestBytes ?? usualRequest;
    const suggest: Suggested = {
      requestBytes: Math.round(0.9 * target) as Bytes,
      limitBytes: Math.round(1.6 * target) as Bytes,
      confidence: 'high',
    };
    return { namespace, pod, podUID: uid, name, id: uid, type: 'container', cgroup, ...request, suggest };
  }

  private live(container: Container, at: number): void {
    if (at >= container.dies && container.memory.limitBytes !== undefined) {
      container.dies = at + this.random.until(oomMs);
      this.kill(container, at);
    }
    if (at >= container.restartsAt) {
      container.restartsAt = at + this.random.until(restartMs);
      container.memory.restart(at);
    }
  }
}

/** The rules of src/recommend/verdict.ts. */
function verdictOf({ killedAt, memory }: Container, real: number, at: number): Verdict {
  if (killedAt !== undefined && at - killedAt < day) return 'OOMKilled';
  if (memory.limitBytes === undefined) return 'NoLimit';
  return real >= 0.9 * memory.limitBytes ? 'NearLimit' : 'OK';
}
