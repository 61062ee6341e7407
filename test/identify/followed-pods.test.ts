import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FollowedPods } from '../../src/identify/followed-pods.ts';
import { ApiError } from '../../src/kube/api-error.ts';

const pod = (uid: string, name = uid) => ({ metadata: { uid, name, namespace: 'shop' } });
const known = (pods: FollowedPods) => [...pods.names.matching(() => true)].toSorted();

function listed(pods: FollowedPods, ...items: readonly unknown[]): void {
  const listing = pods.list();
  for (const item of items) listing.add(item);
  listing.done();
}

it('has exactly the pods of the last list', () => {
  const pods = new FollowedPods();
  listed(pods, pod('a'), pod('b'));
  listed(pods, pod('b'), pod('c'));
  assert.deepEqual(known(pods), ['b', 'c']);
});

it('adds, replaces and removes pods by ADDED, MODIFIED and DELETED events', () => {
  const pods = new FollowedPods();
  listed(pods, pod('a'));
  assert.deepEqual(known(pods), ['a']);
  pods.change('ADDED', pod('b'));
  pods.change('MODIFIED', pod('a', 'renamed'));
  assert.deepEqual(known(pods), ['a', 'b']);
  assert.equal(pods.names.pod('a')?.name, 'renamed');
  pods.change('DELETED', pod('a'));
  assert.deepEqual(known(pods), ['b']);
});

it('keeps the other pods when one has no name, and reports that one until it is valid', () => {
  const pods = new FollowedPods();
  listed(pods, { metadata: { uid: 'x', namespace: 'shop' } }, pod('a'));
  assert.deepEqual(known(pods), ['a']);
  assert.deepEqual(pods.faults, ['pod.metadata.name: expected a text, got nothing']);
  pods.change('MODIFIED', pod('x'));
  assert.deepEqual([known(pods), pods.faults], [['a', 'x'], []]);
});

it('reports since when and why its pods may be stale', () => {
  const pods = new FollowedPods();
  assert.equal(pods.outOfStep(0), 'since the start: no answer yet');
  pods.fault = new ApiError(0, 'ECONNREFUSED', 'refused');
  assert.equal(pods.outOfStep(0), 'since the start: refused');
  pods.inStepAt = 1_000;
  assert.equal(pods.outOfStep(66_000), 'for 65 s: refused');
});

it('reports stale pods after 170 s without an event, without a known error', () => {
  const pods = new FollowedPods();
  pods.inStepAt = 1_000;
  assert.equal(pods.outOfStep(151_000), undefined);
  assert.equal(pods.outOfStep(171_000), 'for 170 s: no event or bookmark');
});

describe('above the limits', () => {
  it('counts each dropped pod once over ADDED, MODIFIED and DELETED events', () => {
    const pods = new FollowedPods();
    const metadata = (at: number) => ({ uid: `u-${at}`, name: `p-${at}`, namespace: 'shop' });
    const large = (at: number) => ({ metadata: metadata(at), why: 'too long' });
    const counted = (): number => pods.faults.length + pods.moreFaults;
    for (let at = 0; at < 100; at++) pods.largeChange('ADDED', large(at));
    assert.equal(counted(), 100);
    for (let at = 0; at < 100; at++) pods.largeChange('MODIFIED', large(at));
    assert.equal(counted(), 100);
    for (let at = 0; at < 50; at++) pods.change('MODIFIED', { metadata: metadata(at) });
    assert.deepEqual([counted(), known(pods).length], [50, 50]);
    for (let at = 50; at < 100; at++) pods.largeChange('DELETED', large(at));
    assert.deepEqual([counted(), known(pods).length], [0, 50]);
  });
});

it('ignores a pod of another node and reports it', () => {
  const pods = new FollowedPods('node-1');
  listed(pods, { ...pod('a'), spec: { nodeName: 'node-1' } }, { ...pod('b'), spec: { nodeName: 'node-2' } });
  assert.deepEqual(known(pods), ['a']);
  assert.deepEqual(pods.faults, ['ignored 1 pods of other nodes, which the agent did not request']);
});

it('reports why a list was cut off until the next complete list', () => {
  const pods = new FollowedPods();
  pods.list().cut('more than 9 items');
  assert.deepEqual(pods.faults, ['the list of pods was cut off: more than 9 items']);
  listed(pods, pod('a'));
  assert.deepEqual(pods.faults, []);
});

it('keeps known pods when a list breaks off', () => {
  const pods = new FollowedPods();
  listed(pods, pod('a'), pod('b'));
  pods.list().add(pod('c'));
  assert.deepEqual(known(pods), ['a', 'b', 'c']);
});
