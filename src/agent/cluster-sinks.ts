/** The sinks of an agent in a cluster: the node's report, and its pods' annotations. */

import { defaultNamespace, found, historyMapPath } from '../checkpoint/cluster.ts';
import type { KeptHistory } from '../checkpoint/kept-history.ts';
import { historyMapSink } from '../checkpoint/map-sink.ts';
import { now, sleep, ticks } from '../edges/clock.ts';
import { ownerOf } from '../kube/self.ts';
import { reportsPath } from '../model/product.ts';
import type { NodeReport } from '../model/report.ts';
import type { Sink } from '../model/sink.ts';
import { figuresOf, parseFigures, renderAnnotations } from '../publish/annotations.ts';
import { annotationSink } from '../publish/annotations-sink.ts';
import { Budget } from '../publish/budget.ts';
import { configMapName, configMapOf } from '../publish/config-map.ts';
import { fitFigures } from '../publish/fit-annotations.ts';
import { inBackground } from '../publish/guarded-sink.ts';
import { historyMapOf } from '../publish/history-map.ts';
import { newsIn, publish } from '../publish/publish.ts';
import { nodeReportSink } from '../publish/report-sink.ts';
import { nodeOffset, WriteSchedule, type WriteScheduleOptions } from '../publish/schedule.ts';
import type { Cluster } from './cluster.ts';
import type { Config } from './settings.ts';

/** Time and chance, as the agent lives in them. */
export interface World {
  /** Milliseconds that only go forward: nothing here waits by a clock that can be set. */
  readonly now: () => number;
  /** Milliseconds since 1970, as far as anybody knows. */
  readonly wallClock: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** From 0 to 1. */
  readonly random: () => number;
}

export const realWorld: World = { now: ticks, wallClock: now, sleep, random: Math.random };

/** So many node reports a second all nodes write together, at most; a cluster of 3000 each 60 s. */
const reportsPerSecond = 50;
/**
 * And so many bytes a second, managed fields not counted: of the 1 MB/s that etcd may be given, annotated pods take 0.14
 * and checkpoints 0.1.
 */
const reportBytesPerSecond = 720_000;
/** So many annotated pods. */
const annotationsPerSecond = 20;
/** So many histories, and so many bytes of them. */
const historiesPerSecond = 10;
const historyBytesPerSecond = 100_000;

type Settings = Pick<
  Config,
  | 'resource'
  | 'configMap'
  | 'annotations'
  | 'history'
  | 'publishPeriodMs'
  | 'annotationPeriodMs'
  | 'historyPeriodMs'
  | 'reportPeriodMs'
>;
type Kept = Pick<KeptHistory, 'isTakenUp' | 'packed' | 'openMap'>;
type Known = Pick<Cluster, 'identity' | 'nodes' | 'mayWritePods' | 'ended'> & {
  readonly kube: Pick<Cluster['kube'], 'call'>;
  readonly names: { readonly names: Pick<Cluster['names']['names'], 'pods'> };
};

export function clusterSinks(
  cluster: Known,
  config: Settings,
  node: string,
  kept: Kept,
  world = realWorld,
): readonly Sink[] {
  // Where a report is written twice, both share what there is for one.
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
  // Clocks strike for all nodes at once. A node's place in what it is spread over is a number of reports, and this rest: were it
  // another share of the time between two reports, the nodes of one report would have nearly the same.
  const turnIn = (spread: () => number) => (): Promise<void> => {
    const within = offset * spread();
    return world.sleep(config.reportPeriodMs > 0 ? within % config.reportPeriodMs : 0, cluster.ended);
  };
  const historySpreadMs = (): number => (1000 * cluster.nodes) / historiesPerSecond;
  // A resource that is refused with 404 is not there.
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

/** Who it is tells whose the report is: the node's, by its UID. Until that is known nothing is written. */
const isKnown = ({ identity }: Known): boolean => identity !== undefined;

const published = ({ identity }: Known, node: string, report: NodeReport) =>
  publish(report, ownerOf(identity, node));

const resourceSink = (
  cluster: Known,
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
    wanted: () => isKnown(cluster),
    ended(fault) {
      if (fault === undefined) resource.isThere = true;
      else if (fault.status === 404) resource.isThere = false;
    },
  });

const configMapSink = (
  cluster: Known,
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
    wanted: () => isKnown(cluster) && wanted(),
  });

const historySink = (
  cluster: Known,
  node: string,
  kept: Kept,
  schedule: WriteSchedule,
  { now, wallClock }: World,
): Sink => {
  const path = (): string => historyMapPath(cluster.identity?.namespace ?? defaultNamespace, node);
  return historyMapSink({
    api: cluster.kube,
    path,
    render: (report) => historyMapOf(node, kept.packed(report), wallClock()),
    schedule,
    now,
    wanted: () => isKnown(cluster) && kept.isTakenUp,
    reread: () => kept.openMap(() => found(cluster.kube, path())),
  });
};

const podSink = (
  cluster: Known,
  config: Settings,
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
    budget: new Budget(() => annotationsPerSecond / cluster.nodes, random()),
    // Each report may bring news of a pod: the pace is that of failures alone.
    schedule: scheduleOf({ periodMs: () => 0, spreadMs: () => 0 }),
    driftMs: config.annotationPeriodMs,
    newsMs: config.publishPeriodMs,
    now,
    wallClock,
  });
