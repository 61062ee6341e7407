import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { keptPodOf } from '../../src/pods/kept.ts';
import { ownerRules } from '../../src/pods/owner-rules.ts';
import { podsOf } from '../../src/pods/pods.ts';
import { labels as labelKeys } from '../../src/pods/read-keys.ts';
import { workloadOf } from '../../src/pods/workload.ts';
import { Anonymizer } from '../../src/recording/anonymize.ts';
import { anonymizePods } from '../../src/recording/anonymize-pods.ts';
import { reducePods } from '../../src/recording/reduce-pods.ts';

interface Case {
  readonly pod: string;
  /** `Kind/name`, or `version Kind/name`; absent: a bare pod. */
  readonly owner?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly workload: string;
}

const ownersOf = (owner: string | undefined): readonly object[] => {
  const [, apiVersion, kind = '', name = ''] = /^(?:(\S+) )?([^/]+)\/(.+)$/.exec(owner ?? '') ?? [];
  return owner === undefined ? [] : [{ ...(apiVersion && { apiVersion }), kind, name, controller: true }];
};
const metadataOf = ({ pod, owner, labels = {}, annotations = {} }: Omit<Case, 'workload'>) => ({
  ...{ uid: pod, namespace: 'shop', name: pod, labels, annotations },
  ownerReferences: ownersOf(owner),
});

const spark = { 'spark-role': 'executor', 'spark-app-name': 'pi' };
const operated = { 'spark-role': 'driver', 'sparkoperator.k8s.io/app-name': 'pi-1757030400000000000' };
const knative = { 'pod-template-hash': '78c4bc59bd', 'serving.knative.dev/service': 'hello' };
const flink = { type: 'flink-native-kubernetes', app: 'clicks' };
const jobSet = {
  'jobset.sigs.k8s.io/jobset-name': 'train',
  'jobset.sigs.k8s.io/replicatedjob-name': 'workers',
};
const lws = { 'leaderworkerset.sigs.k8s.io/name': 'llm' };
const config = { 'openshift.io/deployment-config.name': 'legacy' };

