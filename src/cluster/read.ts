/** Reads the memory of a whole cluster with the user's rights. */
import { ApiError } from '../kube/api-error.ts';
import type { Kube } from '../kube/client.ts';
import { defined } from '../model/json.ts';
import { LocatedError, NoRight } from '../model/located-error.ts';
import { readAnnotations } from './annotations.ts';
import { labelledPods, onlyPods, selectorQuery } from './labels.ts';
import { isForbidden, type Source } from './listing.ts';
import { agentNamespace, missingOf, readNodes } from './nodes.ts';
import { type Reports, readReports } from './reports.ts';
import type { ClusterView, Only } from './view.ts';

export interface ReadOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Only pods of this namespace. Absent: of all. */
  readonly namespace?: string;
  /** The context's namespace: read alone if the user may not read the whole cluster. Absent: that is an error. */
  readonly contextNamespace?: string;
  /** Only pods with these labels, as for `kubectl -l`. */
  readonly selector?: string;
  /** Deadline for one page of a list. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  /** @param read nodes read, and of all as far as the API says */
  readonly progress?: (read: number, all: number) => void;
}

/** A page of 500 reports of busy nodes has 25 MB. */
const defaultDeadlineMs = 120_000;

/**
 * Reads reports, nodes and DaemonSets at the same time. Without the right to read reports: the annotations of one namespace.
 * @throws ApiError; LocatedError if there is no report, or no right to read any; InputError if the selector is not one
 */
export async function readCluster(kube: Pick<Kube, 'list'>, options: ReadOptions): Promise<ClusterView> {
  const { now, namespace, selector, deadlineMs = defaultDeadlineMs } = options;
  selectorQuery(selector);
  const left = new AbortController();
  const signal = options.signal === undefined ? left.signal : AbortSignal.any([options.signal, left.signal]);
  const source: Source = { kube, deadlineMs, signal };
  try {
    const beside = Promise.all([
      readNodes(source),
      selector === undefined ? undefined : labelledPods(source, namespace, selector),
    ]);
    // Judged below. A refusal of the reports comes first.
    beside.catch(() => {});
    let reports: Reports;
    try {
      reports = await readReports(source, { now, namespace, progress: options.progress ?? (() => {}) });
    } catch (error) {
      if (!isForbidden(error)) throw notThere(error);
      return await readOneNamespace(source, error, options);
    }
    const [nodes, wanted] = await beside.catch((error) => {
      throw isForbidden(error) ? noRight('pods', error, 'to read the pods of one namespace') : error;
    });
    if (reports.count === 0) throw noReports(agentNamespace(nodes));
    const missing = missingOf(nodes, new Set(reports.nodes.map(({ name }) => name)));
    const view: ClusterView = {
      at: now,
      nodes: reports.nodes.map((node) => {
        const { allocatable } = ('why' in nodes.nodes ? undefined : nodes.nodes.get(node.name)) ?? {};
        return allocatable === undefined ? node : { ...node, allocatable };
      }),
      missing: missing.names,
      notes: [...missing.notes, ...reports.notes, ...nodes.notes],
      namespaces: reports.namespaces,
      ...onlyOf(namespace, selector),
    };
    return wanted === undefined ? view : onlyPods(view, wanted);
  } finally {
    left.abort();
  }
}

async function readOneNamespace(
  source: Source,
  refused: ApiError,
  { now, namespace, contextNamespace, selector }: ReadOptions,
): Promise<ClusterView> {
  const readable = namespace ?? contextNamespace;
  if (readable === undefined)
    throw noRight('nodememoryreports', refused, "to read the annotations of that namespace's pods");
  const { nodes, notes } = await readAnnotations(source, readable, selector);
  return { at: now, nodes, missing: [], notes, ...onlyOf(readable, selector) };
}

const onlyOf = (namespace: string | undefined, selector: string | undefined): Pick<ClusterView, 'only'> =>
  namespace === undefined && selector === undefined ? {} : { only: defined<Only>({ namespace, selector }) };

const noRight = (resource: string, refused: ApiError, todo: string): NoRight =>
  new NoRight({
    where: 'the API server',
    expected: `the right to list ${resource}`,
    got: { message: refused.message },
    todo: `pass -n NAMESPACE ${todo}`,
  });

/** The error of the first list, with what to do if the cluster does not know the reports. */
function notThere(error: unknown): unknown {
  if (!(error instanceof ApiError) || error.status !== 404) return error;
  return new LocatedError({
    where: 'the API server',
    expected: 'NodeMemoryReports (nodememoryreports.realmem.dev)',
    got: 'no such resource in this cluster',
    todo: 'is realmem installed? helm install realmem charts/realmem --namespace realmem --create-namespace',
  });
}

const noReports = (namespace: string): LocatedError =>
  new LocatedError({
    where: 'the API server',
    expected: 'a NodeMemoryReport of each node',
    got: 'none in this cluster',
    todo: `does realmem run? kubectl -n ${namespace} get pods`,
  });
