/** How many nodes the cluster has: what all write together is shared among them, without a word between them. */
import type { Kube } from './client.ts';

/** Until it is known, and where it may not be asked, as in the largest cluster that Kubernetes supports. */
export const largestFleet = 5_000;

/** No cluster is larger. With more, each node would wait for hours for its turn to write. */
const mostNodes = 200_000;

/** @throws KubeFault */
export async function countNodes(kube: Kube): Promise<number> {
  // Without a resourceVersion: version 0 would give all nodes, whatever the limit.
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
  // That there are more, and not how many: it could be any number.
  return Number.isSafeInteger(count) && count > 0 ? Math.min(count, mostNodes) : largestFleet;
}
