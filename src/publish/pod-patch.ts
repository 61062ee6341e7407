/** The patch of a pod's annotations, for the agent and for the clean-up. */
import type { ApiCall } from '../kube/api.ts';
import { annotationKeys, ownAnnotations, type Pod, type PodAnnotations } from '../model/pod.ts';

/** A merge patch with the UID as a precondition. @param annotations undefined: remove them */
export const patchOf = (
  { namespace, name, uid }: Pick<Pod, 'namespace' | 'name' | 'uid'>,
  annotations: Required<PodAnnotations> | undefined,
): ApiCall => ({
  method: 'PATCH',
  path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/status?fieldManager=realmem`,
  contentType: 'application/merge-patch+json',
  body: {
    metadata: {
      uid,
      annotations: Object.fromEntries(
        ownAnnotations.map((one) => [annotationKeys[one], annotations?.[one] ?? null]),
      ),
    },
  },
});
