/** The command for each state of knowledge about pods and owners. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseQuantity } from '../../src/model/bytes.ts';
import type { Owner, PodSpec, RunningPod, SpecContainer, SpecResources } from '../../src/pods/pod-spec.ts';
import { ownerText, type PatchOptions, renderPatches } from '../../src/suggest/patch.ts';
import { qosOf } from '../../src/suggest/patch-pod.ts';
import { day, MiB, monday, type PlayedContainer, play } from '../usage/played.ts';
import { suggestFrom } from './suggest-from.ts';

const days = 3;

function patches(containers: readonly PlayedContainer[], options: Partial<PatchOptions> = {}): string {
  const at = monday + days * day;
  const kept = play(containers, { days, stepSeconds: 900 }).kept();
  const suggestions = suggestFrom([{ node: 'node-1', at, ...kept }], at);
  return renderPatches(suggestions, { doubts: () => undefined, least: 'low', ...options });
}

const web: PlayedContainer = { pod: 'web-1', real: () => 100, request: 512, limit: 1024 };
const of = (workload: string): PlayedContainer => ({ ...web, workload });
const commandsIn = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line.startsWith('kubectl'));
const onlyCommand = (text: string): string => {
  const [command = '', ...more] = commandsIn(text);
  assert.deepEqual(more, []);
  assert.notEqual(command, '', text);
  return command;
};
const patchIn = (command: string): unknown => JSON.parse(/-p '(.*)'$/.exec(command)?.[1] ?? '');

const container = (name: string, more: Partial<SpecContainer> = {}): SpecContainer => ({
  ...{ name, type: 'container', index: 0 },
  ...more,
});
const resources = (request: string, limit: string): SpecResources => ({
  requests: { cpu: '100m', memory: request },
  limits: { memory: limit },
});
const pod = (workload: string, more: Partial<RunningPod> = {}): RunningPod => ({
  ...{ namespace: 'shop', name: 'web-1', workload, injected: [], qos: 'Burstable' },
  containers: [container('web', { resources: resources('512Mi', '1Gi') })],
  ...more,
});
const owners = (workload: string, owner: Owner | 'missing'): NonNullable<PatchOptions['owners']> =>
  new Map([[ownerText({ namespace: 'shop', workload }), owner]]);

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value: unknown;
}

/** Applies `test` and `add` operations as RFC 6902 defines them. */
function applied(object: unknown, operations: readonly Operation[]): unknown {
  const copy: unknown = structuredClone(object);
  for (const { op, path, value } of operations) {
    const keys = path.split('/').slice(1);
    const last = keys.pop() as string;
    let at = copy as Record<string, unknown>;
    for (const key of keys) {
      assert.ok(typeof at[key] === 'object' && at[key] !== null, `${path}: no ${key}`);
      at = at[key] as Record<string, unknown>;
    }
    if (op === 'test') assert.deepEqual(at[last], value, path);
    else at[last] = value;
  }
  return copy;
}

