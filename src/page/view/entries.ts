/** Rows of every level, with sums as `kubectl realmem top` makes them: a sum with an unknown part is unknown. */
import { knownSum, sumOf } from '../../model/bytes.ts';
import { type Verdict, worstVerdict } from '../../model/report.ts';
import type { PageContainer, PageNode, PageUsage } from '../data.ts';
import type { Leaf, Model, PodLeaf } from './leaves.ts';
import { type Level, outside, type Scope } from './scope.ts';

type Optional = number | undefined;

/** All keys are always there: browsers sort objects of one shape faster. */
export interface EntryFigures {
  readonly real: Optional;
  readonly peak: Optional;
  readonly usage: Optional;
  readonly workingSet: Optional;
  readonly request: Optional;
  /** Of a node: its capacity. */
  readonly limit: Optional;
  readonly isHigh: boolean;
  readonly tmpfs: Optional;
  readonly kernel: Optional;
  readonly ooms: Optional;
  readonly suggestRequest: Optional;
  readonly suggestLimit: Optional;
  readonly verdict: Verdict | undefined;
}

export interface Entry extends EntryFigures {
  readonly level: Level;
  readonly key: string;
  readonly name: string;
  /** What surrounds it. Empty: nothing. */
  readonly detail: string;
  readonly namespace: string | undefined;
  readonly workload: string | undefined;
  readonly node: string | undefined;
  readonly pods: readonly PodLeaf[];
  readonly staleSeconds: Optional;
  /** In lower case, for the filter. */
  readonly search: string;
  /** What to list when someone opens it. */
  readonly inside: Scope;
  /** The container to open: the entry itself, or the only one of a pod. */
  readonly leaf: Leaf | undefined;
}

export const podsIn = ({ pods }: Model, { node, namespace, workload, pod }: Scope): readonly PodLeaf[] =>
  pods.filter(
    (one) =>
      (node === undefined || one.node === node) &&
      (namespace === undefined || one.namespace === namespace) &&
      (workload === undefined || one.workload === workload) &&
      (pod === undefined || one.name === pod),
  );

/**
 * The rows of a table. Services are rows only where someone looks for them: among pods they would be in the way.
 * @param pods of the scope
 */
export function tableEntries(
  model: Model,
  pods: readonly PodLeaf[],
  scope: Scope,
  by: Level,
): readonly Entry[] {
  const isApart = model.hasPods && scope.namespace !== outside && by !== 'namespace' && by !== 'node';
  const listed = isApart ? pods.filter(({ namespace }) => namespace !== outside) : pods;
  return entriesOf(model, listed, scope, by);
}

/** @param pods of the scope */
export function entriesOf(model: Model, pods: readonly PodLeaf[], scope: Scope, by: Level): readonly Entry[] {
  if (by === 'container')
    return pods.flatMap((pod) => pod.containers.map((leaf) => containerEntry(leaf, scope)));
  if (by === 'pod') return pods.map((pod) => podEntry(pod, scope));
  if (by === 'node') return nodeEntries(model, pods, scope);
  const groups = Map.groupBy(pods, ({ namespace, workload }) =>
    by === 'namespace' ? namespace : `${namespace}/${workload}`,
  );
  return [...groups].map(([key, some]) => groupEntry(key, some, by, scope));
}

function containerEntry(leaf: Leaf, scope: Scope): Entry {
  const { key, name, figures, pod } = leaf;
  const { verdict, type } = figures;
  return {
    ...{ level: 'container', key, leaf, name: scope.pod === undefined ? podAndName(leaf) : name },
    detail: joined(
      pod.namespace === outside ? pod.workload : type,
      scope.namespace === undefined && pod.namespace !== outside && pod.namespace,
      scope.node === undefined && pod.node,
    ),
    ...whereOf(pod),
    ...{ pods: [pod], inside: { ...scope, namespace: pod.namespace, workload: pod.workload, pod: pod.name } },
    search: `${key} ${pod.workload} ${pod.node} ${verdict ?? ''} ${type ?? ''}`.toLowerCase(),
    ...leafFigures(leaf),
  };
}

