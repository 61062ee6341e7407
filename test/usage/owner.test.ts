/** Under which name the usage of a cgroup adds up, and which cgroups have none. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { identify, Names } from '../../src/identify/names.ts';
import { roleOf } from '../../src/identify/role.ts';
import type { CgroupRole } from '../../src/model/cgroup-role.ts';
import type { Identified } from '../../src/model/observation.ts';
import type { Pod, PodContainer } from '../../src/model/pod.ts';
import { parseManifest } from '../../src/pods/manifest.ts';
import { podsOf } from '../../src/pods/pods.ts';
import { containerKeyOf, usageOwnerOf } from '../../src/usage/owner.ts';
import { podsText } from '../identify/fixture.ts';

const { pods } = podsOf('pods.yaml', parseManifest('pods.yaml', podsText));
const cart = pods.find(({ name }) => name.startsWith('cart')) as Pod;
const [web] = cart.containers as [PodContainer];

const seen = (role: CgroupRole, more: Partial<Identified> = {}, path = '/x'): Identified => ({
  ...{ role, sample: { id: { path, inode: 1 }, version: 2, faults: [] } },
  ...more,
});
const inPod: CgroupRole = { kind: 'container', podUID: cart.uid, id: 'a' };
const named = { pod: cart, container: { pod: cart, type: 'container', container: web } } as const;

describe('the owner of a cgroup', () => {
  it('is the workload of the pod that the API reports, with the pod’s name', () => {
    const owner = usageOwnerOf(seen(inPod, named));
    assert.deepEqual(owner, { key: containerKeyOf(cart, web), pod: cart.name });
    assert.equal(owner?.key.workload, cart.workload);
    assert.ok(cart.workload?.startsWith('Deployment/'));
  });

  it('is found for each running container of the recorded pods by its cgroup path', () => {
    const container = cart.containers.find(({ ids }) => ids.length > 0);
    const path = `/kubepods/burstable/pod${cart.uid}/${container?.ids[0]}`;
    const sample = { id: { path, inode: 1 }, version: 2, faults: [] } as const;
    const [one] = identify([{ role: roleOf(path), sample }], new Names(pods));
    assert.deepEqual(one && usageOwnerOf(one)?.key, container && containerKeyOf(cart, container));
  });

  it('is the pod itself without a workload', () => {
    const { workload: _, ...bare } = cart;
    assert.equal(containerKeyOf(bare, web).workload, `Pod/${cart.name}`);
  });

  it('is undefined while the pod or the container has no name', () => {
    assert.equal(usageOwnerOf(seen(inPod)), undefined);
    assert.equal(usageOwnerOf(seen(inPod, { pod: cart })), undefined);
    assert.equal(
      usageOwnerOf(seen(inPod, { pod: cart, container: { pod: cart, type: 'sandbox' } })),
      undefined,
    );
    assert.equal(usageOwnerOf(seen(inPod, { container: named.container })), undefined);
  });

  it('is undefined for a pod that only the log directories name', () => {
    const pod: Pod = { ...cart, from: 'logs' };
    assert.equal(usageOwnerOf(seen(inPod, { ...named, pod })), undefined);
  });

  it('is undefined for the pod’s own cgroup', () =>
    assert.equal(usageOwnerOf(seen({ kind: 'pod', podUID: cart.uid, qos: 'burstable' }, named)), undefined));

  it('of a service or a container outside pods is its type and name, and its path', () => {
    for (const type of ['service', 'container'] as const)
      assert.deepEqual(usageOwnerOf(seen({ kind: 'other', type, name: 'db' }, {}, '/system.slice/db')), {
        key: { namespace: '', workload: `${type}/db`, container: '' },
        pod: '/system.slice/db',
      });
  });

  it('is undefined for slices, machines, tasks and jobs, which have nothing to size', () => {
    for (const type of ['slice', 'vm', 'task', 'job'] as const)
      assert.equal(usageOwnerOf(seen({ kind: 'other', type, name: 'db' })), undefined);
  });
});
