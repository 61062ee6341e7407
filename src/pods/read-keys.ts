/** The labels and annotations that rules read. The CLI's `-l` can select by any other label, but only from a file. */
import { annotationKeys } from '../model/pod.ts';

/** Labels by which controllers mark their pods; see `owner-rules.ts`. */
export const labels = {
  templateHash: 'pod-template-hash',
  controllerRevision: 'controller-revision-hash',
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

/** A mirror pod, which the kubelet creates for a static pod, has both annotations. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror';
export const hashAnnotation = 'kubernetes.io/config.hash';

/** All annotations that the agent reads; a recording keeps these and no others. */
export const annotationsRead: readonly string[] = [
  mirrorAnnotation,
  hashAnnotation,
  ...Object.values(annotations),
  ...Object.values(annotationKeys),
];