const podAndName = ({ pod, name }: Leaf): string =>
  pod.namespace === outside ? pod.name : `${pod.name}/${name}`;

/** A limit of all pods of the node says nothing about this container. */
export const ownLimit = ({ limit, limitFrom }: PageUsage): Optional =>
  limitFrom === 'node' ? undefined : limit;

export function leafFigures({ figures, pod }: Leaf): EntryFigures {
  const { real, peak, usage, workingSet, request, isHigh = false, tmpfs, kernel, ooms } = figures;
  const limit = ownLimit(figures);
  const { suggestRequest, suggestLimit, verdict } = figures;
  const isCounted = pod.pod.ooms === 0 || pod.containers.some((one) => one.figures.ooms !== undefined);
  return {
    ...{ real, peak, usage, workingSet, request, limit, isHigh, tmpfs, kernel },
    // Reports leave zeros out. The kills of one container are unknown if only those of the pod are counted.
    ooms: ooms ?? (isCounted ? 0 : undefined),
    ...{ suggestRequest, suggestLimit, verdict },
  };
}

function podEntry(pod: PodLeaf, scope: Scope): Entry {
  const { namespace, name, workload, node, containers } = pod;
  const [first, second] = containers;
  const figures = podFigures(pod);
  return {
    ...{ level: 'pod', key: `${namespace}/${name}@${node}`, name },
    detail: joined(
      scope.namespace === undefined && namespace,
      scope.node === undefined && node,
      scope.workload === undefined && !workload.startsWith('Pod/') && workload,
    ),
    ...whereOf(pod),
    ...{ pods: [pod], inside: { ...scope, namespace, workload, pod: name } },
    leaf: second === undefined ? first : undefined,
    search:
      `${namespace}/${name} ${workload} ${node} ${figures.verdict ?? ''} ${containers.map((one) => one.name).join(' ')}`.toLowerCase(),
    ...figures,
  };
}

const known = new WeakMap<PodLeaf, EntryFigures>();

/** Several parts of the page add up the same pods. */
export function podFigures(pod: PodLeaf): EntryFigures {
  const before = known.get(pod);
  if (before !== undefined) return before;
  const figures = addContainers(pod);
  known.set(pod, figures);
  return figures;
}

function addContainers({ pod, containers }: PodLeaf): EntryFigures {
  const all = containers.map((leaf) => leaf.figures);
  return {
    real: pod.real ?? sumOf(all, (one) => one.real),
    peak: undefined,
    usage: sumOf(all, (one) => one.usage),
    workingSet: sumOf(all, (one) => one.workingSet),
    request: pod.request ?? knownSum(all, (one) => one.request),
    limit: pod.limit ?? podLimit(all),
    isHigh: all.some((one) => one.isHigh === true),
    tmpfs: sumOf(all, (one) => one.tmpfs),
    kernel: sumOf(all, (one) => one.kernel),
    ooms: pod.ooms,
    suggestRequest: sumOf(all, (one) => one.suggestRequest),
    suggestLimit: sumOf(all, (one) => one.suggestLimit),
    verdict: worstVerdict(all.map((one) => one.verdict)),
  };
}

/** The limit of the pod itself, or the sum of those of its containers. */
function podLimit(containers: readonly PageContainer[]): Optional {
  const [ofPod] = containers.filter(({ limitFrom }) => limitFrom === 'pod');
  return ofPod === undefined ? sumOf(containers, ownLimit) : ofPod.limit;
}

