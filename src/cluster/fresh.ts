/** Replaces nodes of a view by what their agents know now: `--fresh`. */
import { InputError, messageOf, mostFaults } from '../model/located-error.ts';
import { compareText, nearest } from '../model/text.ts';
import { type AgentReport, readAgentReport } from './agent-report.ts';
import { type AgentsKube, type AskOptions, askAgent, findAgent } from './agents.ts';
import { labelledPods, onlyPods } from './labels.ts';
import { byName } from './report-item.ts';
import type { ClusterView, NodeView } from './view.ts';

/** Which nodes to read: those named, the node of a pod, or the nodes with pods of a namespace. Without any: all. */
export interface FreshScope {
  readonly nodes?: readonly string[];
  readonly pod?: { readonly namespace: string; readonly name: string };
  readonly namespace?: string;
}

export interface FreshOptions extends AskOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The view has only pods of this namespace. */
  readonly namespace?: string;
  /** The view has only pods with these labels. */
  readonly selector?: string;
  /** @param read number of nodes read so far @param all number of nodes to read */
  readonly progress?: (read: number, all: number) => void;
}

/** Each takes a connection through the API server and the kubelet. For more nodes there are the reports. */
export const mostFreshNodes = 50;
const atOnce = 8;
const labelsDeadlineMs = 120_000;

/**
 * A node that cannot be read keeps its report, and a note says why.
 * @throws InputError for a node or pod that the view does not have; ApiError if the pods with the labels cannot be listed
 */
export async function readFresh(
  kube: AgentsKube,
  view: ClusterView,
  scope: FreshScope,
  options: FreshOptions,
): Promise<ClusterView> {
  const { now, namespace, selector, signal = new AbortController().signal, progress = () => {} } = options;
  const chosen = nodesIn(view, scope);
  const names = chosen.slice(0, mostFreshNodes);
  const notes: string[] = [];
  if (chosen.length > names.length)
    notes.push(
      `--fresh reads at most ${mostFreshNodes} nodes at once: ${names.length} of ${chosen.length} are fresh, the others show their last report. Name a node, a pod or a namespace.`,
    );
  const failed: { readonly name: string; readonly why: string }[] = [];
  const fresh = new Map<string, NodeView>();
  let read = 0;
  await inParallel(names, atOnce, async (name) => {
    try {
      const agent = await findAgent(kube, name, options);
      const report = await askAgent(kube, agent, '/report.json', options);
      const { node, notes: faults } = asExpected(name, readAgentReport(report, namespace, now));
      fresh.set(name, node);
      notes.push(...faults);
    } catch (error) {
      if (signal.aborted) throw error;
      failed.push({ name, why: messageOf(error) });
    }
    progress(++read, names.length);
  });
  const replaced = replace(view, fresh);
  const all = { ...replaced, notes: [...view.notes, ...notes, ...failureNotes(failed)] };
  if (selector === undefined) return all;
  const source = { kube, deadlineMs: labelsDeadlineMs, signal };
  return onlyPods(all, await labelledPods(source, namespace, selector));
}

/** @throws InputError for a name that the view does not have */
function nodesIn({ nodes, missing }: ClusterView, { nodes: named, pod, namespace }: FreshScope): string[] {
  const known = [...nodes.map(({ name }) => name), ...missing];
  const unknown = named?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, known);
    throw new InputError({
      where: unknown,
      expected: 'a node',
      got: 'none with this name',
      todo: near === undefined ? 'list them with kubectl get nodes' : `did you mean ${near}?`,
    });
  }
  if (named !== undefined) return [...new Set(named)];
  if (pod !== undefined) {
    const isIt = (one: { readonly namespace: string; readonly name: string }): boolean =>
      one.namespace === pod.namespace && one.name === pod.name;
    const node = nodes.find(({ pods }) => pods.some(isIt));
    if (node !== undefined) return [node.name];
    throw new InputError({
      where: `${pod.namespace}/${pod.name}`,
      expected: 'a pod',
      got: 'none in the reports',
      todo: 'list them with kubectl realmem top',
    });
  }
  if (namespace === undefined) return known.toSorted(compareText);
  return nodes.flatMap(({ name, pods }) => (pods.some((one) => one.namespace === namespace) ? [name] : []));
}

/** @throws Error if another node answered */
function asExpected(name: string, report: AgentReport): AgentReport {
  if (report.node.name === name) return report;
  throw new Error(`its agent answered as node ${report.node.name}`);
}

function replace(view: ClusterView, fresh: ReadonlyMap<string, NodeView>): ClusterView {
  const known = new Map(view.nodes.map((node) => [node.name, node]));
  for (const [name, node] of fresh) {
    // The agent does not know what pods can request on its node.
    const { allocatable } = known.get(name) ?? {};
    known.set(name, allocatable === undefined ? node : { ...node, allocatable });
  }
  return {
    ...view,
    nodes: [...known.values()].toSorted(byName),
    missing: view.missing.filter((name) => !fresh.has(name)),
  };
}

/** The first failures with their reasons: without a right, all nodes have the same. */
function failureNotes(failed: readonly { readonly name: string; readonly why: string }[]): readonly string[] {
  const first = failed.toSorted(byName).slice(0, mostFaults);
  const more = failed.length - first.length;
  return [
    ...first.map(({ name, why }) => `Node ${name} is not fresh, it shows its last report: ${why}`),
    ...(more > 0 ? [`${more} more nodes are not fresh`] : []),
  ];
}

async function inParallel<Item>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
}
