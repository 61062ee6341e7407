import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Pods } from '../../src/app/pods.ts';

const pod = (uid: string, name = uid) => ({ metadata: { uid, name, namespace: 'shop' } });
const known = (pods: Pods) => [...pods.names.matching(() => true)].toSorted();

it('knows the pods of the last list', () => {
  const pods = new Pods();
  pods.replace([pod('a'), pod('b')]);
  pods.replace([pod('b'), pod('c')]);
  assert.deepEqual(known(pods), ['b', 'c']);
});

it('follows what comes, changes and goes', () => {
  const pods = new Pods();
  pods.replace([pod('a')]);
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
  pods.replace([{ metadata: { uid: 'x', namespace: 'shop' } }, pod('a')]);
  assert.deepEqual(known(pods), ['a']);
  assert.deepEqual(pods.faults, ['pod.metadata.name: expected a text, got nothing']);
  pods.change('MODIFIED', pod('x'));
  assert.deepEqual([known(pods), pods.faults], [['a', 'x'], []]);
});
