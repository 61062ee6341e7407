import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { workloadOf } from '../../src/pods/workload.ts';

const owner = (kind: unknown, name: unknown, controller: unknown = true) => ({ kind, name, controller });
const replicaSet = { ownerReferences: [owner('ReplicaSet', 'cart-6d5f8c7b9d')] };

describe('the workload of a pod', () => {
  it('of a ReplicaSet that a Deployment made is the Deployment', () =>
    assert.equal(
      workloadOf({ ...replicaSet, labels: { 'pod-template-hash': '6d5f8c7b9d' } }),
      'Deployment/cart',
    ));

  it('of a ReplicaSet that nobody made is the ReplicaSet', () => {
    assert.equal(workloadOf(replicaSet), 'ReplicaSet/cart-6d5f8c7b9d');
    for (const labels of [
      {},
      { 'pod-template-hash': '' },
      { 'pod-template-hash': 'other' },
      { 'pod-template-hash': 7 },
      'x',
      null,
    ])
      assert.equal(workloadOf({ ...replicaSet, labels }), 'ReplicaSet/cart-6d5f8c7b9d');
  });

  it('takes the hash off the end alone', () =>
    assert.equal(
      workloadOf({
        ownerReferences: [owner('ReplicaSet', 'a-abc-abc')],
        labels: { 'pod-template-hash': 'abc' },
      }),
      'Deployment/a-abc',
    ));

  it('of a Job that a CronJob made is the CronJob', () =>
    assert.equal(workloadOf({ ownerReferences: [owner('Job', 'backup-29384050')] }), 'CronJob/backup'));

  it('of another Job is the Job', () => {
    for (const name of ['backup', 'backup-2938405', 'backup-293840500', 'backup-2938405x', '29384050'])
      assert.equal(workloadOf({ ownerReferences: [owner('Job', name)] }), `Job/${name}`);
  });

  it('of any other kind is its owner', () => {
    for (const kind of ['StatefulSet', 'DaemonSet', 'Rollout'])
      assert.equal(workloadOf({ ownerReferences: [owner(kind, 'x')] }), `${kind}/x`);
  });

  it('is the owner that controls it, else the first', () => {
    const a = owner('A', 'a', false);
    const b = owner('B', 'b');
    assert.equal(workloadOf({ ownerReferences: [a, b] }), 'B/b');
    assert.equal(workloadOf({ ownerReferences: [a, { ...b, controller: undefined }] }), 'A/a');
  });

  it('is none of a bare pod, nor of a static one, which its node owns', () => {
    for (const ownerReferences of [undefined, [], [owner('Node', 'node-1')]])
      assert.equal(workloadOf({ ownerReferences }), undefined);
  });

  it('is none of an owner that does not say what it is', () => {
    for (const ownerReferences of [
      'x',
      7,
      {},
      [null],
      ['x'],
      [{}],
      [owner(7, 'x')],
      [owner('Job', undefined)],
    ])
      assert.equal(workloadOf({ ownerReferences }), undefined);
  });
});
