import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PodSpec, SpecResources } from '../../src/pods/pod-spec.ts';
import { type Knowledge, templateOf } from '../../src/suggest/template-containers.ts';
import { day, type PlayedContainer } from '../usage/made/played.ts';
import { type Made, MiB, rowOf } from './made.ts';
import {
  commandsIn,
  container,
  type Operation,
  of,
  onlyCommand,
  owners,
  patches,
  patchIn,
  pod,
  resources,
} from './patched.ts';

describe('the patch of an owner', () => {
  it('takes the container position from a pod without its injected sidecar when the template is unknown', () => {
    const proxy = container('istio-proxy', { resources: resources('64Mi', '128Mi') });
    const own = container('web', { index: 1, resources: resources('512Mi', '1Gi') });
    const pods = [pod('Rollout/web', { containers: [proxy, own], injected: ['istio-proxy'] })];
    const [test, add] = patchIn(onlyCommand(patches([of('Rollout/web')], { pods }))) as Operation[];
    assert.deepEqual(test, { op: 'test', path: '/spec/template/spec/containers/0/name', value: 'web' });
    assert.equal(add?.path, '/spec/template/spec/containers/0/resources');
    assert.deepEqual(Object.keys((add?.value as SpecResources | undefined)?.requests ?? {}), [
      'cpu',
      'memory',
    ]);
  });

  it('is a comment for a container without values while pod-level resources are unknown', () => {
    const { request, limit, ...bare } = of('Deployment/web');
    assert.deepEqual(commandsIn(patches([bare])), []);
    assert.equal(commandsIn(patches([bare], { pods: [pod('Deployment/web')] })).length, 1);
  });

  it('includes the proxy of a gateway, the only container of its pods', () => {
    const gateway = { ...of('Rollout/gateway'), container: 'istio-proxy' };
    const own = container('istio-proxy', { resources: resources('512Mi', '1Gi') });
    const text = patches([gateway], { pods: [pod('Rollout/gateway', { containers: [own] })] });
    const [test, ...adds] = patchIn(onlyCommand(text)) as Operation[];
    assert.deepEqual(
      [test?.path, adds.length],
      ['/spec/template/spec/containers/0/name', 1],
      'a test alone changes nothing',
    );
  });

  it('is a comment for a container missing from the pods', () => {
    const old = { ...of('Rollout/web'), container: 'old' };
    const text = patches([old], { pods: [pod('Rollout/web')] });
    assert.deepEqual(commandsIn(text), []);
    assert.match(text, /^# old: it is not in the template/m);
  });

  it('leaves out containers missing from the template, and says where to set their values', () => {
    const vault = { ...of('Deployment/web'), container: 'vault-agent', request: 64, limit: 128 };
    const odd = { ...of('Deployment/web'), container: 'sidekick', request: 64, limit: 128 };
    const template = { containers: [container('web')] };
    const text = patches([of('Deployment/web'), vault, odd], {
      owners: owners('Deployment/web', { template }),
    });
    const command = onlyCommand(text);
    assert.ok(!command.includes('vault-agent') && !command.includes('sidekick'));
    assert.match(text, /^# vault-agent: .*vault\.hashicorp\.com\/agent-requests-mem/m);
    assert.match(text, /^# sidekick: it is not in the template/m);
  });

  it('includes the proxy of a gateway when it is the only known container', () => {
    const gateway = { ...of('Deployment/gateway'), container: 'istio-proxy' };
    assert.match(onlyCommand(patches([gateway])), /istio-proxy/);
  });

  it('leaves out an injected proxy even if only the proxy changes', () => {
    const app = { ...of('Deployment/web'), request: 100, limit: 122 };
    const proxy = { ...of('Deployment/web'), container: 'istio-proxy' };
    const text = patches([app, proxy]);
    assert.match(text, /^# istio-proxy: Istio injects it into the pod/m);
    assert.doesNotMatch(text, /^kubectl.*istio-proxy/m);
    // An init container always has another container beside it in its pod.
    const init: PlayedContainer = { ...of('Deployment/web'), container: 'istio-init', type: 'init' };
    assert.deepEqual(commandsIn(patches([init])), []);
  });

  it('leaves out a container that the pods no longer have, by the listed pods or by the running replicas', () => {
    const old: PlayedContainer = { ...of('Deployment/web'), pod: 'web-0', container: 'old' };
    const gone = { ...old, real: (at: number) => (at < 1.5 * day ? 100 : undefined) };
    for (const text of [
      patches([of('Deployment/web'), old], { pods: [pod('Deployment/web')] }),
      patches([of('Deployment/web'), gone]),
    ]) {
      assert.doesNotMatch(onlyCommand(text), /"old"/);
      assert.match(text, /^# old: .*template/m);
    }
    // Nothing of a CronJob runs between its runs.
    assert.match(onlyCommand(patches([{ ...gone, workload: 'CronJob/report' }])), /"old"/);
  });
});

describe('templateOf', () => {
  const row = (name: string, made: Made = {}) =>
    rowOf({ setting: { request: MiB, limit: MiB }, ...made, key: { container: name } });
  const why = (name: string, known: Partial<Knowledge> = {}, made: Made = {}): string | undefined =>
    templateOf({ all: [row('web'), row(name)], ...known }).whyMissing(row(name, made));
  const listed = (...names: readonly string[]): PodSpec => ({
    containers: names.map((name, index) => container(name, { index })),
  });
  const podOf = (injected: readonly string[], ...names: readonly string[]) => [
    pod('Deployment/web', { injected, ...listed(...names) }),
  ];

  it('knows no spec without owner and pods, nor for an owner that is missing or has no template', () => {
    for (const known of [{}, { owner: 'missing' }, { owner: {} }, { pods: [] }] as const) {
      const { spec, isExact } = templateOf({ all: [], ...known });
      assert.deepEqual([spec, isExact], [undefined, false]);
    }
  });

  it('takes the template before the pods, and says that it is exact', () => {
    const template = listed('web');
    const found = templateOf({ all: [], owner: { template }, pods: podOf([], 'web', 'other') });
    assert.deepEqual([found.spec, found.isExact], [template, true]);
  });

  it('takes the first pod without injected and ephemeral containers, with positions of either list', () => {
    const { spec, isExact } = templateOf({
      all: [],
      pods: [
        pod('Deployment/web', {
          injected: ['odd-proxy'],
          containers: [
            container('odd-proxy', { index: 0 }),
            container('a', { index: 1 }),
            container('linkerd-proxy', { index: 2 }),
            container('b', { index: 3 }),
            container('istio-init', { type: 'init', index: 0 }),
            container('first', { type: 'init', index: 1 }),
            container('side', { type: 'sidecar', index: 2 }),
            container('debug', { type: 'ephemeral', index: 0 }),
          ],
        }),
        pod('Deployment/web', listed('later')),
      ],
    });
    assert.equal(isExact, false);
    assert.deepEqual(
      spec?.containers.map(({ name, index }) => [name, index]),
      [
        ['a', 0],
        ['b', 1],
        ['first', 0],
        ['side', 1],
      ],
    );
  });

  it('has each container of the template, even one with the name of an injected one', () => {
    const owner = { template: listed('web', 'istio-proxy') };
    assert.equal(why('web', { owner }), undefined);
    assert.equal(why('istio-proxy', { owner }), undefined);
  });

  it('says how to set an injected container by name, or that an unknown one is not in the template', () => {
    const owner = { template: listed('web') };
    assert.match(
      why('linkerd-proxy', { owner }) ?? '',
      /^Linkerd injects it into the pod: annotate the pod template/,
    );
    assert.match(
      why('other', { owner }) ?? '',
      /^it is not in the template: .* set request 100Mi and limit 200Mi in the configuration of that webhook$/,
    );
  });

  it('always has the whole pod', () => {
    const whole = rowOf({ key: { container: '' }, more: { isWholePod: true } });
    for (const known of [{}, { owner: { template: listed('web') } }, { pods: podOf([], 'web') }])
      assert.equal(templateOf({ all: [], ...known }).whyMissing(whole), undefined);
  });

  it('takes a container for injected by the annotations of any pod, whatever its name', () => {
    const pods = [...podOf([], 'web', 'odd'), ...podOf(['odd'], 'web', 'odd')];
    assert.match(why('odd', { pods }) ?? '', /^it is not in the template/);
    assert.equal(why('odd', { pods: podOf([], 'web', 'odd') }), undefined);
  });

  it('takes a proxy for injected unless it is the only container beside init and ephemeral ones', () => {
    const beside = (...more: Parameters<typeof container>[]) => [
      pod('Deployment/web', {
        containers: [container('istio-proxy'), ...more.map(([name, type]) => container(name, type))],
      }),
    ];
    assert.equal(why('istio-proxy', { pods: beside() }), undefined);
    for (const type of ['init', 'ephemeral'] as const)
      assert.equal(why('istio-proxy', { pods: beside(['x', { type }]) }), undefined, type);
    for (const type of ['container', 'sidecar'] as const)
      assert.match(why('istio-proxy', { pods: beside(['x', { type }]) }) ?? '', /^Istio injects it/, type);
  });

  it('judges a proxy by the rows of its workload without pods, and the whole pod is no container beside it', () => {
    const proxy = row('istio-proxy');
    const whole = rowOf({ key: { container: '' }, more: { isWholePod: true } });
    const init = row('x', { setting: { type: 'init', request: MiB } });
    assert.equal(why('istio-proxy', { all: [proxy, whole, init] }), undefined);
    assert.match(why('istio-proxy', { all: [proxy, row('web')] }) ?? '', /^Istio injects it/);
    assert.match(why('istio-init', { all: [] }) ?? '', /^Istio injects it/);
  });

  it('misses a container without any value while its pod is unknown, and has one with a single value', () => {
    const bare = why('web', {}, { setting: {} }) ?? '';
    assert.match(
      bare,
      /^no command, because it sets nothing now, .*\. If the pod sets none: request 100Mi and limit 200Mi$/,
    );
    for (const setting of [{ request: 0 }, { limit: 0 }, { pod: {} }])
      assert.equal(why('web', {}, { setting }), undefined);
    assert.equal(why('web', { pods: podOf([], 'web') }, { setting: {} }), undefined);
  });

  it('misses a container without replicas only while another one of its workload runs', () => {
    const gone = { setting: { request: MiB }, more: { replicas: 0 } };
    assert.match(
      why('old', { all: [row('web'), row('old', gone)] }, gone) ?? '',
      /the template may no longer have it/,
    );
    assert.equal(why('old', { all: [row('web', gone), row('old', gone)] }, gone), undefined);
    const init = { setting: { type: 'init' as const, request: MiB }, more: { replicas: 0 } };
    assert.equal(why('old', { all: [row('web')] }, init), undefined, 'an init container has ended');
  });
});
