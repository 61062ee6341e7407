import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RunningPod, SpecContainer, SpecResources } from '../../src/pods/pod-spec.ts';
import type { PatchOptions } from '../../src/suggest/patch.ts';
import { qosOf } from '../../src/suggest/patch-pod.ts';
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
