/** The labels and annotations of a pod that rules read. Only `-l` of the CLI reads others, from a file: any label. */
import { annotationKeys } from '../model/pod.ts';

/** By which controllers mark the pods of what they make: `owner-rules.ts` says what follows from each. */
export const labels = {
  templateHash: 'pod-template-hash',
  rolloutHash: 'rollouts-pod-template-hash',
  deploymentConfig: 'deploymentconfig',
  deployerPodFor: 'openshift.io/deployer-pod-for.name',
  knativeService: 'serving.knative.dev/service',
  app: 'app',
  component: 'component',
  flinkType: 'type',
  jobSet: 'jobset.sigs.k8s.io/jobset-name',
  replicatedJob: 'jobset.sigs.k8s.io/replicatedjob-name',
  leaderWorkerSet: 'leaderworkerset.sigs.k8s.io/name',
  rayGroup: 'ray.io/group',
  sparkRole: 'spark-role',
  sparkApp: 'spark-app-name',
  sparkOperatorApp: 'sparkoperator.k8s.io/app-name',
  tektonTask: 'tekton.dev/task',
  tektonPipeline: 'tekton.dev/pipeline',
  tektonPipelineTask: 'tekton.dev/pipelineTask',
  jenkins: 'jenkins/label',
} as const;

export const annotations = { deploymentConfig: 'openshift.io/deployment-config.name' } as const;

/** Only the mirror of a static pod has both. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror';
export const hashAnnotation = 'kubernetes.io/config.hash';

export const readAnnotations: readonly string[] = [
  mirrorAnnotation,
  hashAnnotation,
  ...Object.values(annotations),
  ...Object.values(annotationKeys),
];
