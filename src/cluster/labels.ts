/** Filters a view by the labels of pods. Reports have no labels, so the API picks the pods. */
import { metadataOnly } from '../kube/pages.ts';
import { fieldsOf, textOf } from '../model/json.ts';
import { parseSelector } from '../pods/selector.ts';
import { listAll, type Source } from './listing.ts';
import type { ClusterView } from './view.ts';

/** The key of a pod in a set: `namespace/name`. */
const podKey = (namespace: string, name: string): string => `${namespace}/${name}`;

/** More than any cluster has. */
const mostPods = 600_000;

/** @param namespace undefined: all namespaces */
export const podsPath = (namespace: string | undefined): string =>
  namespace === undefined ? '/api/v1/pods' : `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;

/** The query of a label selector: `?labelSelector=app%3Dweb`. @throws InputError if it is not one */
export function selectorQuery(selector: string | undefined): string {
  if (selector === undefined) return '';
  // The API would refuse it too, but without an example.
  parseSelector('-l', selector);
  return `?labelSelector=${encodeURIComponent(selector)}`;
}

/** The keys of the pods with these labels. @throws ApiError; InputError if the text is no selector */
export async function labelledPods(
  source: Source,
  namespace: string | undefined,
  selector: string,
): Promise<ReadonlySet<string>> {
  const wanted = new Set<string>();
  await listAll(source, `${podsPath(namespace)}${selectorQuery(selector)}`, {
    accept: metadataOnly,
    begin: () => wanted.clear(),
    each: (item) => {
      const metadata = fieldsOf(fieldsOf(item)['metadata']);
      const [namespace, name] = [textOf(metadata['namespace']), textOf(metadata['name'])];
      if (namespace !== undefined && name !== undefined && wanted.size < mostPods)
        wanted.add(podKey(namespace, name));
    },
    unread: {
      // Its name is enough.
      large: ({ metadata: { namespace, name } }) => {
        if (namespace !== undefined && name !== undefined) wanted.add(podKey(namespace, name));
      },
    },
  });
  return wanted;
}

/** The view with the pods in the set. All nodes stay: their own figures are those of the node. */
export const onlyPods = (view: ClusterView, wanted: ReadonlySet<string>): ClusterView => ({
  ...view,
  nodes: view.nodes.map((node) => ({
    ...node,
    pods: node.pods.filter(({ namespace, name }) => wanted.has(podKey(namespace, name))),
  })),
});
