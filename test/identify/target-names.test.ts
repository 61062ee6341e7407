import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isKind, namesOf } from '../../src/identify/target-names.ts';
import type { Identified } from '../../src/model/observation.ts';
import type { Pod } from '../../src/model/pod.ts';

const at = (path: string): Pick<Identified, 'sample'> => ({
  sample: { id: { path, inode: 1 }, version: 2, faults: [] },
});

describe('isKind', () => {
  for (const word of ['deployment', 'Deployments', 'deploy', 'deployment.apps', 'deployments.v1.apps'])
    it(`takes ${word} for a Deployment`, () => assert.ok(isKind(word, 'Deployment')));

  it('takes a kind of another group only with its group', () => {
    assert.ok(isKind('statefulset.apps.kruise.io', 'StatefulSet.apps.kruise.io'));
    assert.ok(!isKind('statefulset', 'StatefulSet.apps.kruise.io'));
    assert.ok(!isKind('constructor'));
  });
});

describe('namesOf', () => {
  const id = 'a'.repeat(64);

  it('of a container outside pods are its ID, its name in the path, and the name of docker', () => {
    const names =
      namesOf({
        ...at(`/docker/${id}`),
        role: { kind: 'other', type: 'container', name: id.slice(0, 12) },
        runtimeName: { name: 'web', runtime: 'docker' },
      }) ?? assert.fail();
    assert.deepEqual(names, { target: `/docker/${id}`, id, own: id.slice(0, 12), runtimeName: 'web' });
  });

  it('of a container in a pod are those of container, pod, namespace and workload', () => {
    const container = { name: 'cart', type: 'container', ids: [id], running: true } as const;
    const pod: Pod = {
      ...{ uid: 'u', namespace: 'shop', name: 'cart-1', labels: {}, containers: [container] },
      workload: 'Deployment/cart',
    };
    const names =
      namesOf({
        ...at('/kubepods/podu/a'),
        role: { kind: 'container', podUID: 'u', id },
        ...{ pod, container: { pod, type: 'container', container } },
      }) ?? assert.fail();
    assert.deepEqual(names, {
      ...{ target: 'shop/cart-1/cart', namespace: 'shop', pod: 'cart-1', container: 'cart', id },
      ...{ kind: 'Deployment', workload: 'cart' },
    });
  });

  it('has none for the cgroup of a pod', () =>
    assert.equal(
      namesOf({ ...at('/kubepods/podu'), role: { kind: 'pod', podUID: 'u', qos: 'Burstable' } }),
      undefined,
    ));
});
