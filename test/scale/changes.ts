/** Measures the time until the cluster shows a change on a node. */
import { annotationKeys } from '../../src/model/pod.ts';
import { parseFigures } from '../../src/publish/annotations.ts';
import type { PublishedReport } from '../../src/publish/published.ts';
import type { PodPatch } from './simulation/api.ts';
import { SimulatedCluster } from './simulation/cluster.ts';
import type { SimulatedNode } from './simulation/node.ts';
import type { SimulatedPod } from './simulation/pods.ts';

export const changeKinds = ['a figure', 'a verdict', 'a limit'] as const;
export type ChangeKind = (typeof changeKinds)[number];

export interface Change {
  readonly kind: ChangeKind;
  readonly at: number;
  /** Seconds until the report shows the change. */
  report?: number;
  annotation?: number;
}

interface Expected {
  readonly change: Change;
  readonly pod: SimulatedPod;
  readonly container: string;
  /** The expected limit of the container. */
  readonly limit: number | undefined;
}

const mebibyte = 1024 ** 2;
/** The time between changes of a node: longer than the annotation period, and at varying seconds of it. */
const everySeconds = 1_207;

/** @returns the changes of three nodes in `seconds` seconds */
export async function changesOnThree(seconds: number): Promise<readonly Change[]> {
  const cluster = new SimulatedCluster({ nodes: 3, seconds, annotateEach: 1 });
  const changes: Change[] = [];
  for (const node of cluster.nodes) watch(node, changes);
  cluster.startAll();
  await cluster.run(seconds, (second) => {
    if (second > 900 && second % everySeconds === 0)
      for (const node of cluster.nodes)
        change(node, changeKinds[node.index] as ChangeKind, cluster.at, changes);
  });
  return changes;
}

const expectedOn = new WeakMap<SimulatedNode, Expected>();

/** Changes a steady pod, so the next difference is this change. */
function change(node: SimulatedNode, kind: ChangeKind, at: number, changes: Change[]): void {
  const found = node.pods
    .flatMap((pod) => pod.containers.map((container) => ({ pod, container })))
    .find(
      ({ pod, container: { memory, killedAt } }) =>
        pod.lastsUntil(at + 1_200_000) &&
        memory.limitBytes !== undefined &&
        killedAt === undefined &&
        memory.realAt(at) > 64 * mebibyte &&
        memory.realAt(at) < 0.5 * memory.limitBytes,
    );
  if (found === undefined) return;
  const { pod, container } = found;
  const { memory, name } = container;
  if (kind === 'a figure') memory.scale(1.5);
  else if (kind === 'a verdict') pod.kill(container, at);
  else memory.limitBytes = Number(memory.limitBytes) + 64 * mebibyte;
  const made: Change = { kind, at };
  changes.push(made);
  expectedOn.set(node, { change: made, pod, container: name, limit: memory.limitBytes });
}

/** Observes the writes of a node. A figure that grew by half appears in the next report. */
function watch(node: SimulatedNode, changes: readonly Change[]): void {
  node.wrote = (report, at) => {
    const expected = expectedOn.get(node);
    if (expected === undefined || !changes.includes(expected.change)) return;
    const { observed } = report as PublishedReport;
    // Times are whole seconds. A report of the same second contains the change.
    if (Date.parse(observed.at ?? '') >= expected.change.at)
      expected.change.report ??= (at - expected.change.at) / 1000;
  };
  node.patched = ({ metadata: { uid, annotations } }: PodPatch, at) => {
    const expected = expectedOn.get(node);
    if (expected?.pod.pod.uid !== uid) return;
    const figures = parseFigures(annotations[annotationKeys.report] ?? '');
    const shown = figures?.containers[expected.container];
    const { change } = expected;
    const isShown =
      change.kind === 'a figure' ||
      (change.kind === 'a verdict' ? shown?.verdict === 'OOMKilled' : shown?.limitBytes === expected.limit);
    if (isShown) change.annotation ??= (at - change.at) / 1000;
  };
}