/** Names and labels as each controller sets them. */
const cases: readonly Case[] = [
  {
    pod: 'web-6d4f8b7c9-abcde',
    owner: 'apps/v1 ReplicaSet/web-6d4f8b7c9',
    labels: { 'rollouts-pod-template-hash': '6d4f8b7c9' },
    workload: 'Rollout/web',
  },
  {
    pod: 'legacy-7-xyz12',
    owner: 'ReplicationController/legacy-7',
    labels: { deploymentconfig: 'legacy' },
    workload: 'DeploymentConfig/legacy',
  },
  {
    pod: 'legacy-7-xyz12',
    owner: 'v1 ReplicationController/legacy-7',
    annotations: config,
    workload: 'DeploymentConfig/legacy',
  },
  {
    pod: 'legacy-7-deploy',
    owner: 'v1 ReplicationController/legacy-7',
    labels: { 'openshift.io/deployer-pod-for.name': 'legacy-7' },
    annotations: config,
    workload: 'DeployerPod/legacy',
  },
  {
    pod: 'legacy-7-hook-pre',
    labels: { 'openshift.io/deployer-pod-for.name': 'legacy-7' },
    workload: 'DeployerPod/legacy',
  },
  { pod: 'site-12-build', owner: 'build.openshift.io/v1 Build/site-12', workload: 'BuildConfig/site' },
  {
    pod: 'hello-00001-deployment-78c4bc59bd-plc6q',
    owner: 'apps/v1 ReplicaSet/hello-00001-deployment-78c4bc59bd',
    labels: knative,
    workload: 'Service.serving.knative.dev/hello',
  },
  {
    pod: 'clicks-54cb7d5f9-x2x2x',
    owner: 'ReplicaSet/clicks-54cb7d5f9',
    labels: { ...flink, 'pod-template-hash': '54cb7d5f9', component: 'jobmanager' },
    workload: 'FlinkDeployment/clicks/jobmanager',
  },
  {
    pod: 'clicks-taskmanager-1-1',
    owner: 'apps/v1 Deployment/clicks',
    labels: { ...flink, component: 'taskmanager' },
    workload: 'FlinkDeployment/clicks/taskmanager',
  },
  {
    pod: 'train-workers-0-1-x2x2x',
    owner: 'batch/v1 Job/train-workers-0',
    labels: jobSet,
    workload: 'JobSet/train/workers',
  },
  { pod: 'nightly-29384050-x2x2x', owner: 'batch/v1 Job/nightly-29384050', workload: 'CronJob/nightly' },
  { pod: 'by-hand-x2x2x', owner: 'batch/v1 Job/by-hand', workload: 'Job/by-hand' },
  {
    pod: 'sort-task-0',
    owner: 'batch.volcano.sh/v1alpha1 Job/sort-29384050',
    workload: 'Job.batch.volcano.sh/sort-29384050',
  },
  {
    pod: 'tidy-1757030400-x2x2x',
    owner: 'apps.kruise.io/v1alpha1 BroadcastJob/tidy-1757030400',
    workload: 'AdvancedCronJob/tidy',
  },
  {
    pod: 'web-x2x2x',
    owner: 'apps.kruise.io/v1alpha1 CloneSet/web',
    labels: { 'pod-template-hash': '54cb7d5f9' },
    workload: 'CloneSet/web',
  },
  { pod: 'db-0', owner: 'apps.kruise.io/v1beta1 StatefulSet/db', workload: 'StatefulSet.apps.kruise.io/db' },
  { pod: 'db-0', owner: 'apps/v1 StatefulSet/db', workload: 'StatefulSet/db' },
  { pod: 'llm-0', owner: 'apps/v1 StatefulSet/llm', labels: lws, workload: 'LeaderWorkerSet/llm/leader' },
  { pod: 'llm-0-1', owner: 'apps/v1 StatefulSet/llm-0', labels: lws, workload: 'LeaderWorkerSet/llm/worker' },
  {
    pod: 'ml-raycluster-x2x2x-gpu-worker-b4b4b',
    owner: 'ray.io/v1 RayCluster/ml-raycluster-x2x2x',
    labels: { 'ray.io/group': 'gpu' },
    workload: 'RayCluster/ml/gpu',
  },
  {
    pod: 'ml-head-b4b4b',
    owner: 'ray.io/v1 RayCluster/ml',
    labels: { 'ray.io/group': 'headgroup' },
    workload: 'RayCluster/ml/headgroup',
  },
  {
    pod: 'pi-e86f4788619be7a1-exec-1',
    owner: 'v1 Pod/pi-f4445788619bd784-driver',
    labels: spark,
    workload: 'SparkApplication/pi',
  },
  {
    pod: 'pi-f4445788619bd784-driver',
    labels: { ...spark, 'spark-role': 'driver' },
    workload: 'SparkApplication/pi',
  },
  {
    pod: 'pi-1757030400000000000-driver',
    owner: 'sparkoperator.k8s.io/v1beta2 SparkApplication/pi-1757030400000000000',
    labels: operated,
    workload: 'ScheduledSparkApplication/pi',
  },
  {
    pod: 'pi-1757030400000000000-exec-1',
    owner: 'Pod/pi-1757030400000000000-driver',
    labels: operated,
    workload: 'ScheduledSparkApplication/pi',
  },
  {
    pod: 'etl-x2x2x-load-3456789012',
    owner: 'argoproj.io/v1alpha1 Workflow/etl-x2x2x',
    workload: 'Workflow/etl/load',
  },
  { pod: 'etl-x2x2x-3456789012', owner: 'argoproj.io/v1alpha1 Workflow/etl-x2x2x', workload: 'Workflow/etl' },
  {
    pod: 'etl-stats-load-3456789012',
    owner: 'argoproj.io/v1alpha1 Workflow/etl-stats',
    workload: 'Workflow/etl-stats/load',
  },
  {
    pod: 'etl-1757030400-load-345',
    owner: 'argoproj.io/v1alpha1 Workflow/etl-1757030400',
    workload: 'CronWorkflow/etl/load',
  },
  {
    pod: 'hello-run-x2x2x-pod',
    owner: 'tekton.dev/v1 TaskRun/hello-run-x2x2x',
    labels: { 'tekton.dev/task': 'hello' },
    workload: 'Task/hello',
  },
  {
    pod: 'ci-x2x2x-test-pod',
    owner: 'tekton.dev/v1 TaskRun/ci-x2x2x-test',
    labels: { 'tekton.dev/pipeline': 'ci', 'tekton.dev/pipelineTask': 'test' },
    workload: 'Pipeline/ci/test',
  },
  {
    pod: 'arc-linux-x2x2x-runner-b4b4b',
    owner: 'actions.github.com/v1alpha1 EphemeralRunner/arc-linux-x2x2x-runner-b4b4b',
    workload: 'AutoscalingRunnerSet/arc-linux',
  },
  {
    pod: 'kafka-brokers-0',
    owner: 'core.strimzi.io/v1beta2 StrimziPodSet/kafka-brokers',
    workload: 'StrimziPodSet/kafka-brokers',
  },
  {
    pod: 'build-agent-25fft',
    labels: { 'jenkins/label': 'build-agent' },
    workload: 'JenkinsAgent/build-agent',
  },
  {
    pod: 'shop-main-13-5qsdm-2n7dh-f735m',
    labels: { 'jenkins/label': 'shop_main_13-5qsdm' },
    workload: 'JenkinsAgent/shop-main',
  },
];

