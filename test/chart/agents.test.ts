/** Where the agents run: namespace, registry, network of the node, probes, and objects of the user. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { skipWhere } from '../needs.ts';
import { helmMissing } from './helm.ts';
import { type Manifest, objectsOf, ofKind, type PodSpec } from './objects.ts';
import { template, templateWithHooks } from './render.ts';

const set = (...values: string[]): string[] => values.flatMap((value) => ['--set', value]);
const objects = (...values: string[]): readonly Manifest[] => objectsOf(template(...set(...values)));
const agentOf = (rendered: readonly Manifest[]): PodSpec =>
  ofKind('DaemonSet', rendered)[0]?.spec?.template?.spec ?? assert.fail('expected a DaemonSet');

/** Kinds of the chart without a namespace. */
const ofCluster =
  /^(ClusterRole|ClusterRoleBinding|ValidatingAdmissionPolicy|ValidatingAdmissionPolicyBinding)$/;

describe('the chart', { skip: skipWhere(helmMissing()) }, () => {
  it('puts every object, subject, policy and job into namespaceOverride, and none into the namespace of the release', () => {
    const on = ['podMonitor', 'serviceMonitor', 'prometheusRule', 'dashboard', 'networkPolicy', 'cleanup'];
    const text = templateWithHooks(
      ...set('namespaceOverride=elsewhere', 'openshift.scc.create=true', 'priorityClassQuota.create=true'),
      ...set('priorityClassName=system-node-critical', ...on.map((key) => `${key}.enabled=true`)),
      // The name of the release must not be the same as its namespace.
      ...set('fullnameOverride=agents', 'nameOverride=agents'),
      ...['--namespace', 'of-the-release'],
    );
    assert.doesNotMatch(text, /of-the-release/);
    const rendered = objectsOf(text);
    for (const { kind, metadata } of rendered)
      if (!ofCluster.test(kind) && !/^(CustomResourceDefinition|SecurityContextConstraints)$/.test(kind))
        assert.equal(metadata.namespace, 'elsewhere', `${kind} ${metadata.name}`);
    const bound = rendered.flatMap(
      (one) => (one as { subjects?: readonly { namespace: string }[] }).subjects ?? [],
    );
    assert.ok(bound.length >= 5);
    for (const { namespace } of bound) assert.equal(namespace, 'elsewhere');
    const users = [...text.matchAll(/system:serviceaccount:([a-z-]+):/g)].map(([, namespace]) => namespace);
    assert.ok(users.length >= 7);
    assert.deepEqual(new Set(users), new Set(['elsewhere']));
    assert.match(text, /args: \[cleanup, --namespace, "elsewhere"\]/);
    assert.match(text, /up\{job=~"elsewhere\/agents\|agents-metrics"\}/);
  });

  it('takes registry and pull Secrets of the parent chart, as names and as objects', () => {
    const rendered = objectsOf(
      templateWithHooks(
        ...set(
          'global.imageRegistry=mirror.example.org',
          'global.imagePullSecrets={a}',
          'cleanup.enabled=true',
        ),
        ...set('imagePullSecrets[0].name=b', 'imagePullSecrets[1].name=a'),
      ),
    );
    const pods = rendered.flatMap(({ kind, spec }) =>
      kind === 'Pod' ? [spec] : [spec?.template?.spec, spec?.jobTemplate?.spec.template.spec],
    );
    const running = pods.filter((pod) => pod?.containers !== undefined);
    assert.equal(running.length, 4, 'DaemonSet, CronJob, test, clean-up');
    for (const pod of running) {
      assert.match(pod?.containers?.[0]?.image ?? '', /^mirror\.example\.org\/realmem:/);
      assert.deepEqual(pod?.imagePullSecrets, [{ name: 'a' }, { name: 'b' }]);
    }
    assert.equal(agentOf(objects()).imagePullSecrets, undefined);
  });

  it('accepts a registry that ends in a slash', () => {
    for (const key of ['global.imageRegistry', 'image.registry']) {
      const [agent] = agentOf(objects(`${key}=mirror.example.org/cache/`)).containers ?? [];
      assert.match(agent?.image ?? '', /^mirror\.example\.org\/cache\/realmem:/, key);
    }
  });

  it('leaves revisionHistoryLimit to Kubernetes if it is null, and keeps 0', () => {
    const limitOf = (value: string): unknown => {
      const [set] = ofKind('DaemonSet', objects(`revisionHistoryLimit=${value}`));
      return (set?.spec as { revisionHistoryLimit?: number } | undefined)?.revisionHistoryLimit;
    };
    assert.deepEqual([limitOf('null'), limitOf('0')], [undefined, 0]);
  });

  it('uses the DNS policy for the network of the node, unless dnsPolicy names another', () => {
    assert.equal(agentOf(objects()).dnsPolicy, undefined);
    assert.equal(agentOf(objects('hostNetwork=true')).dnsPolicy, 'ClusterFirstWithHostNet');
    assert.equal(agentOf(objects('hostNetwork=true', 'dnsPolicy=Default')).dnsPolicy, 'Default');
  });

  it('refuses a NetworkPolicy in the network of the node, where it would do nothing', () => {
    assert.throws(
      () => objects('hostNetwork=true', 'networkPolicy.enabled=true'),
      /networkPolicy\.enabled with hostNetwork: .*; disable one of the two/,
    );
  });

  it('allows the network of the node in the SecurityContextConstraints only if the agents use it', () => {
    const [off, on] = [false, true].map((is) => objects('openshift.scc.create=true', `hostNetwork=${is}`));
    for (const [rendered, is] of [
      [off, false],
      [on, true],
    ] as const) {
      const [scc] = ofKind('SecurityContextConstraints', rendered ?? []) as unknown as readonly object[];
      assert.deepEqual({ ...scc, allowHostNetwork: is, allowHostPorts: is }, scc);
    }
  });

  it('renders a probe with changed times, and no probe that is null', () => {
    const [agent] = agentOf(objects('livenessProbe.timeoutSeconds=7', 'startupProbe=null')).containers ?? [];
    const [liveness, readiness] = [agent?.livenessProbe, agent?.readinessProbe] as readonly Probe[];
    assert.equal(liveness?.timeoutSeconds, 7);
    assert.deepEqual(liveness.httpGet, { path: '/healthz', port: 'metrics' });
    assert.deepEqual(readiness?.httpGet, { path: '/readyz', port: 'metrics' });
    assert.equal(agent?.startupProbe, undefined);
  });

  it('runs on every Linux node without the default affinity', () => {
    const affinityOf = (...values: string[]): unknown =>
      (agentOf(objects(...values)) as { affinity?: unknown }).affinity;
    assert.ok(affinityOf());
    assert.equal(affinityOf('affinity.nodeAffinity=null'), undefined);
  });

  it('points monitors in another namespace at the agents, after its own relabelings', () => {
    const more = ['namespace=prometheus', 'enabled=true', 'relabelings[0].targetLabel=cluster'];
    for (const kind of ['PodMonitor', 'ServiceMonitor']) {
      const key = kind.replace(/^./, (letter) => letter.toLowerCase());
      const [monitor] = ofKind(kind, objects(...more.map((one) => `${key}.${one}`)));
      assert.equal(monitor?.metadata.namespace, 'prometheus');
      const { namespaceSelector, endpoints, podMetricsEndpoints } = monitor.spec as unknown as Monitor;
      assert.deepEqual(namespaceSelector, { matchNames: ['realmem'] });
      const labels = (endpoints ?? podMetricsEndpoints)?.[0]?.relabelings.map(
        ({ targetLabel }) => targetLabel,
      );
      assert.deepEqual(labels, ['node', 'cluster']);
    }
  });

  it('evaluates templates in extraObjects, in objects and in texts', () => {
    const object = '{"kind":"Extra","metadata":{"name":"{{ .Release.Name }}-a"}}';
    const both = ['--set-json', `extraObjects=[${object},${JSON.stringify(object.replace('-a', '-b'))}]`];
    const extra = ofKind('Extra', objectsOf(template(...both)));
    assert.deepEqual(
      extra.map(({ metadata }) => metadata.name),
      ['realmem-a', 'realmem-b'],
    );
  });
});

interface Probe {
  readonly timeoutSeconds: number;
  readonly httpGet: object;
}
interface Monitor {
  readonly namespaceSelector?: object;
  readonly endpoints?: readonly Endpoint[];
  readonly podMetricsEndpoints?: readonly Endpoint[];
}
interface Endpoint {
  readonly relabelings: readonly { readonly targetLabel: string }[];
}
