import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Pods } from '../../src/app/pods.ts';
import { KubeFault } from '../../src/model/kube-fault.ts';

const pod = (uid: string, name = uid) => ({ metadata: { uid, name, namespace: 'shop' } });
const known = (pods: Pods) => [...pods.names.matching(() => true)].toSorted();

function listed(pods: Pods, ...items: readonly unknown[]): void {
  const listing = pods.list();
  for (const item of items) listing.add(item);
  listing.done();
}

it('knows the pods of the last list', () => {
  const pods = new Pods();
  listed(pods, pod('a'), pod('b'));
  listed(pods, pod('b'), pod('c'));
  assert.deepEqual(known(pods), ['b', 'c']);
});

it('follows what comes, changes and goes', () => {
  const pods = new Pods();
  listed(pods, pod('a'));
  assert.deepEqual(known(pods), ['a']);
  pods.change('ADDED', pod('b'));
  pods.change('MODIFIED', pod('a', 'renamed'));
  assert.deepEqual(known(pods), ['a', 'b']);
  assert.equal(pods.names.pod('a')?.name, 'renamed');
  pods.change('DELETED', pod('a'));
  assert.deepEqual(known(pods), ['b']);
});

it('keeps the others where one cannot be understood, and says which', () => {
  const pods = new Pods();
  listed(pods, { metadata: { uid: 'x', namespace: 'shop' } }, pod('a'));
  assert.deepEqual(known(pods), ['a']);
  assert.deepEqual(pods.faults, ['pod.metadata.name: expected a text, got nothing']);
  pods.change('MODIFIED', pod('x'));
  assert.deepEqual([known(pods), pods.faults], [['a', 'x'], []]);
});

it('says since when and why it is out of step', () => {
  const pods = new Pods();
  assert.equal(pods.outOfStep(0), 'ever: there is no answer yet');
  pods.fault = new KubeFault(0, 'ECONNREFUSED', 'refused');
  assert.equal(pods.outOfStep(0), 'ever: refused');
  pods.inStepAt = 1_000;
  assert.equal(pods.outOfStep(66_000), 'for 65 s: refused');
});

it('is out of step, too, when nothing was heard for long and nobody knows why', () => {
  const pods = new Pods();
  pods.inStepAt = 1_000;
  assert.equal(pods.outOfStep(151_000), undefined);
  assert.equal(pods.outOfStep(171_000), 'for 170 s: nothing was heard since');
});
