import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RunningPod, SpecContainer, SpecResources } from '../../src/pods/pod-spec.ts';
import type { PatchOptions } from '../../src/suggest/patch.ts';
import { qosOf, resizeCommand } from '../../src/suggest/patch-pod.ts';
import { bounded, type Made, rowOf } from './made.ts';
import {
  commandsIn,
  container,
  of,
  onlyCommand,
  owners,
  patches,
  patchIn,
  pod,
  resources,
  web,
} from './patched.ts';

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

describe('resizeCommand', () => {
  /** @param now current request and limit of the container */
  const resized = (made: Made, now: SpecResources, more: Partial<SpecContainer> = {}, minor = 34): string =>
    resizeCommand(
      [rowOf(made)],
      pod('Deployment/web', { containers: [container('web', { resources: now, ...more })] }),
      'shop/web-1',
      minor,
    );
  const to = (request: number, limit: number): Made => ({
    recommendation: { request: bounded(request), limit: bounded(limit) },
  });
  const changeIn = (text: string): unknown =>
    (patchIn(onlyCommand(text)) as { spec: { containers: [{ resources: unknown }] } }).spec.containers[0]
      .resources;

  it('says what to pass for an unknown pod, with the values', () =>
    assert.equal(
      resizeCommand([rowOf()], undefined, 'shop/Pod/web'),
      '# shop/Pod/web: no command, because the pod is unknown, and the API server refuses to resize some pods (static, BestEffort, pod-level resources). Pass --kubeconfig or --pods.\n#   web: request 100Mi and limit 200Mi\n',
    ));

  it('sets only the values that change', () => {
    assert.deepEqual(changeIn(resized(to(100, 200), resources('50Mi', '200Mi'))), {
      requests: { memory: '100Mi' },
    });
    assert.deepEqual(changeIn(resized(to(100, 200), resources('100Mi', '150Mi'))), {
      limits: { memory: '200Mi' },
    });
    assert.equal(resized(to(100, 200), resources('100Mi', '200Mi')), '');
    assert.equal(resized(to(100, 200), resources('104857600', '209715200')), '', 'in other units');
  });

  it('compares the request with the limit where only the limit is set, as Kubernetes does', () => {
    const text = resized(to(200, 200), { requests: { cpu: '1' }, limits: { memory: '200Mi' } });
    assert.equal(text, '');
  });

  it('keeps the limit when 1.33 refuses to lower it, and raises the request to that limit at most', () => {
    const text = resized(to(100, 200), resources('50Mi', '300Mi'), {}, 33);
    assert.deepEqual(changeIn(text), { requests: { memory: '100Mi' } });
    assert.match(
      text,
      /^# shop\/web-1: the limit of web stays at 300Mi: before Kubernetes 1\.34 the API server refuses/,
    );
    assert.deepEqual(changeIn(resized(to(100, 400), resources('50Mi', '300Mi'), {}, 33)), {
      ...{ requests: { memory: '100Mi' }, limits: { memory: '400Mi' } },
    });
  });

  it('says nothing about an equal limit before 1.34', () => {
    const text = resized(to(100, 300), resources('50Mi', '300Mi'), {}, 33);
    assert.doesNotMatch(text, /stays/);
    assert.deepEqual(changeIn(text), { requests: { memory: '100Mi' } });
  });

  it('changes nothing when 1.33 refuses to lower the limit of equal values', () => {
    const text = resized(to(100, 100), resources('300Mi', '300Mi'), {}, 33);
    assert.match(text, /^# shop\/web-1: the limit of web stays at 300Mi/);
    assert.deepEqual(commandsIn(text), []);
  });

  it('lowers the request to the limit of the pod where the row sets no limit', () => {
    const { limit: _, ...row } = rowOf(to(500, 600));
    const containers = [container('web', { resources: resources('100Mi', '300Mi') })];
    const text = resizeCommand([row], pod('Deployment/web', { containers }), 'x', 34);
    // A request equal to the limit does not make a pod without CPU limits Guaranteed.
    assert.deepEqual(changeIn(text), { requests: { memory: '300Mi' } });
  });

  it('notes a container that is not in the pod, init and ephemeral ones, and resizes a sidecar', () => {
    const as = (type: SpecContainer['type']): string =>
      resized(to(100, 200), resources('50Mi', '150Mi'), { type });
    assert.equal(as('init'), '# shop/web-1: no resize of web, because it is an init container.\n');
    assert.equal(as('ephemeral'), '# shop/web-1: no resize of web, because it is an ephemeral container.\n');
    assert.match(onlyCommand(as('sidecar')), /-p '\{"spec":\{"initContainers":\[\{"name":"web",/);
    assert.equal(
      resizeCommand([rowOf({ key: { container: 'gone' } })], pod('Deployment/web'), 'x', 34),
      '# x: gone is not in this pod.\n',
    );
  });

  it('resizes from 1.33 on, also with an unknown version', () => {
    const by = (minor?: number): number =>
      commandsIn(resizeCommand([rowOf(to(100, 2048))], pod('Deployment/web'), 'x', minor)).length;
    assert.deepEqual([by(32), by(33), by(), by(40)], [0, 1, 1, 1]);
  });

  it('is a comment when the QoS class would change, with the class of the API before the computed one', () => {
    const bare = pod('Deployment/web', { qos: 'BestEffort', containers: [container('web')] });
    const text = resizeCommand([rowOf()], bare, 'x', 34);
    assert.match(text, /may not change the QoS class \(from BestEffort to Burstable\)/);
    assert.match(text, /^# {3}web: request 100Mi and limit 200Mi$/m);
    const { qos: _, ...unknown } = bare;
    assert.match(resizeCommand([rowOf()], unknown, 'x', 34), /from BestEffort to Burstable/);
  });

  it('ignores resources of the whole pod without amounts', () => {
    const empty = pod('Deployment/web', { resources: { requests: {}, claims: [] } });
    assert.equal(commandsIn(resizeCommand([rowOf(to(100, 2048))], empty, 'x', 34)).length, 1);
  });

  it('names the manifest of a static pod without its node, and by its own name where that does not end in the node', () => {
    const from = (name: string): string | undefined =>
      /manifests\/(.*)\.yaml/.exec(
        resizeCommand([rowOf()], pod('Deployment/web', { name, staticOn: 'cp1' }), 'x'),
      )?.[1];
    assert.deepEqual([from('etcd-cp1'), from('etcd'), from('cp1-cp1')], ['etcd', 'etcd', 'cp1']);
  });
});

describe('qosOf', () => {
  const of = (...each: readonly (SpecResources | undefined)[]): string =>
    qosOf({
      containers: each.map((one, index) =>
        container(`${index}`, one === undefined ? {} : { resources: one }),
      ),
    });
  const both = { cpu: '1', memory: '1Gi' };

  it('counts an amount of 0 as none', () => {
    assert.equal(of({ requests: { memory: '0' }, limits: { cpu: '0' } }), 'BestEffort');
    assert.equal(of({ requests: { cpu: '0', memory: '0' }, limits: both }), 'Guaranteed');
  });

  it('compares amounts, not text: 0.5 CPU is 500m, and 1Gi is 1024Mi', () => {
    assert.equal(
      of({ requests: { cpu: '0.5', memory: '1024Mi' }, limits: { cpu: '500m', memory: '1Gi' } }),
      'Guaranteed',
    );
    assert.equal(
      of({ requests: { cpu: '499m', memory: '1Gi' }, limits: { cpu: '0.5', memory: '1Gi' } }),
      'Burstable',
    );
  });

  it('needs limits of CPU and memory in each container to be Guaranteed, init containers included', () => {
    assert.equal(of({ limits: { memory: '1Gi' } }), 'Burstable');
    const init = container('i', { type: 'init' });
    assert.equal(qosOf({ containers: [container('a', { resources: { limits: both } }), init] }), 'Burstable');
  });

  it('ignores ephemeral containers, and takes the resources of the whole pod alone where it has some', () => {
    const full = container('a', { resources: { limits: both } });
    assert.equal(qosOf({ containers: [full, container('e', { type: 'ephemeral' })] }), 'Guaranteed');
    assert.equal(qosOf({ containers: [container('a')], resources: { limits: both } }), 'Guaranteed');
    assert.equal(qosOf({ containers: [full], resources: { requests: { cpu: '1' } } }), 'Burstable');
  });

  it('counts an unreadable amount as none', () =>
    assert.equal(of({ requests: { memory: 'lots', cpu: '-' } }), 'BestEffort'));
});
