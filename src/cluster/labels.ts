/** Filters a view by the labels of pods. Reports have no labels, so the API picks the pods. */
import type { ClusterView } from './view.ts';

/** The key of a pod in a set: `namespace/name`. */
export const podKey = (namespace: string, name: string): string => `${namespace}/${name}`;

/** The view with the pods in the set. All nodes stay: their own figures are those of the node. */
export const onlyPods = (view: ClusterView, wanted: ReadonlySet<string>): ClusterView => ({
  ...view,
  nodes: view.nodes.map((node) => ({
    ...node,
    pods: node.pods.filter(({ namespace, name }) => wanted.has(podKey(namespace, name))),
  })),
});
