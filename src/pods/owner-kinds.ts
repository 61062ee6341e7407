/** The kinds of workloads with a pod template that can be patched. */

export interface OwnerKind {
  /** The resource name for kubectl: `deployment`. */
  readonly resource: string;
  /** Path of the API up to the namespace: `/apis/apps/v1`. */
  readonly api: string;
  /** The resource name in that path: `deployments`. */
  readonly plural: string;
  /** The keys that lead to the pod spec. */
  readonly template: readonly string[];
  /** Custom resources do not support a strategic merge patch, and a JSON merge patch would replace all containers. */
  readonly patch: 'strategic' | 'json';
}

const podTemplate = ['spec', 'template', 'spec'] as const;
const apps = (resource: string): OwnerKind => ({
  ...{ resource, api: '/apis/apps/v1', plural: `${resource}s`, template: podTemplate, patch: 'strategic' },
});
const custom = (plural: string, group: string, version: string): OwnerKind => ({
  ...{ resource: `${plural}.${group}`, api: `/apis/${group}/${version}`, plural },
  ...{ template: podTemplate, patch: 'json' },
});

/** By the first part of a workload's name: `Deployment/cart`, `StatefulSet.apps.kruise.io/web`. */
const kinds: Readonly<Record<string, OwnerKind>> = {
  Deployment: apps('deployment'),
  StatefulSet: apps('statefulset'),
  DaemonSet: apps('daemonset'),
  ReplicaSet: apps('replicaset'),
  ReplicationController: {
    ...{ resource: 'replicationcontroller', api: '/api/v1', plural: 'replicationcontrollers' },
    ...{ template: podTemplate, patch: 'strategic' },
  },
  CronJob: {
    ...{ resource: 'cronjob', api: '/apis/batch/v1', plural: 'cronjobs', patch: 'strategic' },
    template: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  },
  Rollout: custom('rollouts', 'argoproj.io', 'v1alpha1'),
  // OpenShift itself supports a strategic merge patch. A JSON patch works there too, and where a CRD replaces the kind.
  DeploymentConfig: custom('deploymentconfigs', 'apps.openshift.io', 'v1'),
  CloneSet: custom('clonesets', 'apps.kruise.io', 'v1alpha1'),
  'StatefulSet.apps.kruise.io': custom('statefulsets', 'apps.kruise.io', 'v1beta1'),
  'DaemonSet.apps.kruise.io': custom('daemonsets', 'apps.kruise.io', 'v1alpha1'),
  'Service.serving.knative.dev': custom('services', 'serving.knative.dev', 'v1'),
};

export const ownerKindOf = (kind: string): OwnerKind | undefined =>
  Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;

/** Splits `Deployment/cart` at its first slash. */
export function splitWorkload(workload: string): readonly [kind: string, name: string] {
  const slash = workload.indexOf('/');
  return [workload.slice(0, slash), workload.slice(slash + 1)];
}

/** Whether a text is a valid object name. Names come from nodes and go into shell commands, so nothing else may. */
export const isName = (text: string): boolean => /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(text);
