/**
 * Keeps the answer of a probe in an annotation of the probed pod, with the rights of the user: neither the pod of the probe nor an agent may
 * write there. The agent of the pod's node takes it from there into the workload's history.
 */
import { isAllowed } from '../kube/access-review.ts';
import { ApiError } from '../kube/api-error.ts';
import type { Kube } from '../kube/client.ts';
import { readPod } from '../kube/read-pod.ts';
import { fieldsOf, listOf, textOf } from '../model/json.ts';
import { messageOf } from '../model/located-error.ts';
import { annotationKeys, longestAnnotation, type ProbedCache } from '../model/pod.ts';
import { parseProbes, probesText } from '../pods/probes.ts';
import { nameOf, type ProbeTarget, statusesOf } from './target.ts';

/** Why a user cannot keep an answer. */
export const noRightToKeep = (namespace: string): string =>
  `no right to patch pods in ${namespace}; ask for a Role in ${namespace} with patch on pods (docs/probe.md)`;

/** @throws ApiError */
export const mayKeep = (
  kube: Pick<Kube, 'call'>,
  { namespace }: Pick<ProbeTarget, 'namespace'>,
): Promise<boolean> => isAllowed(kube, { verb: 'patch', group: '', resource: 'pods', namespace });

/** Others write to a pod too: its controllers and its kubelet. */
const mostTries = 5;
/** The pod has changed since it was read. */
const conflict = 409;

/** @returns why it is not kept, in words */
export async function keepAnswer(
  kube: Pick<Kube, 'call'>,
  target: ProbeTarget,
  probe: ProbedCache,
): Promise<string | undefined> {
  for (let tried = 1; ; tried++)
    try {
      return await tryToKeep(kube, target, probe);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 403) return noRightToKeep(target.namespace);
      if (error.status !== conflict || tried === mostTries) return messageOf(error);
    }
}

async function tryToKeep(
  kube: Pick<Kube, 'call'>,
  target: ProbeTarget,
  probe: ProbedCache,
): Promise<string | undefined> {
  const { namespace, pod, container, id } = target;
  const { metadata, spec, status } = await readPod(kube, namespace, pod);
  const { uid, resourceVersion, annotations } = fieldsOf(metadata);
  // Another pod can have the name of the probed one.
  if (
    !statusesOf(fieldsOf(status)).some(
      (one) => one['name'] === container && textOf(one['containerID'])?.endsWith(id),
    )
  )
    return `${nameOf(target)} restarted during the probe`;
  const names = ['containers', 'initContainers'].flatMap((key) =>
    listOf(fieldsOf(spec)[key]).map(({ name }) => name),
  );
  const { probes = {} } = parseProbes(textOf(fieldsOf(annotations)[annotationKeys.probe]));
  const others = Object.entries(probes).filter(([name]) => name !== container && names.includes(name));
  const text = probesText(Object.fromEntries([...others, [container, probe]]));
  if (text.length > longestAnnotation) return `the annotation would exceed ${longestAnnotation} characters`;
  await kube.call({
    method: 'PATCH',
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}?fieldManager=realmem-probe`,
    contentType: 'application/merge-patch+json',
    body: { metadata: { uid, resourceVersion, annotations: { [annotationKeys.probe]: text } } },
  });
  return undefined;
}