describe('the patch of a custom resource', () => {
  it('tests the container name and changes only its memory, for any existing resources', () => {
    const amounts = fc.option(fc.record({ cpu: fc.constant('1') }, { requiredKeys: [] }), { nil: undefined });
    const any = fc.option(fc.record({ requests: amounts, limits: amounts }), { nil: undefined });
    fc.assert(
      fc.property(any, fc.integer({ min: 0, max: 3 }), (given, index) => {
        const found = given && (JSON.parse(JSON.stringify(given)) as SpecResources);
        const containers = Array.from({ length: 4 }, (_, place) => ({
          ...{ name: place === index ? 'web' : `other-${place}`, image: 'x' },
          ...(place === index && found !== undefined && { resources: found }),
        }));
        const spec: PodSpec = {
          containers: containers.map(({ name }, place) =>
            container(name, {
              index: place,
              ...(place === index && found !== undefined && { resources: found }),
            }),
          ),
        };
        const text = patches([of('Rollout/web')], { owners: owners('Rollout/web', { template: spec }) });
        const command = onlyCommand(text);
        assert.match(command, /^kubectl -n shop patch rollouts\.argoproj\.io web --type json -p '/);
        const live = { spec: { replicas: 2, template: { spec: { containers, volumes: [] } } } };
        const after = applied(live, patchIn(command) as Operation[]) as typeof live;
        const [was, is] = [containers[index], after.spec.template.spec.containers[index]];
        const set = (is as { resources?: SpecResources }).resources;
        assert.ok(set?.requests?.['memory'] !== undefined && set.limits?.['memory'] !== undefined);
        assert.equal(set.requests['cpu'], found?.requests?.['cpu']);
        after.spec.template.spec.containers[index] = was as (typeof containers)[number];
        assert.deepEqual(after, live);
      }),
      { numRuns: 30 },
    );
  });

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

  it('is a comment when neither a template nor a pod shows the container positions', () => {
    const text = patches([of('CloneSet/web')]);
    assert.deepEqual(commandsIn(text), []);
    assert.match(text, /# {3}web: request \d+Mi and limit \d+Mi/);
  });

  it('is a comment when the Rollout uses the template of a Deployment', () => {
    const text = patches([of('Rollout/web')], {
      owners: owners('Rollout/web', { templateOf: 'Deployment/web' }),
    });
    assert.deepEqual(commandsIn(text), []);
    assert.match(text, /uses the pod template of Deployment\/web\. Set these values there/);
  });

  it('is no command when a workload name contains shell syntax, with or without a slash', () => {
    for (const workload of [
      'Deployment/x;touch pwned;echo /y',
      'Rollout/x$(id)/y',
      'CronJob/../y',
      'Job/x;id/y',
    ]) {
      const template = { containers: [container('web')] };
      const known = { owners: owners(workload, { template }), pods: [pod(workload)] };
      for (const options of [{}, known, { ...known, inPlace: true }])
        for (const line of commandsIn(patches([of(workload)], options)))
          assert.match(line, /^kubectl -n shop patch pod web-1 --subresource resize /, line);
    }
  });

  it('is a commented command after an OOM kill on the first day, and is left out without a kill', () => {
    const at = monday + 3 * 3600;
    const young = (workload: string): PlayedContainer => ({
      ...of(workload),
      request: 64,
      limit: 128,
      real: () => 100,
    });
    const containers = [
      { ...young('Deployment/killed'), kills: [3600] },
      { ...young('Deployment/well'), pod: 'well-1' },
    ];
    const kept = play(containers, { days: 3 / 24, stepSeconds: 300 }).kept();
    const suggestions = suggestFrom([{ node: 'node-1', at, ...kept }], at);
    const text = renderPatches(suggestions, { doubts: () => undefined, least: 'medium' });
    assert.deepEqual(commandsIn(text), []);
    assert.match(
      text,
      /^# Review before you run this: OOM killed, but less than a day of history\.\n(# .*\n)*# kubectl -n shop patch deployment killed /m,
    );
    assert.match(text, /^# Left out: 1 container /m);
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

  it('is a JSON patch for a DeploymentConfig too', () => {
    const template = { containers: [container('web')] };
    const text = patches([of('DeploymentConfig/legacy')], {
      owners: owners('DeploymentConfig/legacy', { template }),
    });
    assert.match(
      onlyCommand(text),
      /^kubectl -n shop patch deploymentconfigs\.apps\.openshift\.io legacy --type json/,
    );
  });
});

describe('the patch of an owner', () => {
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

  const several = ['z-first', 'a-second'].map((name) => ({
    ...of('Deployment/web'),
    ...{ container: name, type: 'init' as const },
  }));
  const named = (command: string): readonly string[] =>
    [...command.matchAll(/"name":"([^"]+)"/g)].map(([, name]) => name as string);

  it('lists containers in the order of the template, because the API server reorders them to the patch', () => {
    const init = several.map((one, index) => container(one.container, { type: 'init', index }));
    const template = { containers: [container('web'), ...init] };
    const text = patches([of('Deployment/web'), ...several], {
      owners: owners('Deployment/web', { template }),
    });
    assert.deepEqual(named(onlyCommand(text)), ['web', 'z-first', 'a-second']);
  });

  it('is one command for each container of a list when their order is unknown', () => {
    const commands = commandsIn(patches([of('Deployment/web'), ...several]));
    assert.deepEqual(commands.map(named), [['web', 'a-second'], ['z-first']]);
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

  it('keeps a value close to the target to the byte, so that pod-level sums still fit', () => {
    const half = 95.367431640625;
    const odd = { ...of('Deployment/web'), request: half, limit: 1024 };
    assert.match(onlyCommand(patches([odd])), /"requests":\{"memory":"100M"\}/);
    assert.match(onlyCommand(patches([{ ...odd, request: 100 + 1 / 2 ** 20 }])), /"memory":"104857601"/);
  });

  it('changes no container of a pod whose pod-level suggestion has too little confidence', () => {
    const whole = { ...of('Deployment/web'), podRequest: 1024, podLimit: 2048 };
    const late = { ...whole, container: 'late', real: (at: number) => (at > 2.5 * day ? 100 : undefined) };
    const text = patches([whole, late], { least: 'medium' });
    assert.deepEqual(commandsIn(text), []);
    assert.match(text, /^# Left out: 3 containers/m);
  });

  it('is a comment when an init container would request more than the whole pod', () => {
    const template = {
      containers: [
        container('web'),
        container('first', { type: 'init', resources: { requests: { memory: '950Mi' } } }),
      ],
      resources: { requests: { memory: '910Mi' } },
    };
    const text = patches([of('Deployment/web')], { owners: owners('Deployment/web', { template }) });
    assert.match(
      text,
      /no command, because its containers would request more than the pod as a whole, 910Mi/,
    );
  });

  const first = { type: 'init' as const, resources: { requests: { memory: '300Mi' } } };
  const beside = { type: 'sidecar' as const, resources: { requests: { memory: '200Mi' } } };

  it('is a comment when an init container and the sidecar before it request more than the whole pod', () => {
    const withInits = (...inits: readonly SpecContainer[]): string => {
      const template = { containers: [container('web'), ...inits], resources: resources('400Mi', '512Mi') };
      return patches([of('Deployment/web')], { owners: owners('Deployment/web', { template }) });
    };
    const after = withInits(
      container('side', { ...beside, index: 0 }),
      container('mig', { ...first, index: 1 }),
    );
    assert.match(
      after,
      /no command, because its containers would request more than the pod as a whole, 400Mi/,
    );
    assert.deepEqual(commandsIn(after), []);
    // The init container has ended when the sidecar starts.
    onlyCommand(
      withInits(container('mig', { ...first, index: 0 }), container('side', { ...beside, index: 1 })),
    );
  });

  it('is a comment when the containers request more than the limit of a pod without a request', () => {
    const template = {
      containers: [container('web'), container('other', { resources: { requests: { memory: '900Mi' } } })],
      resources: { limits: { memory: '910Mi' } },
    };
    const text = patches([of('Deployment/web')], { owners: owners('Deployment/web', { template }) });
    assert.match(
      text,
      /no command, because its containers would request more than the pod as a whole, 910Mi/,
    );
  });

  it('gives the whole pod room for an init container beside a sidecar, because their order is unknown', () => {
    const whole = { pod: 'web-1', workload: 'Deployment/web', podRequest: 400, podLimit: 512 };
    const text = patches([
      { ...whole, container: 'main', request: 50, real: () => 50 },
      { ...whole, container: 'side', type: 'sidecar', request: 200, real: () => 200 },
      { ...whole, container: 'mig', type: 'init', request: 300, real: (at) => (at < 600 ? 300 : undefined) },
    ]);
    const { spec } = patchIn(onlyCommand(text)) as {
      readonly spec: { readonly template: { readonly spec: { readonly resources: SpecResources } } };
    };
    const request = spec.template.spec.resources.requests?.['memory'] ?? '';
    assert.ok((parseQuantity(request) ?? 0) >= 500 * MiB, text);
  });

  it('is a comment for a ReplicaSet, unless the API says that it has no controller', () => {
    const template = { containers: [container('web')] };
    assert.deepEqual(commandsIn(patches([of('ReplicaSet/web')])), []);
    const made = patches([of('ReplicaSet/web')], {
      owners: owners('ReplicaSet/web', { template, controller: 'Foo/x' }),
    });
    assert.match(made, /no command, because Foo\/x controls it\. Set these values in Foo\/x/);
    const free = patches([of('ReplicaSet/web')], { owners: owners('ReplicaSet/web', { template }) });
    assert.match(onlyCommand(free), /^kubectl -n shop patch replicaset web --type strategic/);
  });

  it('is a comment when the API no longer has the owner', () =>
    assert.deepEqual(
      commandsIn(patches([of('Deployment/web')], { owners: owners('Deployment/web', 'missing') })),
      [],
    ));

  it('names the controller of the owner, which may undo the patch', () => {
    const template = { containers: [container('web')] };
    const text = patches([of('StatefulSet/db')], {
      owners: owners('StatefulSet/db', { template, controller: 'Prometheus/main' }),
    });
    assert.match(text, /^# Prometheus\/main controls shop\/StatefulSet\/db and may undo this/m);
    assert.equal(commandsIn(text).length, 1);
  });

  it('is a comment when the containers together would request more than the whole pod', () => {
    const template = {
      containers: [container('web'), container('other', { resources: { requests: { memory: '900Mi' } } })],
      resources: { requests: { memory: '910Mi' } },
    };
    const text = patches([of('Deployment/web')], { owners: owners('Deployment/web', { template }) });
    assert.match(
      text,
      /no command, because its containers would request more than the pod as a whole, 910Mi/,
    );
  });
});

describe('the resize of a pod', () => {
  const workload = 'Deployment/web';
  const resize = (more: Partial<RunningPod>, options: Partial<PatchOptions> = {}): string =>
    patches([of(workload)], { inPlace: true, pods: [pod(workload, more)], ...options });

  it('lowers a limit from Kubernetes 1.34 on or when the container restarts, otherwise only the request', () => {
    const lowers = (text: string): boolean => /"limits"/.test(onlyCommand(text));
    assert.equal(lowers(resize({}, { minor: 34 })), true);
    assert.equal(lowers(resize({}, { minor: 33 })), false);
    assert.equal(lowers(resize({})), false);
    const restarts = container('web', { restarts: true, resources: resources('512Mi', '1Gi') });
    assert.equal(lowers(resize({ containers: [restarts] })), true);
  });

  it('lists containers in the order of the pod, because the API server refuses another order', () => {
    const beside = { ...of(workload), container: 'a-proxy' };
    const containers = ['web', 'a-proxy'].map((name, index) =>
      container(name, { index, resources: resources('512Mi', '2Gi') }),
    );
    const text = patches([of(workload), beside], { inPlace: true, pods: [pod(workload, { containers })] });
    assert.deepEqual(
      [...onlyCommand(text).matchAll(/"name":"([^"]+)"/g)].map(([, name]) => name),
      ['web', 'a-proxy'],
    );
  });

  it('is a comment for static, Windows and pod-level pods', () => {
    for (const [more, says] of [
      [{ staticOn: 'cp1', name: 'web-cp1' }, /kubelet of cp1 .*\/etc\/kubernetes\/manifests\/web\.yaml/],
      [{ isWindows: true }, /Windows/],
      [{ resources: { limits: { memory: '2Gi' } } }, /spec\.resources/],
      [{ resources: { requests: { cpu: '1' } } }, /spec\.resources/],
    ] as const) {
      const text = resize(more, { minor: 35 });
      assert.deepEqual(commandsIn(text), []);
      assert.match(text, says);
    }
  });

  it('is a comment for an unknown bare pod', () =>
    assert.deepEqual(commandsIn(patches([of('Pod/debug')])), []));

  it('is only a comment for a bare pod that no longer exists', () => {
    const text = patches([{ ...web, pod: 'debug', workload: 'Pod/debug' }], {
      ...{ owners: owners('Pod/debug', 'missing'), pods: [] },
    });
    assert.match(text, /^# shop\/Pod\/debug: no command, because the pod no longer exists\.$/m);
    assert.doesNotMatch(text, /Pass --kubeconfig/);
  });

  it('is a comment before Kubernetes 1.33, which has no resize subresource', () => {
    const text = resize({}, { minor: 32 });
    assert.deepEqual(commandsIn(text), []);
    assert.match(text, /no command, because Kubernetes 1\.32 resizes no pods/);
  });

  it('never changes the QoS class, for any resources of two containers', () => {
    const cpus = fc.constantFrom(undefined, '100m', '0.1', '1');
    const sizes = fc.constantFrom(undefined, '64Mi', '512Mi', '1Gi');
    const clean = (amounts: Readonly<Record<string, string | undefined>>) =>
      JSON.parse(JSON.stringify(amounts)) as Record<string, string>;
    const anyResources = fc
      .record({ rc: cpus, lc: cpus, rm: sizes, lm: sizes })
      .map(({ rc, lc, rm, lm }) => ({
        requests: clean({ cpu: rc, memory: rm }),
        limits: clean({ cpu: lc, memory: lm }),
      }));
    fc.assert(
      fc.property(anyResources, anyResources, fc.constantFrom(33, 34), (own, other, minor) => {
        const containers = [
          container('web', { resources: own }),
          container('other', { index: 1, resources: other }),
        ];
        const before = qosOf({ containers });
        const text = resize({ containers, qos: before }, { minor });
        for (const command of commandsIn(text)) {
          const { spec } = patchIn(command) as { spec: { containers: { resources: SpecResources }[] } };
          const [change] = spec.containers;
          const after = {
            requests: { ...own.requests, ...change?.resources.requests },
            limits: { ...own.limits, ...change?.resources.limits },
          };
          const all = [{ ...container('web'), resources: after }, containers[1] as SpecContainer];
          assert.equal(qosOf({ containers: all }), before, command);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('has QoS classes as Kubernetes computes them', () => {
    const both = { cpu: '1', memory: '1Gi' };
    assert.equal(qosOf({ containers: [container('a')] }), 'BestEffort');
    assert.equal(qosOf({ containers: [container('a', { resources: { limits: both } })] }), 'Guaranteed');
    const same = { requests: { cpu: '1000m', memory: '1024Mi' }, limits: both };
    assert.equal(qosOf({ containers: [container('a', { resources: same })] }), 'Guaranteed');
    assert.equal(
      qosOf({ containers: [container('a', { resources: { limits: both } }), container('b')] }),
      'Burstable',
    );
  });
});
