/** Counts the cluster's nodes. All agents share one write budget by this number, without communicating. */
import type { Kube } from './client.ts';

/** The largest cluster that Kubernetes supports. Assumed while the count is unknown or forbidden. */
export const largestCluster = 5_000;

/** Upper bound of a count. With a larger one, each node would wait for hours for its turn to write. */
const mostNodes = 200_000;

/** @returns the number of nodes; `largestCluster` when the answer does not give it @throws ApiError */
export async function countNodes(kube: Kube): Promise<number> {
  // Without a resourceVersion: with version 0 the API server ignores the limit and returns all nodes.
  const answer = await kube.call({
    path: '/api/v1/nodes?limit=1',
    accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  });
  const { items, metadata } = (answer ?? {}) as {
    items?: readonly unknown[];
    metadata?: { continue?: unknown; remainingItemCount?: unknown };
  };
  const { continue: next, remainingItemCount: remaining } = metadata ?? {};
  const more = remaining === undefined && !next ? 0 : Number(remaining);
  const count = (Array.isArray(items) ? items.length : 0) + more;
  // The server may say that there are more nodes without saying how many.
  return Number.isSafeInteger(count) && count > 0 ? Math.min(count, mostNodes) : largestCluster;
}
