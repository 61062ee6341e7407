import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { workloadOf } from '../../src/pods/workload.ts';

const owner = (kind: unknown, name: unknown, controller: unknown = true) => ({ kind, name, controller });
const replicaSet = { ownerReferences: [owner('ReplicaSet', 'cart-6d5f8c7b9d')] };

describe('workloadOf', () => {
  it('returns the Deployment for a ReplicaSet of a Deployment', () =>
    assert.equal(
      workloadOf({ ...replicaSet, labels: { 'pod-template-hash': '6d5f8c7b9d' } }),
      'Deployment/cart',
    ));

  it('returns the ReplicaSet if no Deployment made it', () => {
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

  it('removes the hash only from the end of the name', () =>
    assert.equal(
      workloadOf({
        ownerReferences: [owner('ReplicaSet', 'a-abc-abc')],
        labels: { 'pod-template-hash': 'abc' },
      }),
      'Deployment/a-abc',
    ));

  it('returns the CronJob for a Job of a CronJob', () =>
    assert.equal(workloadOf({ ownerReferences: [owner('Job', 'backup-29384050')] }), 'CronJob/backup'));

  it('returns the Job if no CronJob made it', () => {
    for (const name of ['backup', 'backup-2938405', 'backup-293840500', 'backup-2938405x', '29384050'])
      assert.equal(workloadOf({ ownerReferences: [owner('Job', name)] }), `Job/${name}`);
  });

  it('returns the owner for any other kind', () => {
    for (const kind of ['StatefulSet', 'DaemonSet', 'Rollout'])
      assert.equal(workloadOf({ ownerReferences: [owner(kind, 'x')] }), `${kind}/x`);
  });

  it('returns the controlling owner, or else the first', () => {
    const a = owner('A', 'a', false);
    const b = owner('B', 'b');
    assert.equal(workloadOf({ ownerReferences: [a, b] }), 'B/b');
    assert.equal(workloadOf({ ownerReferences: [a, { ...b, controller: undefined }] }), 'A/a');
  });

  it('returns undefined for a bare pod and for a static pod, whose owner is its node', () => {
    for (const ownerReferences of [undefined, [], [owner('Node', 'node-1')]])
      assert.equal(workloadOf({ ownerReferences }), undefined);
  });

  it('returns undefined if the owner has no kind or no name', () => {
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
