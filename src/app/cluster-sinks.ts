/** The sinks of an agent in a cluster: the node's report, and its pods' annotations. */
import { now, sleep } from '../edges/clock.ts';
import type { NodeReport } from '../model/report.ts';
import { apiVersion } from '../model/report.ts';
import type { Sink } from '../model/sink.ts';
import { figuresOf, parseFigures, renderAnnotations } from '../report/annotations.ts';
import { newsIn, publish } from '../report/publish.ts';
import { renderPublished } from '../report/structured.ts';
import { annotationSink } from '../sinks/annotations.ts';
import { Budget } from '../sinks/budget.ts';
import { nodeReportSink } from '../sinks/node-report.ts';
import { Pace, type PaceOptions } from '../sinks/pace.ts';
import { inBackground } from './background.ts';
import type { Cluster } from './cluster.ts';
import { ownerOf } from './identity.ts';
import type { Config } from './settings.ts';

/** So many node reports a second all nodes write together, at most; a cluster of 3000 each 60 s. */
const reportsPerSecond = 50;
/** So many annotated pods. */
const annotationsPerSecond = 20;
/** Where the agent's token names no namespace of its own. */
const defaultNamespace = 'realmem';

export function clusterSinks(cluster: Cluster, config: Config, node: string): readonly Sink[] {
  const spreadMs = (): number => (1000 * cluster.nodes) / reportsPerSecond;
  const periodMs = (): number => Math.max(config.publishPeriodMs, spreadMs());
  const pace = (more: Partial<PaceOptions> = {}): Pace =>
    new Pace({ periodMs, spreadMs, place: placeOf(node), random: Math.random, ...more });
  const published = (report: NodeReport) => publish(report, ownerOf(cluster.identity, node));
  // A resource that was refused with 404 is not there.
  let resourceIsThere = config.resource;
  const sinks: Sink[] = [];
  if (config.resource)
    sinks.push(
      nodeReportSink({
        name: 'node report',
        api: cluster.kube,
        path: ({ metadata }) => `/apis/${apiVersion}/nodememoryreports/${encodeURIComponent(metadata.name)}`,
        render(report) {
          const object = published(report);
          return { object, news: newsIn(object) };
        },
        pace: pace(),
        now,
        // The owner is the node by its UID.
        wanted: () => cluster.identity !== undefined,
        ended(fault) {
          if (fault === undefined) resourceIsThere = true;
          else if (fault.status === 404) resourceIsThere = false;
        },
      }),
    );
  if (config.configMap !== false) {
    const namespace = (): string => cluster.identity?.namespace ?? defaultNamespace;
    sinks.push(
      nodeReportSink({
        name: 'config map',
        api: cluster.kube,
        path: ({ metadata }) =>
          `/api/v1/namespaces/${namespace()}/configmaps/${encodeURIComponent(`realmem-${metadata.name}`)}`,
        render(report) {
          const whole = published(report);
          const { name, ownerReferences } = whole.metadata;
          const text = renderPublished({ ...whole, metadata: { name } });
          const object = {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: {
              name: `realmem-${name}`,
              labels: { 'app.kubernetes.io/managed-by': 'realmem' },
              ...(ownerReferences !== undefined && { ownerReferences }),
            },
            data: { 'report.yaml': text },
          };
          return { object, news: newsIn(whole) };
        },
        pace: pace(),
        now,
        wanted: () => cluster.identity !== undefined && (config.configMap === true || !resourceIsThere),
      }),
    );
  }
  if (config.annotations)
    sinks.push(
      annotationSink({
        api: cluster.kube,
        pods: () => cluster.names.names.pods,
        figuresOf,
        parse: parseFigures,
        render: renderAnnotations,
        allowed: () => cluster.policy.status === 'True' || config.allowUnguardedWrites,
        budget: new Budget(() => annotationsPerSecond / cluster.nodes, Math.random()),
        // Each report may bring news of a pod: the pace is that of failures alone.
        pace: pace({ periodMs: () => 0, spreadMs: () => 0 }),
        driftMs: config.annotationPeriodMs,
        newsMs: config.publishPeriodMs,
        now,
      }),
    );
  // Clocks strike for all nodes at once.
  const turn = (): Promise<void> =>
    sleep(placeOf(node) * Math.min(config.reportPeriodMs, spreadMs()), cluster.ended);
  return sinks.map((sink) => inBackground(sink, turn));
}

/** A node's place among all, from 0 to 1: the same name, the same place (FNV-1a). */
function placeOf(node: string): number {
  let hash = 0x811c9dc5;
  for (const char of node) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}
