/** Reads the NodeMemoryReports of all nodes. Each is reduced as it arrives, and none is kept. */
import { Faults, messageOf } from '../model/located-error.ts';
import { reportsPath } from '../model/product.ts';
import { printable } from '../model/text.ts';
import { listAll, type Source } from './listing.ts';
import { Pool } from './pool.ts';
import { byName, containerShapes, nodeOf } from './report-item.ts';
import type { NodeView } from './view.ts';

/** More than any cluster has. A broken server may send pages without end. */
const mostNodes = 20_000;
/** Some 500 bytes each. The largest cluster that Kubernetes supports has 150,000. */
const mostPods = 600_000;

export interface Reports {
  readonly nodes: readonly NodeView[];
  /** Number of reports, with those that cannot be read. */
  readonly count: number;
  readonly notes: readonly string[];
  /** Of all pods in the reports. */
  readonly namespaces: readonly string[];
}

interface Wanted {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Only pods of this namespace. Undefined: of all. */
  readonly namespace: string | undefined;
  /** @param nodes reports read, and of all as far as the API says */
  readonly progress: (read: number, all: number) => void;
}

/** @throws ApiError */
export async function readReports(source: Source, { now, namespace, progress }: Wanted): Promise<Reports> {
  const about = {
    now,
    namespace,
    pool: new Pool(),
    shapes: containerShapes(),
    namespaces: new Set<string>(),
  };
  const nodes = new Map<string, NodeView>();
  let faults = new Faults();
  let cut: string | undefined;
  let count = 0;
  let pods = 0;
  await listAll(source, reportsPath, {
    begin: () => {
      nodes.clear();
      about.namespaces.clear();
      faults = new Faults();
      cut = undefined;
      count = 0;
      pods = 0;
    },
    each: (item) => {
      count++;
      if (nodes.size >= mostNodes || pods >= mostPods) {
        cut = `more than ${mostNodes} nodes or ${mostPods} pods`;
        return;
      }
      try {
        const node = nodeOf(item, { ...about, faults });
        nodes.set(node.name, node);
        pods += node.pods.length;
      } catch (error) {
        faults.addMessage(() => messageOf(error));
      }
    },
    unread: {
      large: ({ metadata, why }) => {
        count++;
        faults.addMessage(() => `NodeMemoryReport ${printable(metadata.name ?? '?')} is too large: ${why}`);
      },
      cut: (why) => {
        cut = why;
      },
    },
    page: (remaining) => progress(count, count + remaining),
  });
  return {
    nodes: [...nodes.values()].toSorted(byName),
    count,
    namespaces: [...about.namespaces],
    notes: [...(cut === undefined ? [] : [`The list of reports is cut off: ${cut}`]), ...faults.notes],
  };
}
