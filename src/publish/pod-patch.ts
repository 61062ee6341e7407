/** How a pod's annotations are written: by whoever keeps them, and by whoever takes them away. */
import type { ApiCall } from '../kube/api.ts';
import { annotationKeys, type Pod, type PodAnnotations } from '../model/pod.ts';

/** A merge patch with the UID as its precondition. @param annotations undefined: they are taken away */
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
      annotations: {
        [annotationKeys.memory]: annotations?.memory ?? null,
        [annotationKeys.report]: annotations?.report ?? null,
      },
    },
  },
});
