/** The sinks of an agent in a cluster: the report of the node, the annotations of its pods, the history. */

import { defaultNamespace, historyMapPath, readHistoryMap } from '../checkpoint/cluster.ts';
import type { KeptHistory } from '../checkpoint/kept-history.ts';
import { historyMapSink } from '../checkpoint/map-sink.ts';
import { now, sleep, ticks } from '../edges/clock.ts';
import { ownerReference } from '../kube/self.ts';
import { includesNamespace } from '../model/namespaces.ts';
import { reportsPath } from '../model/product.ts';
import type { NodeReport, Sink } from '../model/report.ts';
import { figuresOf, parseFigures, renderAnnotations } from '../publish/annotations.ts';
import { annotationSink } from '../publish/annotations-sink.ts';
import { Budget } from '../publish/budget.ts';
import { configMapName, configMapOf } from '../publish/config-map.ts';
import { fitFigures } from '../publish/fit-annotations.ts';
import { inBackground } from '../publish/guarded-sink.ts';
import { historyMapOf } from '../publish/history-map.ts';
import { newsIn, publishedOf } from '../publish/publish.ts';
import { nodeReportSink } from '../publish/report-sink.ts';
import { nodeOffset, WriteSchedule, type WriteScheduleOptions } from '../publish/schedule.ts';
import type { Cluster } from './cluster.ts';
import type { Config } from './settings.ts';

/** Time and randomness, which tests replace. */
export interface World {
  /** Milliseconds of a monotonic clock. All waiting uses this one, because the wall clock can be set. */
  readonly now: () => number;
  /** Milliseconds since 1970, the best estimate. */
  readonly wallClock: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A random number from 0 to 1. */
  readonly random: () => number;
}

export const realClocks: Omit<World, 'random'> = { now: ticks, wallClock: now, sleep };

// Limits for all nodes of a cluster together. The write rate of each node is its share of them.

/** Node reports: a cluster of 3000 nodes writes each one every 60 s. */
const reportsPerSecond = 50;
/**
 * Bytes of node reports, without managed fields (0.03 MB/s). etcd takes about 1 MB/s in total. Of that, annotated pods use
 * 0.14 MB/s and histories 0.11 MB/s.
 */
export const reportBytesPerSecond = 650_000;
/** Annotated pods. */
const annotationsPerSecond = 20;
/**
 * Histories of nodes, and their bytes. The size of a node's first history is unknown. So few are written each second that
 * first ones, of 27 kB, stay within the bytes too.
 */
export const historiesPerSecond = 4;
const historyBytesPerSecond = 100_000;

type SinkSettings = Pick<
  Config,
  | 'resource'
  | 'configMap'
  | 'annotations'
  | 'history'
  | 'publishPeriodMs'
  | 'annotationPeriodMs'
  | 'annotationNamespaces'
  | 'historyPeriodMs'
  | 'reportPeriodMs'
>;
type MapHistory = Pick<KeptHistory, 'isRestored' | 'packed' | 'openMap' | 'probesTaken'>;
type ClusterTarget = Pick<Cluster, 'identity' | 'nodes' | 'mayWritePods' | 'ended'> & {
  readonly kube: Pick<Cluster['kube'], 'call'>;
  readonly names: { readonly names: Pick<Cluster['names']['names'], 'pods'> };
};

