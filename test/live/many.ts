/** A state with as many rows as a large cluster has. */
import { clusterRows } from '../../src/cluster/rows.ts';
import type { ClusterView } from '../../src/cluster/view.ts';
import type { LiveState } from '../../src/live/source.ts';
import { bytes } from '../../src/model/bytes.ts';

const podsPerNode = 100;

/** @param count containers, one in each pod */
export function manyContainers(count: number): LiveState {
  const view: ClusterView = {
    at: 0,
    missing: [],
    notes: [],
    nodes: Array.from({ length: count / podsPerNode }, (_, node) => ({
      name: `node-${node}`,
      from: 'report',
      isStale: false,
      conditions: [],
      pods: Array.from({ length: podsPerNode }, (_, pod) => ({
        namespace: `team-${node % 100}`,
        name: `service-${node}-${pod}`,
        node: `node-${node}`,
        ooms: 0,
        containers: [{ name: 'main', real: bytes(((node * 7919 + pod * 104_729) % 65_536) * 65_536) }],
      })),
    })),
  };
  return { title: [], at: 0, notes: [], rows: (by) => clusterRows(view, by) };
}
