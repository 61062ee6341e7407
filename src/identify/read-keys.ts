/** The labels and annotations of a pod that rules read. Only `-l` of the CLI reads others, from a file: any label. */
import { annotationKeys } from '../model/pod.ts';

/** The name of a ReplicaSet ends in it: what is before is its Deployment. */
export const templateHashLabel = 'pod-template-hash';

/** Only the mirror of a static pod has both. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror';
export const hashAnnotation = 'kubernetes.io/config.hash';

export const readAnnotations: readonly string[] = [
  mirrorAnnotation,
  hashAnnotation,
  ...Object.values(annotationKeys),
];
