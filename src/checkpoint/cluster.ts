/** Reads histories from the cluster: that of this node, or those of all nodes. */

import { sleep } from '../edges/clock.ts';
import { ApiError } from '../kube/api-error.ts';
import type { Kube } from '../kube/client.ts';
import { eachPage, mapsPath, metadataOnly } from '../kube/pages.ts';
import { BackOff } from '../model/back-off.ts';
import type { ContainerKey } from '../model/container-key.ts';
import { fieldsOf } from '../model/json.ts';
import { LocatedError, messageOf } from '../model/located-error.ts';
import { printable } from '../model/text.ts';
import { workloadOf } from '../pods/workload.ts';
import { historyMapName, historySelector } from '../publish/history-map.ts';
import type { Checkpoint } from './checkpoint.ts';
import { historyOf, type KeptHistory } from './kept-history.ts';
import type { MergedHistories } from './merge.ts';

/** The namespace of an agent whose token does not name one. */
export const defaultNamespace = 'realmem';

export const historyMapPath = (namespace: string, node: string): string =>
  `${mapsPath(namespace)}/${encodeURIComponent(historyMapName(node))}`;

const identityWaitMs = 250;
const firstWaitMs = 1_000;
const longestWaitMs = 300_000;

/** A cluster to ask until the agent ends. */
interface AskedCluster {
  readonly kube: Kube;
  /** Undefined: not yet known. */
  readonly identity: { readonly namespace?: string } | undefined;
  readonly ended: AbortSignal;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** Retries with back-off until the API answers with the history, or that there is none. */
export async function restoreFromCluster(
  cluster: AskedCluster,
  node: string,
  kept: KeptHistory,
  say: (message: string) => void,
): Promise<void> {
  const backOff = new BackOff({ firstMs: firstWaitMs, longestMs: longestWaitMs, random: cluster.random });
  let failures = 0;
  while (!cluster.ended.aborted) {
    const { identity } = cluster;
    let retryAfterMs: number | undefined;
    try {
      if (identity !== undefined) {
        const path = historyMapPath(identity.namespace ?? defaultNamespace, node);
        await kept.openMap(() => readHistoryMap(cluster.kube, path));
        if (failures > 0 || kept.condition.status === 'False') say(kept.condition.message);
        return;
      }
    } catch (error) {
      retryAfterMs = error instanceof ApiError ? error.retryAfterMs : undefined;
      if (failures++ === 0)
        say(
          `The agent cannot read the history in the cluster, and does not write it before that: ${printable(messageOf(error))}`,
        );
    }
    // The identity is known soon.
    await sleep(identity === undefined ? identityWaitMs : backOff.next(retryAfterMs), cluster.ended);
  }
}

/** etcd stores up to 1.5 MiB per object, and `binaryData` is base64. */
const largestMapBytes = 2 * 1024 * 1024;

/** @returns undefined: no such ConfigMap @throws ApiError */
export async function readHistoryMap(kube: Pick<Kube, 'call'>, path: string): Promise<unknown> {
  try {
    return await kube.call({ path, mostBytes: largestMapBytes });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

/** ConfigMaps per page. Each has up to 1 MiB. */
const pageSize = 50;
const deadlineMs = 120_000;

/**
 * Merges the histories of all nodes, each as it arrives.
 * @param progress gets the number of histories read, and of all
 * @throws ApiError
 */
export async function mergeMaps(
  kube: Kube,
  namespace: string,
  merged: MergedHistories,
  progress: (read: number, all: number) => void,
): Promise<void> {
  const path = `${mapsPath(namespace)}?labelSelector=${encodeURIComponent(historySelector)}`;
  let read = 0;
  // If the list begins again, those that were merged come once more.
  const known = new Set<unknown>();
  const readPage = async (page: string): Promise<unknown> => {
    const list = await kube.list({ path: page, deadlineMs }, (map) => {
      read++;
      const name = fieldsOf(fieldsOf(map)['metadata'])['name'];
      if (known.has(name)) return;
      known.add(name);
      try {
        merged.take(ownHistoryIn(map));
      } catch (error) {
        merged.faults.push(messageOf(error));
      }
    });
    const { metadata } = (list ?? {}) as { readonly metadata?: { readonly remainingItemCount?: number } };
    progress(read, read + (metadata?.remainingItemCount ?? 0));
    return list;
  };
  await eachPage(path, pageSize, readPage, () => {
    read = 0;
  });
}

/** The admission policy checks only the name of a node's ConfigMap, so its content needs this check. @throws LocatedError */
function ownHistoryIn(map: unknown): Checkpoint {
  const history = historyOf(map);
  const { metadata } = map as { readonly metadata?: { readonly name?: string } };
  const name = metadata?.name ?? '';
  if (name === historyMapName(history.node)) return history;
  throw new LocatedError({
    where: `ConfigMap ${name}`,
    expected: 'the history of the node in its name',
    got: `the history of ${history.node}`,
  });
}

/** Lists metadata alone: a whole pod can have a megabyte. @throws ApiError */
async function listPods(
  kube: Kube,
  path: string,
  each: (pod: PodOwner) => void,
  begin: () => void,
): Promise<void> {
  const read = (page: string): Promise<unknown> =>
    kube.list({ path: page, accept: metadataOnly, deadlineMs }, (item) => {
      const { metadata } = item as {
        readonly metadata: { readonly namespace: string; readonly name: string };
      };
      const { namespace, name } = metadata;
      each({ namespace, workload: workloadOf({ ...metadata }) ?? `Pod/${name}` });
    });
  await eachPage(path, 500, read, begin);
}

type PodOwner = Pick<ContainerKey, 'namespace' | 'workload'>;

/** Number of pods of a workload on a node, including pods of ended jobs. */
export type PodCounts = (node: string, key: PodOwner) => number;

const atOnce = 4;

/** Counts the pods of some nodes. @throws ApiError */
export async function podsOn(
  kube: Kube,
  nodes: readonly string[],
  progress: (read: number, all: number) => void,
): Promise<PodCounts> {
  const counts = new Map<string, ReadonlyMap<string, number>>();
  const textOf = (...names: readonly string[]): string => names.join('\n');
  const left = nodes.values();
  let read = 0;
  const work = async (): Promise<void> => {
    for (const node of left) {
      const path = `/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${node}`)}`;
      const own = new Map<string, number>();
      const count = ({ namespace, workload }: PodOwner): void => {
        const text = textOf(namespace, workload);
        own.set(text, (own.get(text) ?? 0) + 1);
      };
      await listPods(kube, path, count, () => own.clear());
      counts.set(node, own);
      progress(++read, nodes.length);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return (node, { namespace, workload }) => counts.get(node)?.get(textOf(namespace, workload)) ?? 0;
}