describe('workloadOf, for a pod of a controller', () => {
  for (const { workload, ...one } of cases)
    it(`is ${workload} for ${one.pod} of ${one.owner ?? 'no owner'}`, () => {
      assert.equal(workloadOf(metadataOf(one)), workload);
      assert.equal(keptPodOf({ metadata: metadataOf(one), spec: {} }).pod.workload, workload);
    });

  it('finds the Rollout and the DeploymentConfig in a cluster that has both', () => {
    const file = new URL('../../fixtures/pods/rollouts.json', import.meta.url);
    const { pods } = podsOf('it', JSON.parse(fs.readFileSync(file, 'utf8')));
    assert.deepEqual(
      pods.map(({ workload }) => workload),
      ['Rollout/web', 'DeploymentConfig/legacy'],
    );
  });

  it('returns the owner if a label disagrees with the name of the owner', () => {
    const others: readonly (readonly [string, string, Record<string, string>])[] = [
      ['evil-x2x2x', 'ReplicaSet/evil', { 'rollouts-pod-template-hash': '6d4f8b7c9' }],
      ['evil-7-x2x2x', 'ReplicationController/evil-7', { deploymentconfig: 'legacy' }],
      ['legacy-x2x2x', 'ReplicationController/legacy', { deploymentconfig: 'legacy' }],
      ['evil-0-x2x2x', 'Job/evil-0', jobSet],
      ['evil-0', 'StatefulSet/evil', lws],
      ['evil-exec-1', 'Pod/evil-driver', spark],
      ['evil', 'Deployment/evil', { ...flink, component: 'taskmanager' }],
    ];
    for (const [pod, owner, labels] of others)
      assert.equal(workloadOf(metadataOf({ pod, owner, labels })), owner);
    const deployment = { pod: 'evil', owner: 'ReplicaSet/evil-78c4bc59bd', labels: knative };
    assert.equal(workloadOf(metadataOf(deployment)), 'Deployment/evil');
    for (const labels of [
      { 'jenkins/label': 'build-agent' },
      { 'openshift.io/deployer-pod-for.name': 'legacy-7' },
      { ...spark, 'spark-role': 'driver' },
    ])
      assert.equal(workloadOf(metadataOf({ pod: 'evil', labels })), undefined);
  });

  it('returns a prefix of the owner name or of the pod name, whatever the labels say, except for Tekton', () => {
    const words = fc.constantFrom(
      'web',
      'legacy',
      'pi',
      'train',
      'workers',
      'llm',
      'hello',
      'clicks',
      'x2x2x',
      '7',
    );
    const names = fc.array(words, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('-'));
    const keys = Object.values(labelKeys).filter((key) => !key.startsWith('tekton.dev/'));
    const labels = fc.dictionary(
      fc.constantFrom(...keys),
      fc.oneof(names, fc.constantFrom(...Object.values(flink))),
    );
    const kinds = fc.constantFrom('', ...new Set(ownerRules.map(({ owner }) => owner)));
    fc.assert(
      fc.property(kinds, names, names, labels, (kind, name, pod, given) => {
        const workload = workloadOf(
          metadataOf({
            pod,
            ...(kind !== '' && { owner: `${kind}/${name}` }),
            labels: given,
            annotations: given,
          }),
        );
        if (workload === undefined) return;
        const [, first = ''] = workload.split('/');
        assert.ok(
          [name, pod].some((one) => `${one}-`.startsWith(`${first}-`)),
          `${workload} of ${name}, ${pod}`,
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('never returns a text that breaks a line', () => {
    for (const value of ['a/b', 'a\nb', 'x'.repeat(254), '\u001b[31m'])
      assert.equal(
        workloadOf(metadataOf({ pod: 'p', owner: 'TaskRun/run', labels: { 'tekton.dev/task': value } })),
        'TaskRun/run',
      );
  });

  it('returns at most 512 characters', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...cases),
        fc.nat(260),
        fc.nat(260),
        ({ owner = '', labels = {} }, a, b) => {
          const [kind = '', name = ''] = owner.split('/').slice(-2);
          const long = {
            kind,
            apiVersion: `${'g'.repeat(a)}/v1`,
            name: `${'n'.repeat(b)}${name}`,
            controller: true,
          };
          const workload = workloadOf({ name: 'p', labels, ownerReferences: [long] });
          assert.ok((workload ?? '').length <= 512);
        },
      ),
    ));

  it('returns the same for a recording, and still groups pods alike after redaction', () => {
    const items = cases.map((one) => ({ kind: 'Pod', metadata: metadataOf(one), spec: {}, status: {} }));
    const reduced = reducePods({ items });
    assert.deepEqual(
      podsOf('it', reduced).pods.map(({ workload }) => workload),
      cases.map(({ workload }) => workload),
    );
    const anonymizer = new Anonymizer((text) => createHmac('sha256', 'salt').update(text).digest('hex'));
    const redacted = podsOf('it', anonymizePods(reduced, anonymizer)).pods.map(
      ({ workload = '' }) => workload,
    );
    const kindOf = (workload: string) => workload.split('/')[0];
    assert.deepEqual(
      redacted.map(kindOf),
      cases.map(({ workload }) => kindOf(workload)),
    );
    for (const [at, { workload }] of cases.entries())
      assert.equal(
        redacted.indexOf(redacted[at] ?? ''),
        cases.findIndex((one) => one.workload === workload),
      );
  });
});
