/** The containers of the page, each with the names around it: the one list from which all others are made. */
import { workloadName } from '../../model/container-key.ts';
import { printable } from '../../model/text.ts';
import type { PageContainer, PageData, PageNode, PageOther, PagePod, PageSuggestion } from '../data.ts';
import { outside } from './scope.ts';

export interface PodLeaf {
  readonly namespace: string;
  readonly name: string;
  readonly workload: string;
  readonly node: string;
  readonly pod: PagePod;
  readonly containers: readonly Leaf[];
  readonly staleSeconds: number | undefined;
}

export interface Leaf {
  /** `shop/cart-1/main` */
  readonly key: string;
  readonly name: string;
  readonly pod: PodLeaf;
  readonly figures: PageContainer;
}

export interface Model {
  readonly data: PageData;
  readonly pods: readonly PodLeaf[];
  readonly leaves: ReadonlyMap<string, Leaf>;
  readonly nodes: ReadonlyMap<string, PageNode>;
  /** By `suggestionKey`. */
  readonly suggestions: ReadonlyMap<string, PageSuggestion>;
  /** Commands by `namespace/workload`. */
  readonly patches: ReadonlyMap<string, string>;
  /** Without any, all cgroups are services, or containers of docker and podman. */
  readonly hasPods: boolean;
}

/** Names of the data are printable from here on. */
export function modelOf(data: PageData): Model {
  const nodes = new Map(data.nodes.map((node) => [printable(node.name), node]));
  const leaves = new Map<string, Leaf>();
  const podOf = (given: PagePod): PodLeaf => {
    const node = printable(given.node);
    const [namespace, name] = [printable(given.namespace), printable(given.name)];
    const containers: Leaf[] = [];
    const pod: PodLeaf = {
      ...{ namespace, name, node, pod: given, containers },
      workload: printable(workloadName(given)),
      staleSeconds: nodes.get(node)?.staleSeconds,
    };
    for (const figures of given.containers) {
      const container = printable(figures.name);
      // Two nodes can both report a pod that moves.
      const plain = `${namespace}/${name}/${container}`;
      const key = leaves.has(plain) ? `${plain}@${node}` : plain;
      const leaf: Leaf = { key, name: container, pod, figures };
      containers.push(leaf);
      leaves.set(key, leaf);
    }
    return pod;
  };
  const others = data.others ?? [];
  return {
    ...{ data, nodes, leaves },
    pods: [...data.pods.map(podOf), ...others.map((other) => podOf(asPod(other)))],
    suggestions: new Map((data.suggestions ?? []).map((one) => [suggestionKey(one), one])),
    patches: new Map(
      (data.patches ?? []).map(({ namespace, workload, command }) => [
        `${printable(namespace)}/${printable(workload)}`,
        command,
      ]),
    ),
    hasPods: data.pods.length > 0 || others.length === 0,
  };
}

export const suggestionKey = ({
  namespace,
  workload,
  container,
}: Pick<PageSuggestion, 'namespace' | 'workload' | 'container'>): string =>
  `${printable(namespace)}/${printable(workload)}/${printable(container)}`;

const asPod = ({ node, type, name, ...figures }: PageOther): PagePod => ({
  ...{ namespace: outside, name, node, workload: type, ooms: figures.ooms ?? 0 },
  containers: [{ ...figures, name: type }],
});