function groupEntry(
  key: string,
  pods: readonly PodLeaf[],
  by: 'namespace' | 'workload',
  scope: Scope,
): Entry {
  const [first] = pods as [PodLeaf, ...PodLeaf[]];
  const { namespace, workload } = first;
  const isWorkload = by === 'workload';
  const nodes = new Set(pods.map(({ node }) => node));
  const figures = sumOfPods(pods);
  return {
    ...{ level: by, key, name: isWorkload ? workload : namespace, namespace },
    workload: isWorkload ? workload : undefined,
    node: nodes.size === 1 ? first.node : undefined,
    detail: joined(isWorkload && scope.namespace === undefined && namespace, counted(pods.length, 'pod')),
    ...{ pods, leaf: undefined },
    staleSeconds: pods.reduce<Optional>((most, pod) => larger(most, pod.staleSeconds), undefined),
    search: `${key} ${figures.verdict ?? ''}`.toLowerCase(),
    inside: { ...scope, namespace, ...(isWorkload && { workload }) },
    ...figures,
  };
}

function sumOfPods(pods: readonly PodLeaf[]): EntryFigures {
  const all = pods.map(podFigures);
  const sum = (of: (one: EntryFigures) => Optional): Optional => sumOf(all, of);
  return {
    real: sum((one) => one.real),
    peak: undefined,
    usage: sum((one) => one.usage),
    workingSet: sum((one) => one.workingSet),
    request: knownSum(all, (one) => one.request),
    limit: sum((one) => one.limit),
    isHigh: false,
    tmpfs: sum((one) => one.tmpfs),
    kernel: sum((one) => one.kernel),
    ooms: all.reduce((total, { ooms = 0 }) => total + ooms, 0),
    suggestRequest: sum((one) => one.suggestRequest),
    suggestLimit: sum((one) => one.suggestLimit),
    verdict: worstVerdict(all.map((one) => one.verdict)),
  };
}

function nodeEntries({ nodes, data }: Model, pods: readonly PodLeaf[], scope: Scope): readonly Entry[] {
  const byNode = Map.groupBy(pods, ({ node }) => node);
  const isPart = scope.namespace !== undefined || data.only !== undefined;
  return [...nodes].flatMap(([name, node]) => {
    const own = byNode.get(name) ?? [];
    if ((isPart && own.length === 0) || (scope.node !== undefined && scope.node !== name)) return [];
    return {
      ...{
        level: 'node',
        key: name,
        name,
        node: name,
        namespace: undefined,
        workload: undefined,
        leaf: undefined,
      },
      detail: counted(own.filter((pod) => pod.namespace !== outside).length, 'pod'),
      ...{ pods: own, staleSeconds: node.staleSeconds, inside: { ...scope, node: name } },
      search: `${name} ${node.staleSeconds === undefined ? '' : 'stale'}`.toLowerCase(),
      ...(isPart ? { ...sumOfPods(own), limit: node.capacity } : nodeFigures(node, own)),
    } satisfies Entry;
  });
}

const nodeFigures = (node: PageNode, pods: readonly PodLeaf[]): EntryFigures => {
  const { request, ooms, verdict } = sumOfPods(pods);
  return {
    ...{ real: node.real, peak: undefined, usage: node.used, workingSet: node.workingSet, request },
    ...{ limit: node.capacity, isHigh: false, tmpfs: node.tmpfs, kernel: node.kernelReal, ooms },
    ...{ suggestRequest: undefined, suggestLimit: undefined, verdict },
  };
};

const whereOf = ({ namespace, workload, node, staleSeconds }: PodLeaf) => ({
  ...{ namespace, workload, node, staleSeconds },
});

const larger = (a: Optional, b: Optional): Optional =>
  a === undefined || (b !== undefined && b > a) ? b : a;

const joined = (...parts: readonly (string | false | undefined)[]): string =>
  parts.filter((part) => part !== false && part !== undefined && part !== '').join(' · ');

export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

/** Real as a share of what limits it: 0.96. */
export const shareOf = ({ real, limit }: Pick<EntryFigures, 'real' | 'limit'>): Optional =>
  real === undefined || limit === undefined || limit <= 0 ? undefined : real / limit;

/** Page cache: what the kernel gives back. */
export const cacheOf = ({ real, usage }: Pick<EntryFigures, 'real' | 'usage'>): Optional =>
  real === undefined || usage === undefined ? undefined : Math.max(0, usage - real);
