/** Pods and their owners as the API, or a file, has them: what decides which patch the API takes. */

import { ApiError } from '../kube/api-error.ts';
import type { Kube } from '../kube/client.ts';
import { eachPage } from '../kube/pages.ts';
import type { ContainerKey } from '../model/container-key.ts';
import { podItemsOf } from './manifest.ts';
import { isName, ownerKindOf, splitWorkload } from './owner-kinds.ts';
import type { Owner, RunningPod } from './pod-spec.ts';
import { ownerOf, runningPodOf } from './pod-spec.ts';

type Workload = Pick<ContainerKey, 'namespace' | 'workload'>;

const atOnce = 4;
const deadlineMs = 120_000;
/** An object has 1.5 MiB at the most. */
const mostBytes = 2 * 1024 * 1024;

/** @param object what `kubectl get pods -o json` printed, or one pod of it, which does not say that it is one */
export function runningPodsIn(object: unknown): readonly RunningPod[] {
  return (podItemsOf(object) ?? [object]).flatMap((one) => runningPodOf(one) ?? []);
}

/** All that run. @throws KubeFault */
export async function runningPods(kube: Kube, namespace: string | undefined): Promise<readonly RunningPod[]> {
  const pods: RunningPod[] = [];
  const below = namespace === undefined ? '' : `namespaces/${encodeURIComponent(namespace)}/`;
  const path = `/api/v1/${below}pods?fieldSelector=${encodeURIComponent('status.phase=Running')}`;
  const take = (item: unknown): void => void pods.push(...runningPodsIn(item));
  // What is too large to be read gets a comment instead of a command.
  await eachPage(path, 100, (page) => kube.list({ path: page, deadlineMs }, take, { large: () => {} }));
  return pods;
}

/** As the API has them now. One that may not be read is absent, and so is one that is too large. */
export interface Found {
  readonly owners: ReadonlyMap<Workload, Owner | 'missing'>;
  /** Bare ones. */
  readonly pods: readonly RunningPod[];
}

/** @throws KubeFault where the API does not answer */
export async function lookUp(
  kube: Pick<Kube, 'call'>,
  workloads: readonly Workload[],
  progress: (read: number, all: number) => void,
): Promise<Found> {
  const owners = new Map<Workload, Owner | 'missing'>();
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
      } else owners.set(workload, ownerOf(object, ownerKind));
    } catch (error) {
      if (!(error instanceof ApiError) || error.status === 0 || error.status >= 500) throw error;
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

/** `1.34` → 34. Undefined where the API does not say. */
export async function minorOf(kube: Pick<Kube, 'call'>): Promise<number | undefined> {
  try {
    const { major, minor } = (await kube.call({ path: '/version' })) as {
      readonly major?: unknown;
      readonly minor?: unknown;
    };
    // `34+` where a vendor built it.
    const number = Number.parseInt(String(minor), 10);
    return major === '1' && Number.isSafeInteger(number) ? number : undefined;
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}
