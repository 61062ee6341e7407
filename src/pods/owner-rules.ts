/**
 * Rules that find the long-lived workload behind the owner of a pod. Many controllers create one object per roll-out or
 * run, each with its own naming and labels: one rule per scheme. Tenants can write labels, so a rule accepts a label only
 * if it matches the name of the owner or of the pod.
 */
import { annotations, labels } from './read-keys.ts';

/** The input of a rule: a pod and its owner. An absent value is an empty text. */
export interface OwnedPod {
  /** The name of the owner; for a bare pod its own name. */
  readonly name: string;
  /** The name of the pod. */
  readonly pod: string;
  readonly label: (key: string) => string;
  readonly annotation: (key: string) => string;
}

export interface OwnerRule {
  /** The kind of the owner; `''` for a bare pod. */
  readonly owner: string;
  /** `Kind/name`, perhaps with `/part`. Undefined: the rule does not apply to this pod. */
  readonly workload: (owned: OwnedPod) => string | undefined;
}

/** The text without its suffix; undefined if it does not end so, or would be empty. */
const withoutSuffix = (text: string, end: string): string | undefined =>
  text.length > end.length && text.endsWith(end) ? text.slice(0, -end.length) : undefined;
const hasPrefix = (text: string, start: string): boolean => start !== '' && text.startsWith(`${start}-`);

/** The suffix that the API server appends to a `generateName`. */
const random = '[bcdfghjklmnpqrstvwxz2456789]{5}';
const firstGroup = (pattern: RegExp, text: string): string | undefined => pattern.exec(text)?.[1];

const deploymentOf = ({ name, label }: OwnedPod): string | undefined => {
  const hash = label(labels.templateHash);
  return hash === '' ? undefined : withoutSuffix(name, `-${hash}`);
};

/** Separates job managers from task managers: they differ in size, but their containers have the same name. */
const flink = (deployment: string | undefined, { label }: OwnedPod): string | undefined => {
  const [type, app, component] = [label(labels.flinkType), label(labels.app), label(labels.component)];
  const isFlink =
    /^flink-(?:native|standalone)-kubernetes$/.test(type) && /^(?:job|task)manager$/.test(component);
  const agrees = deployment === app || deployment === `${app}-taskmanager`;
  return isFlink && app !== '' && agrees ? `FlinkDeployment/${app}/${component}` : undefined;
};

const spark = ({ pod, label }: OwnedPod): string | undefined => {
  const app = [label(labels.sparkOperatorApp), label(labels.sparkApp)].find((one) => hasPrefix(pod, one));
  if (label(labels.sparkRole) === '' || app === undefined) return undefined;
  return sparkApplication(app);
};
/** The operator appends the start time in nanoseconds (19 digits) to the name of a scheduled run. */
const sparkApplication = (name: string): string => {
  const scheduled = firstGroup(/^(.+)-\d{19}$/, name);
  return scheduled === undefined ? `SparkApplication/${name}` : `ScheduledSparkApplication/${scheduled}`;
};

/** A DeploymentConfig creates a ReplicationController `<name>-<number>` for each roll-out. */
const configOf = (rollOut: string, { label, annotation }: OwnedPod): string | undefined => {
  const [name, marks] = [
    firstGroup(/^(.+)-\d+$/, rollOut),
    [label(labels.deploymentConfig), annotation(annotations.deploymentConfig)],
  ];
  return name !== undefined && marks.includes(name) ? name : undefined;
};
/** The pods that execute a roll-out: `<name>-<number>-deploy`, `<name>-<number>-hook-pre`. */
const deployer = (owned: OwnedPod): string | undefined => {
  const rollOut = owned.label(labels.deployerPodFor);
  const config = hasPrefix(owned.pod, rollOut) ? firstGroup(/^(.+)-\d+$/, rollOut) : undefined;
  return config === undefined ? undefined : `DeployerPod/${config}`;
};

/** Argo names the pods of a workflow `<workflow>-<template>-<hash>`. Each template has its own size. */
const workflow = ({ name, pod }: OwnedPod): string | undefined => {
  const cron = firstGroup(/^(.+)-1\d{9}$/, name);
  const base = cron ?? firstGroup(new RegExp(`^(.+)-${random}$`), name);
  const template = hasPrefix(pod, name)
    ? firstGroup(/^(.+)-\d{1,10}$/, pod.slice(name.length + 1))
    : undefined;
  const part = template === undefined ? '' : `/${template}`;
  return cron === undefined ? `Workflow/${base ?? name}${part}` : `CronWorkflow/${cron}${part}`;
};

const named = (kind: string, name: string | undefined): string | undefined =>
  name === undefined ? undefined : `${kind}/${name}`;

