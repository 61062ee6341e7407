/** The figures above the list: the memory of the scope against what it may use. */
import { knownSum, sumOf } from '../../model/bytes.ts';
import { printable } from '../../model/text.ts';
import { formatSpan } from '../../model/time.ts';
import type { PageNode } from '../data.ts';
import { counted, podFigures, podsIn } from './entries.ts';
import type { Model } from './leaves.ts';
import { outside, type Scope } from './scope.ts';
import { age } from './words.ts';

type Optional = number | undefined;

export interface Overview {
  /** Of pods with both figures, or of all cgroups where no pod runs. */
  readonly kubectlTop: Optional;
  readonly real: Optional;
  /** Pods without figures. */
  readonly unknown: number;
  readonly pods: number;
  readonly containers: number;
  readonly parts: readonly { readonly kind: string; readonly title: string; readonly bytes: number }[];
  /** Part of real, where it is not one of `parts`. */
  readonly tmpfs: Optional;
  readonly cache: Optional;
  readonly free: Optional;
  /** What the bar is drawn against. */
  readonly whole: number;
  readonly wholeTitle: string;
  readonly allocatable: Optional;
  readonly requests: Optional;
  readonly limits: Optional;
  /** The bar shows so many nodes. 0: it shows pods. */
  readonly nodes: number;
}

export function overviewOf(model: Model, scope: Scope): Overview {
  const all = podsIn(model, scope);
  const inPods = all.filter((pod) => pod.namespace !== outside);
  const pods = inPods.length > 0 ? inPods : all;
  const figures = pods.map(podFigures);
  const known = figures.filter((one) => one.real !== undefined && one.workingSet !== undefined);
  // Requests of some pods say nothing beside the memory of all of the node.
  const isNode = scope.namespace === undefined && model.data.only === undefined;
  const nodes = [...model.nodes].flatMap(([name, node]) =>
    scope.node === undefined || scope.node === name ? [node] : [],
  );
  const requests = knownSum(figures, (one) => one.request);
  const limits = sumOf(figures, (one) => one.limit);
  const common = {
    kubectlTop: sumOf(known, (one) => one.workingSet),
    real: sumOf(known, (one) => one.real),
    unknown: figures.length - known.length,
    pods: inPods.length,
    containers: pods.reduce((sum, pod) => sum + pod.containers.length, 0),
    ...{ requests, limits: limits ?? knownSum(figures, (one) => one.limit), nodes: 0 },
  };
  const ofNodes = isNode ? nodesPart(nodes) : undefined;
  if (ofNodes !== undefined) return { ...common, ...ofNodes, nodes: nodes.length };
  const real = knownSum(figures, (one) => one.real) ?? 0;
  const usage = Math.max(real, knownSum(figures, (one) => one.usage) ?? real);
  const tmpfs = Math.min(real, sumOf(figures, (one) => one.tmpfs) ?? 0);
  const kernel = Math.min(real - tmpfs, sumOf(figures, (one) => one.kernel) ?? 0);
  return {
    ...common,
    parts: [
      { kind: 'anon', title: tmpfs + kernel > 0 ? 'Processes' : 'Real', bytes: real - tmpfs - kernel },
      { kind: 'tmpfs', title: 'tmpfs', bytes: tmpfs },
      { kind: 'kernel', title: 'Kernel', bytes: kernel },
    ],
    ...{ tmpfs: undefined, cache: usage - real, free: undefined, allocatable: undefined },
    ...largestOf({ limits: common.limits ?? 0, requests: requests ?? 0, usage }),
  };
}

/** What the bar is drawn against, where there is no capacity. */
function largestOf(amounts: Readonly<Record<string, number>>): Pick<Overview, 'whole' | 'wholeTitle'> {
  const [[wholeTitle, whole] = ['', 0]] = Object.entries(amounts).sort(([, a], [, b]) => b - a);
  return { whole: Math.max(1, whole), wholeTitle };
}

/** Undefined where no node has its figures. A node without them is left out: the header counts such nodes. */
function nodesPart(
  given: readonly PageNode[],
): Pick<Overview, 'parts' | 'tmpfs' | 'cache' | 'free' | 'whole' | 'wholeTitle' | 'allocatable'> | undefined {
  const nodes = given.filter(
    ({ real, used, capacity }) => real !== undefined && used !== undefined && capacity !== undefined,
  );
  const capacity = sumOf(nodes, (node) => node.capacity);
  if (capacity === undefined) return undefined;
  const real = sumOf(nodes, (node) => node.real) ?? 0;
  const used = Math.max(real, sumOf(nodes, (node) => node.used) ?? real);
  const pods = sumOf(nodes, (node) => node.podsReal);
  const system = sumOf(nodes, (node) => node.systemReal);
  // The parts are read one after another, so they can exceed the whole by a little.
  const inPods = Math.max(0, Math.min(real, pods ?? real));
  const inSystem = Math.max(0, Math.min(real - inPods, system ?? 0));
  return {
    parts:
      pods === undefined
        ? [{ kind: 'anon', title: 'Real', bytes: real }]
        : [
            { kind: 'anon', title: 'Pods', bytes: inPods },
            { kind: 'system', title: 'Services', bytes: inSystem },
            { kind: 'kernel', title: 'Kernel and root', bytes: real - inPods - inSystem },
          ],
    tmpfs: sumOf(nodes, (node) => node.tmpfs),
    cache: used - real,
    free: Math.max(0, capacity - used),
    whole: capacity,
    wholeTitle: 'capacity',
    allocatable: sumOf(nodes, (node) => node.allocatable),
  };
}

/** Fresher figures count as those of the page's own time. */
const leastAgeMs = 5000;

/** What a reader of one node should know: where its figures come from, how old they are, and what is wrong. */
export function aboutNode(node: PageNode, at: number | undefined): readonly string[] {
  const { kernel, cgroupVersion, agent, observedAt, staleSeconds, from, omitted = 0, conditions = [] } = node;
  const origin = [
    ...(kernel === undefined ? [] : [`Linux ${printable(kernel)}`]),
    ...(cgroupVersion === undefined ? [] : [`cgroup v${cgroupVersion}`]),
    ...(agent === undefined ? [] : [`realmem ${printable(agent)}`]),
    ...(from === 'annotations' ? ['figures from annotations of pods'] : []),
    ...(staleSeconds === undefined &&
    observedAt !== undefined &&
    at !== undefined &&
    at - observedAt >= leastAgeMs
      ? [`observed ${formatSpan((at - observedAt) / 1000)} earlier`]
      : []),
  ];
  return [
    ...(origin.length === 0 ? [] : [origin.join(' · ')]),
    ...(staleSeconds === undefined ? [] : [`Stale: the agent observed it ${age(staleSeconds)}.`]),
    ...(omitted === 0 ? [] : [`The report leaves out ${counted(omitted, 'cgroup')}.`]),
    ...conditions.map(({ type, message }) => `${printable(type)}: ${printable(message)}`),
  ];
}
