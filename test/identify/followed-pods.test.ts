import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pods } from '../../src/identify/followed-pods.ts';
import { ApiError } from '../../src/kube/api-error.ts';

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
  pods.fault = new ApiError(0, 'ECONNREFUSED', 'refused');
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

describe('of more pods than are kept', () => {
  const sized = (uid: string, size: number, status: object = {}) => ({
    metadata: { uid, name: uid, namespace: 'shop', annotations: { 'realmem.dev/memory': 'm'.repeat(size) } },
    spec: { containers: [{ name: 'main' }] },
    status: { containerStatuses: [{ name: 'main', ...status }] },
  });
  const ended = { containerID: 'containerd://a', state: { terminated: {} } };
  const runs = { containerID: 'containerd://a', state: { running: {} } };

  it('those that run are kept before those that ran, and those before what has not begun', () => {
    const pods = new Pods();
    const many = (name: string, status: object) =>
      Array.from({ length: 400 }, (_, at) => sized(`${name}-${at}`, 1, status));
    listed(pods, ...many('new', {}), ...many('ended', ended), ...many('running', runs));
    const kinds = Map.groupBy(known(pods), (uid) => uid.split('-')[0]);
    assert.deepEqual(
      ['running', 'ended', 'new'].map((kind) => kinds.get(kind)?.length),
      [400, 400, 200],
    );
    assert.equal(pods.faults.length + pods.moreFaults, 200);
    assert.match(pods.faults[0] ?? '', /^pod shop\/new-\d+: 1000 pods and 2097152 bytes of them are kept/);
  });

  it('the largest give way', () => {
    const pods = new Pods();
    const fat = Array.from({ length: 200 }, (_, at) => sized(`fat-${at}`, 16_000, runs));
    const thin = Array.from({ length: 200 }, (_, at) => sized(`thin-${at}`, 100, runs));
    listed(pods, ...fat, ...thin);
    const kept = known(pods);
    assert.equal(kept.filter((uid) => uid.startsWith('thin')).length, 200);
    const fats = kept.filter((uid) => uid.startsWith('fat')).length;
    assert.ok(fats > 100 && fats < 140, `${fats}`);
  });

  it('what a new list no longer has gives way first, and the count begins anew', () => {
    const pods = new Pods();
    listed(pods, ...Array.from({ length: 1_100 }, (_, at) => sized(`old-${at}`, 1, runs)));
    listed(pods, ...Array.from({ length: 900 }, (_, at) => sized(`new-${at}`, 1)));
    assert.equal(known(pods).filter((uid) => uid.startsWith('new')).length, 900);
    assert.deepEqual([pods.faults, pods.moreFaults], [[], 0]);
  });

  it('each is counted once, whatever happens to it', () => {
    const pods = new Pods();
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

it('takes no pod of another node, and says that such came', () => {
  const pods = new Pods('node-1');
  listed(pods, { ...pod('a'), spec: { nodeName: 'node-1' } }, { ...pod('b'), spec: { nodeName: 'node-2' } });
  assert.deepEqual(known(pods), ['a']);
  assert.deepEqual(pods.faults, ['1 pods of other nodes came, which were not asked for']);
});

it('says why a list was not read to its end, until one is', () => {
  const pods = new Pods();
  pods.list().cut('it has more than 9 items');
  assert.deepEqual(pods.faults, ['the list of pods is not read to its end: it has more than 9 items']);
  listed(pods, pod('a'));
  assert.deepEqual(pods.faults, []);
});

it('keeps what it knows where a list breaks off', () => {
  const pods = new Pods();
  listed(pods, pod('a'), pod('b'));
  pods.list().add(pod('c'));
  assert.deepEqual(known(pods), ['a', 'b', 'c']);
});
