/** One simulated node: its pods, its clock, and the agent's own sinks. */
import { clusterSinks } from '../../../src/agent/cluster-sinks.ts';
import { largestCluster } from '../../../src/kube/node-count.ts';
import { annotationKeys } from '../../../src/model/pod.ts';
import type { NodeReport, Sink } from '../../../src/model/report.ts';
import { figuresOf, renderAnnotations } from '../../../src/publish/annotations.ts';
import type { Caller, CountingApi, PodPatch } from './api.ts';
import { Clock } from './clock.ts';
import { type Shape, SimulatedPod } from './pods.ts';
import { Random } from './random.ts';
import { reportOf } from './report.ts';

/** The settings of the chart. */
const settings = {
  resource: true,
  configMap: 'auto',
  annotations: true,
  history: true,
  historyPeriodMs: 3_600_000,
  publishPeriodMs: 60_000,
  annotationPeriodMs: 600_000,
  annotationNamespaces: { excluded: ['kube-system'] },
  reportPeriodMs: 15_000,
} as const;
/** Compressed bytes per container after two weeks, as measured with 110 of the spikiest machines (checkpoint.test.ts). */
const historyBytes = 600;
export const { reportPeriodMs, publishPeriodMs } = settings;

export interface NodeOptions {
  readonly index: number;
  readonly nodes: number;
  readonly pods: number;
  readonly shape: Shape;
  readonly seed: number;
  readonly at: number;
  /** The annotations sink gets every n-th report. */
  readonly annotateEach: number;
}

const askedAfterMs = 1_000;

export class SimulatedNode implements Caller {
  readonly clock: Clock;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly index: number;
  /** The waiting time of each pod for its first annotation. */
  readonly waitedMs: number[] = [];
  pods: SimulatedPod[];
  wrote?: (report: unknown, at: number) => void;
  patched?: (patch: PodPatch, at: number) => void;
  private readonly options: NodeOptions;
  private readonly random: Random;
  private readonly call: ReturnType<CountingApi['asSeenBy']>;
  private sinks: readonly Sink[] = [];
  private startedAt: number | undefined;
  private count = 0;

  constructor(options: NodeOptions, api: CountingApi) {
    this.options = options;
    this.index = options.index;
    this.random = new Random(options.seed * 1_000_003 + options.index);
    this.clock = new Clock(options.at);
    this.now = this.clock.now;
    this.sleep = this.clock.sleep;
    this.call = api.asSeenBy(this);
    this.pods = Array.from({ length: options.pods }, () => this.newPod(options.at, 0));
  }

  /** The history has its full size from the start. */
  private get kept() {
    const containers = this.pods.reduce((count, pod) => count + pod.containers.length, 0);
    return {
      isRestored: true,
      probesTaken: 0,
      openMap: async () => {},
      packed: async () => 'x'.repeat(containers * historyBytes),
    };
  }

  private newPod(at: number, bornAt: number): SimulatedPod {
    return new SimulatedPod(this.random, at, bornAt, this.options.shape);
  }

  /** A name like those of clouds: they differ only in the last letters. */
  get name(): string {
    return `aks-nodepool1-31415926-vmss${this.index.toString(36).padStart(6, '0')}`;
  }

  /** Starts an agent with an empty memory. */
  start(at: number): void {
    this.stop();
    this.clock.set(at);
    this.startedAt = at;
    this.count = this.index;
    for (const { containers } of this.pods) for (const { memory } of containers) memory.peakBytes = 0;
    const node = this;
    const cluster = {
      kube: { call: (call: object) => this.call(call as Parameters<typeof this.call>[0]) },
      names: {
        get names() {
          return { pods: node.pods.map(({ pod }) => pod) };
        },
      },
      identity: { nodeUID: '0b9d7c5e-2f41-4f7c-8a36-5d1e9c7b3a20', node: this.name },
      // Until the agent has asked the API, it assumes the largest cluster.
      get nodes() {
        return node.now() - at < askedAfterMs ? largestCluster : node.options.nodes;
      },
      mayWritePods: true,
      ended: new AbortController().signal,
    };
    this.sinks = clusterSinks(cluster, settings, this.name, this.kept, {
      now: this.now,
      wallClock: this.now,
      sleep: this.sleep,
      random: this.random.next,
    });
  }

  stop(): void {
    this.clock.forget();
    this.sinks = [];
    this.startedAt = undefined;
  }

  /** Makes a report if it is due, and offers it to the sinks. */
  tick(at: number): void {
    if (this.startedAt === undefined || (at !== this.startedAt && at % reportPeriodMs !== 0)) return;
    const report = this.report(at);
    const withAnnotations = this.count++ % this.options.annotateEach === 0;
    // A sink reports the failure of a write at the next call. The agent would log it.
    for (const sink of this.sinks)
      if (withAnnotations || sink.name !== 'annotations') void sink.write(report).catch(() => {});
  }

  /** Annotates its pods at times within the last two hours, as after a long time with an agent. */
  annotateAll(at: number): void {
    const report = this.report(at - this.random.next() * 7_200_000);
    for (const [uid, figures] of figuresOf(report))
      this.pods.find(({ pod }) => pod.uid === uid)?.annotate(renderAnnotations(figures), at);
  }

  report(at: number): NodeReport {
    return reportOf(this.name, at, () => {
      this.pods = this.pods.map((pod) => (pod.hasEnded(at) ? this.newPod(at, at) : pod));
      return this.pods;
    });
  }

  /** Pods that are older than the simulation wait from its start. */
  cameAt({ bornAt }: SimulatedPod): number {
    return Math.max(bornAt, this.options.at);
  }

  annotated(patch: PodPatch, at: number): void {
    this.patched?.(patch, at);
    const { uid, annotations } = patch.metadata;
    const pod = this.pods.find((one) => one.pod.uid === uid);
    if (pod === undefined) return;
    if (pod.annotatedAt === undefined) this.waitedMs.push(at - this.cameAt(pod));
    const { [annotationKeys.memory]: memory, [annotationKeys.report]: report } = annotations;
    pod.annotate({ ...(memory && { memory }), ...(report && { report }) }, at);
  }
}
