/** A made view of two nodes: one with figures of every kind, one with as few as there can be. */
import type { ClusterView, ContainerView, NodeView, PodView } from '../../../src/cluster/view.ts';
import { type Bytes, bytes } from '../../../src/model/bytes.ts';
import { at } from './made.ts';

const Mi = 1024 * 1024;
export const MiB = (amount: number): Bytes => bytes(amount * Mi);

export const containerOf = (name: string, figures: Partial<ContainerView> = {}): ContainerView => ({
  name,
  ...figures,
});

export const podOf = (
  name: string,
  containers: readonly ContainerView[],
  more: Partial<PodView> = {},
): PodView => ({ ...{ namespace: 'shop', name, node: 'a', ooms: 0, containers }, ...more });

export const nodeViewOf = (name: string, more: Partial<NodeView> = {}): NodeView => ({
  ...{ name, from: 'report', observedAt: at - 30_000, isStale: false, pods: [], conditions: [] },
  ...more,
});

export const viewOf = (nodes: readonly NodeView[], more: Partial<ClusterView> = {}): ClusterView => ({
  ...{ at, nodes, missing: [], notes: [] },
  ...more,
});

const web = containerOf('web', {
  ...{ real: MiB(64), peak: MiB(80), usage: MiB(200), workingSet: MiB(100), request: MiB(128) },
  ...{ limit: MiB(256), suggestRequest: MiB(70), suggestLimit: MiB(90), verdict: 'OK' },
});

/** Two pods of one workload, on two nodes. The second node is stale. */
export const shop = viewOf(
  [
    nodeViewOf('a', {
      ...{ capacity: MiB(8192), allocatable: MiB(7000), real: MiB(900), used: MiB(3000) },
      workingSet: MiB(1500),
      pods: [podOf('cart-1', [web, containerOf('proxy', { real: MiB(6) })], { workload: 'Deployment/cart' })],
    }),
    nodeViewOf('b', {
      ...{ isStale: true, observedAt: at - 7_200_000 },
      pods: [
        podOf('cart-2', [web], {
          ...{ workload: 'Deployment/cart', node: 'b', ooms: 2, real: MiB(65), limit: MiB(300) },
        }),
        podOf('lonely', [containerOf('main')], { node: 'b', namespace: 'data' }),
      ],
    }),
  ],
  { missing: ['c'] },
);
