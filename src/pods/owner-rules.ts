/**
 * What outlives the object that owns a pod. Controllers make an object for each roll-out or run, and name and label it
 * in their own way: a row for each way. The tenant writes labels, so that a label counts only where the owner's name,
 * or the pod's, agrees with it.
 */
import { annotations, labels } from './read-keys.ts';

/** A pod as its rules see it: what is absent is empty. */
export interface Owned {
  /** The name of the owner; of a bare pod its own. */
  readonly name: string;
  /** The name of the pod. */
  readonly pod: string;
  readonly label: (key: string) => string;
  readonly annotation: (key: string) => string;
}

export interface Rule {
  /** The kind of the owner; `''`: the pod has none. */
  readonly owner: string;
  /** Undefined: the pod is not of this way. */
  readonly workload: (owned: Owned) => string | undefined;
}

/** What stands before that end. */
const before = (text: string, end: string): string | undefined =>
  text.length > end.length && text.endsWith(end) ? text.slice(0, -end.length) : undefined;
const begins = (text: string, start: string): boolean => start !== '' && text.startsWith(`${start}-`);

/** What the API server puts after a `generateName`. */
const random = '[bcdfghjklmnpqrstvwxz2456789]{5}';
const group = (pattern: RegExp, text: string): string | undefined => pattern.exec(text)?.[1];

const deploymentOf = ({ name, label }: Owned): string | undefined => {
  const hash = label(labels.templateHash);
  return hash === '' ? undefined : before(name, `-${hash}`);
};

/** Job managers and task managers differ in size, and their containers are called alike. */
const flink = (deployment: string | undefined, { label }: Owned): string | undefined => {
  const [type, app, component] = [label(labels.flinkType), label(labels.app), label(labels.component)];
  const isFlink =
    /^flink-(?:native|standalone)-kubernetes$/.test(type) && /^(?:job|task)manager$/.test(component);
  const agrees = deployment === app || deployment === `${app}-taskmanager`;
  return isFlink && app !== '' && agrees ? `FlinkDeployment/${app}/${component}` : undefined;
};

const spark = ({ pod, label }: Owned): string | undefined => {
  const app = [label(labels.sparkOperatorApp), label(labels.sparkApp)].find((one) => begins(pod, one));
  if (label(labels.sparkRole) === '' || app === undefined) return undefined;
  return sparkApplication(app);
};
/** The operator names a scheduled run after the nanosecond. */
const sparkApplication = (name: string): string => {
  const scheduled = group(/^(.+)-\d{19}$/, name);
  return scheduled === undefined ? `SparkApplication/${name}` : `ScheduledSparkApplication/${scheduled}`;
};

/** A DeploymentConfig's roll-out is a ReplicationController `<name>-<number>`. */
const configOf = (rollOut: string, { label, annotation }: Owned): string | undefined => {
  const [name, marks] = [
    group(/^(.+)-\d+$/, rollOut),
    [label(labels.deploymentConfig), annotation(annotations.deploymentConfig)],
  ];
  return name !== undefined && marks.includes(name) ? name : undefined;
};
/** The pods that carry a roll-out out: `<name>-<number>-deploy`, `<name>-<number>-hook-pre`. */
const deployer = (owned: Owned): string | undefined => {
  const rollOut = owned.label(labels.deployerPodFor);
  const config = begins(owned.pod, rollOut) ? group(/^(.+)-\d+$/, rollOut) : undefined;
  return config === undefined ? undefined : `DeployerPod/${config}`;
};

/** A workflow's pods are called `<workflow>-<template>-<hash>`: each template has a size of its own. */
const workflow = ({ name, pod }: Owned): string | undefined => {
  const cron = group(/^(.+)-1\d{9}$/, name);
  const base = cron ?? group(new RegExp(`^(.+)-${random}$`), name);
  const template = begins(pod, name) ? group(/^(.+)-\d{1,10}$/, pod.slice(name.length + 1)) : undefined;
  const part = template === undefined ? '' : `/${template}`;
  return cron === undefined ? `Workflow/${base ?? name}${part}` : `CronWorkflow/${cron}${part}`;
};

const named = (kind: string, name: string | undefined): string | undefined =>
  name === undefined ? undefined : `${kind}/${name}`;