/** @param kept the history to write, if the configuration asks for it */
export function clusterSinks(
  cluster: ClusterTarget,
  config: SinkSettings,
  node: string,
  kept: MapHistory,
  world: World,
): readonly Sink[] {
  // A report that is written twice, as resource and as ConfigMap, uses one share of the limits for both.
  const copies = config.resource && config.configMap === true ? 2 : 1;
  const spreadMs = (): number => (1000 * copies * cluster.nodes) / reportsPerSecond;
  const offset = nodeOffset(node);
  const scheduleOf = (more: Partial<WriteScheduleOptions> = {}): WriteSchedule =>
    new WriteSchedule({
      periodMs: (written) =>
        Math.max(
          config.publishPeriodMs,
          spreadMs(),
          (1000 * copies * cluster.nodes * written) / reportBytesPerSecond,
        ),
      spreadMs,
      offset,
      random: world.random,
      ...more,
    });
  // All nodes report at the same mark of the wall clock, so their writes must be spread. The offset of a node within the
  // spread is a whole number of report periods and a remainder. The schedule waits for the whole periods, and this
  // function for the remainder. A wait of offset × report period would not do: the nodes that write after the same report
  // have nearly equal offsets.
  const turnIn = (spread: () => number) => (): Promise<void> => {
    const within = offset * spread();
    return world.sleep(config.reportPeriodMs > 0 ? within % config.reportPeriodMs : 0, cluster.ended);
  };
  const historySpreadMs = (): number => (1000 * cluster.nodes) / historiesPerSecond;
  // A 404 for a write means that the cluster lacks the resource. Then the ConfigMap takes over.
  const resource = { isThere: config.resource };
  const sinks = [
    ...(config.resource ? [resourceSink(cluster, node, scheduleOf(), world, resource)] : []),
    ...(config.configMap === false
      ? []
      : [
          configMapSink(
            cluster,
            node,
            scheduleOf(),
            world,
            () => config.configMap === true || !resource.isThere,
          ),
        ]),
    ...(config.annotations ? [podSink(cluster, config, scheduleOf, world)] : []),
  ].map((sink) => inBackground(sink, turnIn(spreadMs)));
  if (!config.history) return sinks;
  const schedule = scheduleOf({
    periodMs: (written) =>
      Math.max(
        config.historyPeriodMs,
        historySpreadMs(),
        (1000 * cluster.nodes * written) / historyBytesPerSecond,
      ),
    spreadMs: historySpreadMs,
  });
  return [...sinks, inBackground(historySink(cluster, node, kept, schedule, world), turnIn(historySpreadMs))];
}

/** Whether the agent knows its identity. The report needs the UID of the node as its owner, so before that write nothing. */
const isIdentified = ({ identity }: ClusterTarget): boolean => identity !== undefined;

const published = ({ identity }: ClusterTarget, node: string, report: NodeReport) =>
  publishedOf(report, ownerReference(identity, node));

const resourceSink = (
  cluster: ClusterTarget,
  node: string,
  schedule: WriteSchedule,
  { now }: World,
  resource: { isThere: boolean },
): Sink =>
  nodeReportSink({
    name: 'node report',
    api: cluster.kube,
    path: ({ metadata }) => `${reportsPath}/${encodeURIComponent(metadata.name)}`,
    render(report) {
      const object = published(cluster, node, report);
      return { object, news: newsIn(object) };
    },
    schedule,
    now,
    wanted: () => isIdentified(cluster),
    ended(fault) {
      if (fault === undefined) resource.isThere = true;
      else if (fault.status === 404) resource.isThere = false;
    },
  });

const configMapSink = (
  cluster: ClusterTarget,
  node: string,
  schedule: WriteSchedule,
  { now }: World,
  wanted: () => boolean,
): Sink =>
  nodeReportSink({
    name: 'config map',
    api: cluster.kube,
    path: ({ metadata }) =>
      `/api/v1/namespaces/${cluster.identity?.namespace ?? defaultNamespace}/configmaps/${encodeURIComponent(configMapName(metadata.name))}`,
    render(report) {
      const whole = published(cluster, node, report);
      return { object: configMapOf(whole), news: newsIn(whole) };
    },
    schedule,
    now,
    wanted: () => isIdentified(cluster) && wanted(),
  });

const historySink = (
  cluster: ClusterTarget,
  node: string,
  kept: MapHistory,
  schedule: WriteSchedule,
  { now, wallClock }: World,
): Sink => {
  const path = (): string => historyMapPath(cluster.identity?.namespace ?? defaultNamespace, node);
  return historyMapSink({
    api: cluster.kube,
    path,
    render: async (report) => historyMapOf(node, await kept.packed(report), wallClock()),
    schedule,
    now,
    wanted: () => isIdentified(cluster) && kept.isRestored,
    reread: () => kept.openMap(() => readHistoryMap(cluster.kube, path())),
    probes: () => kept.probesTaken,
  });
};

const podSink = (
  cluster: ClusterTarget,
  config: SinkSettings,
  scheduleOf: (more: Partial<WriteScheduleOptions>) => WriteSchedule,
  { now, wallClock, random }: World,
): Sink =>
  annotationSink({
    api: cluster.kube,
    pods: () => cluster.names.names.pods,
    figuresOf,
    parse: parseFigures,
    fit: fitFigures,
    render: renderAnnotations,
    allowed: () => cluster.mayWritePods,
    annotates: (namespace) => includesNamespace(config.annotationNamespaces, namespace),
    budget: new Budget(() => annotationsPerSecond / cluster.nodes, random()),
    // Any report may change the annotations of some pod. So this schedule only backs off after failures.
    schedule: scheduleOf({ periodMs: () => 0, spreadMs: () => 0 }),
    driftMs: config.annotationPeriodMs,
    newsMs: config.publishPeriodMs,
    now,
    wallClock,
  });
