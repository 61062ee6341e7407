/** The kinds that hold pods by a template which can be patched. */

export interface OwnerKind {
  /** As kubectl takes it. */
  readonly resource: string;
  /** Of the API, up to the namespace: `/apis/apps/v1`. */
  readonly api: string;
  /** What it is called there. */
  readonly plural: string;
  /** Where the spec of its pods is. */
  readonly template: readonly string[];
  /** A custom resource takes no strategic merge, and any other merge would replace its whole list of containers. */
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

/** By the kind of a workload's name: `Deployment/cart`, `StatefulSet.apps.kruise.io/web`. */
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
  // OpenShift would take a strategic merge of it; this works there, and where a definition stands in for it.
  DeploymentConfig: custom('deploymentconfigs', 'apps.openshift.io', 'v1'),
  CloneSet: custom('clonesets', 'apps.kruise.io', 'v1alpha1'),
  'StatefulSet.apps.kruise.io': custom('statefulsets', 'apps.kruise.io', 'v1beta1'),
  'DaemonSet.apps.kruise.io': custom('daemonsets', 'apps.kruise.io', 'v1alpha1'),
  'Service.serving.knative.dev': custom('services', 'serving.knative.dev', 'v1'),
};

export const ownerKindOf = (kind: string): OwnerKind | undefined =>
  Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;

/** `Deployment/cart` → its parts. */
export function splitWorkload(workload: string): readonly [kind: string, name: string] {
  const slash = workload.indexOf('/');
  return [workload.slice(0, slash), workload.slice(slash + 1)];
}

/** Names come from nodes, and go to a shell: what is no name of Kubernetes goes into no command. */
export const isName = (text: string): boolean => /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(text);
