/** Fetches running pods and their owners, from the API or a file, to decide which patch the API accepts. */

import { ApiError } from '../kube/api-error.ts';
import type { Kube } from '../kube/client.ts';
import { eachPage } from '../kube/pages.ts';
import type { ContainerKey } from '../model/container-key.ts';
import { fieldsOf } from '../model/json.ts';
import { podItemsOf } from './manifest.ts';
import { isName, ownerKindOf, splitWorkload } from './owner-kinds.ts';
import type { OwnerObject, RunningPod } from './pod-spec.ts';
import { readOwner, runningPodOf } from './pod-spec.ts';

type Workload = Pick<ContainerKey, 'namespace' | 'workload'>;

const atOnce = 4;
const deadlineMs = 120_000;
/** The API accepts objects of up to 1.5 MiB. */
const mostBytes = 2 * 1024 * 1024;

/** @param object the output of `kubectl get pods -o json`, or a single pod, with or without a kind */
export function runningPodsIn(object: unknown): readonly RunningPod[] {
  return (podItemsOf(object) ?? [object]).flatMap((one) => runningPodOf(one) ?? []);
}

/** All running pods, of one namespace if given. @throws ApiError */
export async function runningPods(kube: Kube, namespace: string | undefined): Promise<readonly RunningPod[]> {
  const pods: RunningPod[] = [];
  const below = namespace === undefined ? '' : `namespaces/${encodeURIComponent(namespace)}/`;
  const path = `/api/v1/${below}pods?fieldSelector=${encodeURIComponent('status.phase=Running')}`;
  const take = (item: unknown): void => void pods.push(...runningPodsIn(item));
  // Ignore pods that are too large to read: `suggest` prints a comment for these and not a command.
  const read = (page: string): Promise<unknown> =>
    kube.list({ path: page, deadlineMs }, take, { large: () => {} });
  await eachPage(path, 100, read, () => {
    pods.length = 0;
  });
  return pods;
}

/** The workloads in the API. It lacks those that the user may not read, and those too large to read. */
export interface FoundWorkloads {
  readonly owners: ReadonlyMap<Workload, OwnerObject | 'missing'>;
  /** Bare pods. */
  readonly pods: readonly RunningPod[];
}

/**
 * Fetches the workloads, four at a time.
 * @param progress receives the number of workloads done, and of all
 * @throws ApiError if the API does not answer
 */
export async function lookUp(
  kube: Pick<Kube, 'call'>,
  workloads: readonly Workload[],
  progress: (read: number, all: number) => void,
): Promise<FoundWorkloads> {
  const owners = new Map<Workload, OwnerObject | 'missing'>();
  const pods: RunningPod[] = [];
  const left = workloads.values();
  let read = 0;
  const one = async (workload: Workload): Promise<void> => {
    const [kind, name] = splitWorkload(workload.workload);
    const ownerKind = ownerKindOf(kind);
    if (!isName(name) || (ownerKind === undefined && kind !== 'Pod')) return;
    const { api, plural } = ownerKind ?? { api: '/api/v1', plural: 'pods' };
    const path = `${api}/namespaces/${encodeURIComponent(workload.namespace)}/${plural}/${encodeURIComponent(name)}`;
    try {
      const object = await kube.call({ path, mostBytes });
      if (ownerKind === undefined) {
        const running = runningPodsIn(object);
        pods.push(...running);
        if (running.length === 0) owners.set(workload, 'missing');
      } else owners.set(workload, readOwner(object, ownerKind));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // One owner that is too large must not keep all others from their patches.
      if (error.reason === 'TooLarge') return;
      if (error.status === 0 || error.status >= 500) throw error;
      if (error.status === 404) owners.set(workload, 'missing');
    }
  };
  const work = async (): Promise<void> => {
    for (const workload of left) {
      await one(workload);
      progress(++read, workloads.length);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return { owners, pods };
}

/** The minor version of the API server: 34 for 1.34. Undefined if the API does not say. */
export async function minorOf(kube: Pick<Kube, 'call'>): Promise<number | undefined> {
  try {
    const { major, minor } = fieldsOf(await kube.call({ path: '/version' }));
    // `34+` where a vendor built it.
    const number = Number.parseInt(String(minor), 10);
    return major === '1' && Number.isSafeInteger(number) ? number : undefined;
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}