/** The first that knows a pod decides. */
export const rules: readonly Rule[] = [
  // Knative: a Deployment `<revision>-deployment` for each revision `<service>-<number>`.
  {
    owner: 'ReplicaSet',
    workload: (owned) => {
      const [deployment = '', service] = [deploymentOf(owned), owned.label(labels.knativeService)];
      const isRevision = begins(deployment, service) && deployment.endsWith('-deployment');
      return isRevision ? `Service.serving.knative.dev/${service}` : undefined;
    },
  },
  { owner: 'ReplicaSet', workload: (owned) => flink(deploymentOf(owned), owned) },
  // Flink alone makes a Deployment the owner of pods that are not from its template.
  { owner: 'Deployment', workload: (owned) => flink(owned.name, owned) },
  // Kubernetes: `<deployment>-<pod-template-hash>`. Argo Rollouts: `<rollout>-<rollouts-pod-template-hash>`.
  { owner: 'ReplicaSet', workload: (owned) => named('Deployment', deploymentOf(owned)) },
  {
    owner: 'ReplicaSet',
    workload: ({ name, label }) => {
      const hash = label(labels.rolloutHash);
      return hash === '' ? undefined : named('Rollout', before(name, `-${hash}`));
    },
  },
  // OpenShift.
  { owner: 'ReplicationController', workload: deployer },
  { owner: '', workload: deployer },
  {
    owner: 'ReplicationController',
    workload: (owned) => named('DeploymentConfig', configOf(owned.name, owned)),
  },
  { owner: 'Build', workload: ({ name }) => named('BuildConfig', group(/^(.+)-\d+$/, name)) },
  // JobSet: `<jobset>-<replicated job>-<index>`.
  {
    owner: 'Job',
    workload: ({ name, label }) => {
      const [set, part] = [label(labels.jobSet), label(labels.replicatedJob)];
      const agrees = set !== '' && part !== '' && group(/^(.+)-\d+$/, name) === `${set}-${part}`;
      return agrees ? `JobSet/${set}/${part}` : undefined;
    },
  },
  // The CronJob controller names its Jobs <cronjob>-<minutes since 1970>: above 25 million since 2017, eight digits
  // until 2160. A date is below. `kubectl create job --from` gives any name, and a pod does not tell the CronJob.
  { owner: 'Job', workload: ({ name }) => named('CronJob', group(/^(.+)-(?:2[5-9]|[3-9]\d)\d{6}$/, name)) },
  // Kruise: `<cron>-<seconds since 1970>`. Its other kinds own their pods themselves.
  { owner: 'BroadcastJob', workload: ({ name }) => named('AdvancedCronJob', group(/^(.+)-1\d{9}$/, name)) },
  // LeaderWorkerSet: a StatefulSet of leaders, `<name>`, and one of workers for each leader, `<name>-<index>`.
  {
    owner: 'StatefulSet',
    workload: ({ name, label }) => {
      const set = label(labels.leaderWorkerSet);
      if (set === '' || (name !== set && group(/^(.+)-\d+$/, name) !== set)) return undefined;
      return `LeaderWorkerSet/${set}/${name === set ? 'leader' : 'worker'}`;
    },
  },
  // KubeRay: RayJob and RayService make a RayCluster for each run, `<name>-raycluster-<random>` or `<name>-<random>`.
  {
    owner: 'RayCluster',
    workload: ({ name, label }) => {
      const base = group(new RegExp(`^(.+?)(?:-raycluster)?-${random}$`), name) ?? name;
      const part = label(labels.rayGroup);
      return part === '' ? `RayCluster/${base}` : `RayCluster/${base}/${part}`;
    },
  },
  // Spark: the driver owns the executors. With the operator its SparkApplication owns the driver.
  { owner: 'Pod', workload: spark },
  { owner: '', workload: spark },
  { owner: 'SparkApplication', workload: ({ name }) => sparkApplication(name) },
  { owner: 'Workflow', workload: workflow },
  // Tekton: a TaskRun has any name, and whoever may create one may run any task.
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
  // GitHub's runners: `<scale set>-<random>-runner-<random>`.
  {
    owner: 'EphemeralRunner',
    workload: ({ name }) =>
      named('AutoscalingRunnerSet', group(new RegExp(`^(.+)-${random}-runner-${random}$`), name)),
  },
  // Jenkins: bare pods `<label>-<random>`; the label of a pipeline ends in the build, `<job>-<build>-<random>`.
  {
    owner: '',
    workload: ({ pod, label }) => {
      const name = label(labels.jenkins).toLowerCase().replaceAll('_', '-');
      if (!begins(pod, name)) return undefined;
      return `JenkinsAgent/${group(/^(.+)-\d+-[a-z0-9]{5}$/, name) ?? name}`;
    },
  },
];

/** Kinds of workloads that rules give, and those of Kubernetes: words of the API, not names that anybody chose. */
export const knownKinds =
  /^(?:Pod|PodList|List|Node|ReplicaSet|Deployment|StatefulSet|DaemonSet|Job|CronJob|ReplicationController|Rollout|DeploymentConfig|DeployerPod|BuildConfig|Service\.serving\.knative\.dev|FlinkDeployment|JobSet|LeaderWorkerSet|RayCluster|SparkApplication|ScheduledSparkApplication|Workflow|CronWorkflow|Task|Pipeline|AutoscalingRunnerSet|JenkinsAgent|CloneSet|AdvancedCronJob|BroadcastJob|(?:StatefulSet|DaemonSet)\.apps\.kruise\.io|Job\.batch\.volcano\.sh|StrimziPodSet)$/;
