/** The command for an owner, for each state of knowledge about its pods and template. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseQuantity } from '../../src/model/bytes.ts';
import type { PodSpec, SpecContainer, SpecResources } from '../../src/pods/pod-spec.ts';
import { MiB } from '../usage/played.ts';
import { commandsIn, container, of, onlyCommand, owners, patches, patchIn, resources } from './patched.ts';

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