/** The first rule that applies wins. */
export const ownerRules: readonly OwnerRule[] = [
  // Knative creates a Deployment `<revision>-deployment` for each revision `<service>-<number>`.
  {
    owner: 'ReplicaSet',
    workload: (owned) => {
      const [deployment = '', service] = [deploymentOf(owned), owned.label(labels.knativeService)];
      const isRevision = hasPrefix(deployment, service) && deployment.endsWith('-deployment');
      return isRevision ? `Service.serving.knative.dev/${service}` : undefined;
    },
  },
  { owner: 'ReplicaSet', workload: (owned) => flink(deploymentOf(owned), owned) },
  // Only Flink makes a Deployment the direct owner of pods. They do not come from its template.
  { owner: 'Deployment', workload: (owned) => flink(owned.name, owned) },
  // A Deployment names its ReplicaSets `<deployment>-<pod-template-hash>`.
  // Argo Rollouts names them `<rollout>-<rollouts-pod-template-hash>`.
  { owner: 'ReplicaSet', workload: (owned) => named('Deployment', deploymentOf(owned)) },
  {
    owner: 'ReplicaSet',
    workload: ({ name, label }) => {
      const hash = label(labels.rolloutHash);
      return hash === '' ? undefined : named('Rollout', withoutSuffix(name, `-${hash}`));
    },
  },
  // OpenShift.
  { owner: 'ReplicationController', workload: deployer },
  { owner: '', workload: deployer },
  {
    owner: 'ReplicationController',
    workload: (owned) => named('DeploymentConfig', configOf(owned.name, owned)),
  },
  { owner: 'Build', workload: ({ name }) => named('BuildConfig', firstGroup(/^(.+)-\d+$/, name)) },
  // JobSet names its Jobs `<jobset>-<replicated job>-<index>`.
  {
    owner: 'Job',
    workload: ({ name, label }) => {
      const [set, part] = [label(labels.jobSet), label(labels.replicatedJob)];
      const agrees = set !== '' && part !== '' && firstGroup(/^(.+)-\d+$/, name) === `${set}-${part}`;
      return agrees ? `JobSet/${set}/${part}` : undefined;
    },
  },
  // The CronJob controller names its Jobs <cronjob>-<minutes since 1970>: above 25 million since 2017, eight digits
  // until 2160. A date such as 20260101 is smaller. After `kubectl create job --from` a Job has any name, and its pod
  // does not name the CronJob.
  {
    owner: 'Job',
    workload: ({ name }) => named('CronJob', firstGroup(/^(.+)-(?:2[5-9]|[3-9]\d)\d{6}$/, name)),
  },
  // Kruise names its jobs `<cron>-<seconds since 1970>`. Its other kinds own their pods directly.
  {
    owner: 'BroadcastJob',
    workload: ({ name }) => named('AdvancedCronJob', firstGroup(/^(.+)-1\d{9}$/, name)),
  },
  // LeaderWorkerSet creates a StatefulSet `<name>` for the leaders, and one of workers per leader, `<name>-<index>`.
  {
    owner: 'StatefulSet',
    workload: ({ name, label }) => {
      const set = label(labels.leaderWorkerSet);
      if (set === '' || (name !== set && firstGroup(/^(.+)-\d+$/, name) !== set)) return undefined;
      return `LeaderWorkerSet/${set}/${name === set ? 'leader' : 'worker'}`;
    },
  },
  // KubeRay: RayJob and RayService create a RayCluster per run, `<name>-raycluster-<random>` or `<name>-<random>`.
  {
    owner: 'RayCluster',
    workload: ({ name, label }) => {
      const base = firstGroup(new RegExp(`^(.+?)(?:-raycluster)?-${random}$`), name) ?? name;
      const part = label(labels.rayGroup);
      return part === '' ? `RayCluster/${base}` : `RayCluster/${base}/${part}`;
    },
  },
  // Spark: the driver pod owns the executors. With the operator, a SparkApplication owns the driver.
  { owner: 'Pod', workload: spark },
  { owner: '', workload: spark },
  { owner: 'SparkApplication', workload: ({ name }) => sparkApplication(name) },
  { owner: 'Workflow', workload: workflow },
  // Tekton: a TaskRun can have any name, so its labels decide. Whoever may create a TaskRun may run any task anyway.
  {
    owner: 'TaskRun',
    workload: ({ label }) => {
      const [task, pipeline, part] = [
        label(labels.tektonTask),
        label(labels.tektonPipeline),
        label(labels.tektonPipelineTask),
      ];
      if (task !== '') return `Task/${task}`;
      return pipeline === '' || part === '' ? undefined : `Pipeline/${pipeline}/${part}`;
    },
  },
  // GitHub names its runners `<scale set>-<random>-runner-<random>`.
  {
    owner: 'EphemeralRunner',
    workload: ({ name }) =>
      named('AutoscalingRunnerSet', firstGroup(new RegExp(`^(.+)-${random}-runner-${random}$`), name)),
  },
  // Jenkins creates bare pods `<label>-<random>`. The label of a pipeline ends in its build: `<job>-<build>-<random>`.
  {
    owner: '',
    workload: ({ pod, label }) => {
      const name = label(labels.jenkins).toLowerCase().replaceAll('_', '-');
      if (!hasPrefix(pod, name)) return undefined;
      return `JenkinsAgent/${firstGroup(/^(.+)-\d+-[a-z0-9]{5}$/, name) ?? name}`;
    },
  },
];

/** The kinds that rules return, and those of Kubernetes and common operators. They are API words, so redaction keeps them. */
export const knownKinds =
  /^(?:Pod|PodList|List|Node|ReplicaSet|Deployment|StatefulSet|DaemonSet|Job|CronJob|ReplicationController|Rollout|DeploymentConfig|DeployerPod|BuildConfig|Service\.serving\.knative\.dev|FlinkDeployment|JobSet|LeaderWorkerSet|RayCluster|SparkApplication|ScheduledSparkApplication|Workflow|CronWorkflow|Task|Pipeline|AutoscalingRunnerSet|JenkinsAgent|CloneSet|AdvancedCronJob|BroadcastJob|(?:StatefulSet|DaemonSet)\.apps\.kruise\.io|Job\.batch\.volcano\.sh|StrimziPodSet)$/;
