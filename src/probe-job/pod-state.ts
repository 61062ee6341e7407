/** Whether the pod of a probe runs, and why it does not. */
import type { Kube } from '../kube/client.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../model/json.ts';
import type { JobName } from './job.ts';
import { containerName } from './manifest.ts';

export interface PodState {
  readonly name: string;
  /** `ended`: its container has run. `refused`: it will never run. */
  readonly is: 'waiting' | 'running' | 'ended' | 'refused';
  /** In the words of the kubelet: `ImagePullBackOff: …`. */
  readonly why?: string;
  /** It waits for its image. */
  readonly lacksImage?: true;
}

/** The reasons of the kubelet for a container without its image. */
const imageReasons: readonly string[] = [
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
];

/** The kubelet tries again after these, but without success. */
const final: readonly string[] = [
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
];

/** One pod of some 10 KiB. */
const mostBytes = 4 * 1024 * 1024;
/** Events of one object: the newest are the last. */
const mostEvents = 50;

/** Undefined: there is no pod yet. @throws ApiError */
export async function readPodState(
  kube: Pick<Kube, 'call'>,
  { namespace, name }: JobName,
  signal: AbortSignal,
): Promise<PodState | undefined> {
  const selector = encodeURIComponent(`batch.kubernetes.io/job-name=${name}`);
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?labelSelector=${selector}`;
  const [pod] = listOf(fieldsOf(await kube.call({ path, mostBytes, signal }))['items']);
  return pod && stateOf(pod);
}

function stateOf({ metadata, status }: Fields): PodState {
  const name = textOf(fieldsOf(metadata)['name']) ?? '';
  const { phase, containerStatuses, ...pod } = fieldsOf(status);
  const own = listOf(containerStatuses).find((one) => one['name'] === containerName);
  const { running, terminated, waiting } = fieldsOf(own?.['state']);
  if (running !== undefined) return { name, is: 'running' };
  // A pod that is deleted before it runs gets such a state, too.
  const ran = textOf(fieldsOf(terminated)['containerID']) !== undefined;
  if (ran) return { name, is: 'ended', ...whyOf(fieldsOf(terminated)) };
  if (phase === 'Failed' || terminated !== undefined)
    return {
      name,
      is: 'refused',
      ...(whyOf(pod).why === undefined ? whyOf(fieldsOf(terminated)) : whyOf(pod)),
    };
  const wait = fieldsOf(waiting);
  const reason = textOf(wait['reason']) ?? '';
  return {
    name,
    is: final.includes(reason) ? 'refused' : 'waiting',
    ...whyOf(wait),
    ...(imageReasons.includes(reason) && { lacksImage: true }),
  };
}

function whyOf({ reason, message }: Fields): { readonly why?: string } {
  const words = [textOf(reason) ?? [], textOf(message) ?? []].flat();
  return words.length === 0 ? {} : { why: words.join(': ') };
}

/** The last warning about an object. Undefined: none, or the user may not read events. */
export async function lastWarning(
  kube: Pick<Kube, 'call'>,
  namespace: string,
  kind: 'Job' | 'Pod',
  name: string,
): Promise<string | undefined> {
  const selector = encodeURIComponent(`type=Warning,involvedObject.kind=${kind},involvedObject.name=${name}`);
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/events?fieldSelector=${selector}&limit=${mostEvents}`;
  try {
    const { items } = fieldsOf(await kube.call({ path, mostBytes }));
    return textOf(listOf(items).at(-1)?.['message']);
  } catch {
    return undefined;
  }
}
