/** Histories in the cluster: this node's own, and all nodes'. */
import { sleep } from '../edges/clock.ts';
import type { Kube } from '../edges/kube.ts';
import type { Checkpoint } from '../history/checkpoint.ts';
import { workloadOf } from '../identify/workload.ts';
import { messageOf } from '../model/fault.ts';
import { KubeFault } from '../model/kube-fault.ts';
import { printable } from '../model/text.ts';
import { historyMapName, historySelector } from '../report/history-map.ts';
import type { RunningPod } from '../report/suggest-patch.ts';
import type { Cluster } from './cluster.ts';
import { historyOf, type KeptHistory } from './kept-history.ts';
import { eachPage, mapsPath, metadataOnly } from './pages.ts';

/** Where the agent's token names no namespace of its own. */
export const defaultNamespace = 'realmem';

export const historyMapPath = (namespace: string, node: string): string =>
  `${mapsPath(namespace)}/${encodeURIComponent(historyMapName(node))}`;

const firstWaitMs = 1_000;
const longestWaitMs = 300_000;

/** Asks until there is an answer: what was kept, or that there is none. */
export async function takeUpFromCluster(
  cluster: Cluster,
  node: string,
  kept: KeptHistory,
  say: (message: string) => void,
): Promise<void> {
  for (let tries = 0; !cluster.ended.aborted; tries++) {
    const { identity } = cluster;
    try {
      if (identity !== undefined) {
        const path = historyMapPath(identity.namespace ?? defaultNamespace, node);
        await kept.openMap(() => found(cluster.kube, path));
        if (tries > 0 || kept.condition.status === 'False') say(kept.condition.message);
        return;
      }
    } catch (error) {
      if (tries === 0)
        say(`what this node remembers could not be read, and is not written: ${printable(messageOf(error))}`);
    }
    // Who it is becomes known in a moment.
    const wait = identity === undefined ? firstWaitMs / 4 : firstWaitMs * 2 ** tries;
    await sleep(Math.min(longestWaitMs, wait) * (0.5 + Math.random() / 2), cluster.ended);
  }
}

/** Undefined: there is no such map. @throws KubeFault */
export async function found(kube: Pick<Kube, 'call'>, path: string): Promise<unknown> {
  try {
    return await kube.call({ path });
  } catch (error) {
    if (error instanceof KubeFault && error.status === 404) return undefined;
    throw error;
  }
}

export interface Histories {
  readonly histories: readonly Checkpoint[];
  /** Those that could not be read, and why. */
  readonly faults: readonly string[];
}

const pageSize = 100;
const deadlineMs = 60_000;

/** All nodes'. @throws KubeFault */
export async function readHistories(kube: Kube, namespace: string): Promise<Histories> {
  const histories: Checkpoint[] = [];
  const faults: string[] = [];
  const path = `${mapsPath(namespace)}?labelSelector=${encodeURIComponent(historySelector)}`;
  await eachPage(path, pageSize, (page) =>
    kube.list({ path: page, deadlineMs }, (map) => {
      try {
        histories.push(historyOf(map));
      } catch (error) {
        faults.push(messageOf(error));
      }
    }),
  );
  return { histories, faults };
}

/** The pods that there are, by their metadata alone. @throws KubeFault */
export async function podsIn(kube: Kube, namespace: string | undefined): Promise<readonly RunningPod[]> {
  const pods: RunningPod[] = [];
  const below = namespace === undefined ? '' : `namespaces/${encodeURIComponent(namespace)}/`;
  const path = `/api/v1/${below}pods?fieldSelector=${encodeURIComponent('status.phase=Running')}`;
  await eachPage(path, 500, (page) =>
    kube.list({ path: page, accept: metadataOnly, deadlineMs }, (item) => {
      const { metadata } = item as {
        readonly metadata: { readonly namespace: string; readonly name: string };
      };
      const { namespace: own, name } = metadata;
      pods.push({ namespace: own, name, workload: workloadOf({ ...metadata }) ?? `Pod/${name}` });
    }),
  );
  return pods;
}
