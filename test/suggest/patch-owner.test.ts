/** The command for an owner, for each state of knowledge about its pods and template. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseQuantity } from '../../src/model/bytes.ts';
import type { PodSpec, SpecContainer, SpecResources } from '../../src/pods/pod-spec.ts';
import { ownerCommand } from '../../src/suggest/patch-owner.ts';
import type { Knowledge } from '../../src/suggest/template-containers.ts';
import { MiB } from '../usage/made/played.ts';
import { bounded, type Made, rowOf } from './made.ts';
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

  it('keeps a value close to the target to the byte, so that pod-level sums still fit', () => {
    const half = 95.367431640625;
    const odd = { ...of('Deployment/web'), request: half, limit: 1024 };
    assert.match(onlyCommand(patches([odd])), /"requests":\{"memory":"100M"\}/);
    assert.match(onlyCommand(patches([{ ...odd, request: 100 + 1 / 2 ** 20 }])), /"memory":"104857601"/);
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

describe('ownerCommand', () => {
  const set = (request: number, limit: number): Made => ({
    setting: { request: MiB, limit: MiB },
    recommendation: { request: bounded(request), limit: bounded(limit) },
  });
  const rowIn = (name: string, made: Made = set(100, 200)) =>
    rowOf({ ...made, key: { ...made.key, container: name } });
  const titled = (workload: string, known: Partial<Knowledge> = {}, key: Made['key'] = {}): string => {
    const row = rowOf({ ...set(100, 200), key: { workload, ...key } });
    return ownerCommand([row], { all: [row], ...known }, 'TITLE');
  };
  const values = '#   web: request 100Mi and limit 200Mi\n';
  const template: PodSpec = { containers: [container('web')] };
  const specIn = (text: string): unknown =>
    (patchIn(onlyCommand(text)) as { spec: { template: { spec: unknown } } }).spec.template.spec;

  it('patches the template of each built-in kind by a strategic merge, that of a CronJob deeper', () => {
    for (const [kind, resource] of [
      ...[
        ['Deployment', 'deployment'],
        ['StatefulSet', 'statefulset'],
        ['DaemonSet', 'daemonset'],
      ],
    ] as const)
      assert.equal(
        titled(`${kind}/web`),
        `kubectl -n shop patch ${resource} web --type strategic -p '{"spec":{"template":{"spec":{"containers":[{"name":"web","resources":{"requests":{"memory":"100Mi"},"limits":{"memory":"200Mi"}}}]}}}}'\n`,
      );
    assert.match(
      titled('CronJob/web'),
      /cronjob web .*'\{"spec":\{"jobTemplate":\{"spec":\{"template":\{"spec":/,
    );
  });

  it('says why a Job or an unknown kind gets no command, with the values', () => {
    assert.equal(
      titled('Job/web'),
      `# TITLE: no command, because the API server does not change an existing Job. Set these values in what creates it.\n${values}`,
    );
    assert.equal(
      titled('Foo/web'),
      `# TITLE: no command, because realmem does not know where a Foo keeps its pod template. Set these values there.\n${values}`,
    );
    assert.match(titled('constructor/web'), /where a constructor keeps/);
  });

  it('writes no values and no command for a name or namespace that Kubernetes does not allow', () => {
    const forbidden = '# TITLE: no command, because Kubernetes does not allow its name.\n';
    for (const workload of ['Deployment/x;id', 'Deployment/', 'ReplicaSet/$(id)'])
      assert.equal(titled(workload), forbidden);
    assert.equal(titled('Deployment/web', {}, { namespace: '-A' }), forbidden);
  });

  it('says why the owner gets no command: missing, of another template, without one', () => {
    const because = (owner: NonNullable<Knowledge['owner']>): string | undefined =>
      /because (.*)\.\n/.exec(titled('Deployment/web', { owner }))?.[1];
    assert.equal(because('missing'), 'the API server has no such object (any more)');
    assert.equal(
      because({ templateOf: 'Deployment/x' }),
      'it uses the pod template of Deployment/x. Set these values there',
    );
    assert.equal(because({}), 'it has no pod template');
  });

  it('prints how to find the owner of a ReplicaSet or ReplicationController that it does not know', () => {
    for (const [kind, resource] of [
      ['ReplicaSet', 'replicaset'],
      ['ReplicationController', 'replicationcontroller'],
    ] as const)
      assert.match(
        titled(`${kind}/web`),
        new RegExp(
          `controller of this ${kind} would undo it\\. .* \`kubectl -n shop get ${resource} web -o jsonpath=`,
        ),
      );
    const owner = { template, controller: 'Rollout/x' };
    assert.match(titled('ReplicaSet/web', { owner }), /because Rollout\/x controls it/);
    assert.match(titled('ReplicaSet/web', { owner: { template } }), /^kubectl/);
  });

  it('warns before the command of an owner that has a controller', () => {
    const text = titled('Deployment/web', { owner: { template, controller: 'Foo/x' } });
    assert.match(text, /^# Foo\/x controls TITLE and may undo this\. .*\nkubectl/);
  });

  it('is only notes when no container is in the template', () => {
    const owner = { template: { containers: [container('other')] } };
    assert.match(titled('Deployment/web', { owner }), /^# web: it is not in the template: [^\n]*\n$/);
  });

  it('puts the sizes of the whole pod beside its containers, once where the order is unknown', () => {
    const whole = rowOf({ key: { container: '' }, setting: { request: MiB }, more: { isWholePod: true } });
    const rows = [rowIn('a'), rowIn('b'), whole];
    const text = ownerCommand(rows, { all: rows }, 'TITLE');
    assert.match(
      text,
      /^# TITLE: one command for each container, because a patch of several could reorder them/,
    );
    const patchesIn = commandsIn(text);
    assert.equal(patchesIn.length, 2);
    assert.match(
      patchesIn[0] ?? '',
      /"spec":\{"resources":\{"requests":\{"memory":"100Mi"\}\},"containers":\[\{"name":"a"/,
    );
    assert.doesNotMatch(patchesIn[1] ?? '', /"spec":\{"resources"/);
    const alone = ownerCommand([whole], { all: rows }, 'TITLE');
    assert.deepEqual(specIn(alone), { resources: { requests: { memory: '100Mi' } } });
  });

  it('lists a container among the init containers by the template, not by the history', () => {
    const sidecar: PodSpec = { containers: [container('main'), container('web', { type: 'sidecar' })] };
    assert.deepEqual(
      Object.keys(specIn(titled('Deployment/web', { owner: { template: sidecar } })) as object),
      ['initContainers'],
    );
    const row = rowIn('web', { ...set(100, 200), setting: { type: 'init', request: MiB } });
    assert.deepEqual(
      Object.keys(specIn(ownerCommand([row], { all: [row], owner: { template } }, 'T')) as object),
      ['containers'],
    );
    assert.deepEqual(Object.keys(specIn(ownerCommand([row], { all: [row] }, 'T')) as object), [
      'initContainers',
    ]);
  });

  describe('compares the values with the template, as the API server does', () => {
    const refused = (spec: PodSpec, made: Made = set(100, 200)): string | undefined => {
      const row = rowIn('web', made);
      const text = ownerCommand([row], { all: [row], owner: { template: spec } }, 'TITLE');
      return /^# TITLE: no command, because (.*)\.\n/.exec(text)?.[1];
    };
    const web = (more: SpecResources | undefined, whole?: SpecResources): PodSpec => ({
      containers: [container('web', more === undefined ? {} : { resources: more })],
      ...(whole !== undefined && { resources: whole }),
    });
    /** A row that sets only a request. */
    const onlyRequest: Made = {
      setting: { request: MiB, pod: { limit: MiB } },
      recommendation: { request: bounded(100), limit: bounded(200) },
    };

    it('refuses a request above the limit in the template, and accepts an equal one', () => {
      assert.equal(
        refused(web({ limits: { memory: '99Mi' } }), onlyRequest),
        'the request of web would be above its limit of 99Mi',
      );
      assert.equal(refused(web({ limits: { memory: '100Mi' } }), onlyRequest), undefined);
    });

    it('refuses a request in the template above the new limit', () => {
      const onlyLimit: Made = {
        setting: { limit: MiB, pod: { request: MiB } },
        recommendation: { request: bounded(100), limit: bounded(200) },
      };
      assert.equal(
        refused(web({ requests: { memory: '201Mi' } }), onlyLimit),
        'the request of web would be above its limit of 200Mi',
      );
      assert.equal(refused(web({ requests: { memory: '200Mi' } }), onlyLimit), undefined);
    });

    it('refuses a limit above that of its pod, and accepts an equal one', () => {
      assert.equal(
        refused(web(undefined, { limits: { memory: '199Mi' } })),
        'the limit of web would be above that of its pod, 199Mi',
      );
      assert.equal(refused(web(undefined, { limits: { memory: '200Mi' } })), undefined);
    });

    it('refuses requests above that of the pod, and accepts an equal sum', () => {
      const two = (request: string): PodSpec => ({
        containers: [
          container('web'),
          container('b', { index: 1, resources: { limits: { memory: '50Mi' } } }),
        ],
        resources: { requests: { memory: request } },
      });
      assert.equal(refused(two('149Mi')), 'its containers would request more than the pod as a whole, 149Mi');
      assert.equal(refused(two('150Mi')), undefined, 'a limit counts as the request where none is set');
    });
  });

  describe('by a JSON patch', () => {
    const operations = (
      spec: Partial<SpecContainer>,
      known: (spec: PodSpec) => Partial<Knowledge>,
    ): readonly Operation[] =>
      patchIn(
        onlyCommand(titled('Rollout/web', known({ containers: [container('web', spec)] }))),
      ) as readonly Operation[];
    const exact = (spec: PodSpec): Partial<Knowledge> => ({ owner: { template: spec } });
    const ofPod = (spec: PodSpec): Partial<Knowledge> => ({ pods: [pod('Rollout/web', spec)] });
    const path = '/spec/template/spec/containers/0';

    it('adds only what the template lacks: all resources, a kind of them, or the amount', () => {
      const test = { op: 'test', path: `${path}/name`, value: 'web' };
      const both = { requests: { memory: '100Mi' }, limits: { memory: '200Mi' } };
      assert.deepEqual(operations({}, exact), [test, { op: 'add', path: `${path}/resources`, value: both }]);
      assert.deepEqual(operations({ resources: { requests: { cpu: '1' } } }, exact), [
        test,
        { op: 'add', path: `${path}/resources/requests/memory`, value: '100Mi' },
        { op: 'add', path: `${path}/resources/limits`, value: { memory: '200Mi' } },
      ]);
    });

    it('replaces all resources by those of the pod where the template is unknown, and keeps CPU and claims', () => {
      const found = { requests: { cpu: '1', memory: '1Mi' }, claims: [{ name: 'gpu' }] };
      const [, add] = operations({ resources: found }, ofPod);
      assert.deepEqual(add, {
        ...{ op: 'add', path: `${path}/resources` },
        value: { ...found, requests: { cpu: '1', memory: '100Mi' }, limits: { memory: '200Mi' } },
      });
    });

    it('finds sidecars and init containers in their own list', () => {
      for (const type of ['init', 'sidecar'] as const) {
        const [test] = operations({ type, index: 4 }, exact);
        assert.equal(test?.path, '/spec/template/spec/initContainers/4/name');
      }
    });

    it('sets the resources of the whole pod without a test of a name', () => {
      const whole = rowOf({
        ...{ key: { workload: 'Rollout/web', container: '' }, setting: { request: MiB, limit: MiB } },
        more: { isWholePod: true },
      });
      const resources = { requests: { memory: '1Mi' } };
      const text = ownerCommand(
        [whole],
        { all: [whole], owner: { template: { ...template, resources } } },
        'T',
      );
      assert.deepEqual(patchIn(onlyCommand(text)), [
        { op: 'add', path: '/spec/template/spec/resources/requests/memory', value: '100Mi' },
        { op: 'add', path: '/spec/template/spec/resources/limits', value: { memory: '200Mi' } },
      ]);
    });

    it('is a comment with the values while the positions are unknown', () =>
      assert.equal(
        titled('Rollout/web'),
        `# TITLE: no command, because the patch of a Rollout needs the positions of its containers, and they are unknown. Pass --kubeconfig or --pods.\n${values}`,
      ));
  });
});
