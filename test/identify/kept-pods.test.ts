import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KeptPods } from '../../src/identify/kept-pods.ts';
import { keptPodOf } from '../../src/pods/kept.ts';

const mostPods = 1_000;
const mostBytes = 2 * 1024 * 1024;

/** A pod whose annotation has this many characters. */
const sized = (uid: string, size: number, status: object = {}) => ({
  metadata: { uid, name: uid, namespace: 'shop', annotations: { 'realmem.dev/memory': 'm'.repeat(size) } },
  spec: { containers: [{ name: 'main' }] },
  status: { containerStatuses: [{ name: 'main', ...status }] },
});
const ended = { containerID: 'containerd://a', state: { terminated: {} } };
const runs = { containerID: 'containerd://a', state: { running: {} } };

const add = (pods: KeptPods, ...objects: readonly ReturnType<typeof sized>[]): void => {
  for (const object of objects) pods.add(object.metadata.uid, object);
};

function listed(pods: KeptPods, ...objects: readonly ReturnType<typeof sized>[]): void {
  pods.begin();
  add(pods, ...objects);
  pods.complete();
}

const many = (count: number, name: string, size = 1, status: object = {}) =>
  Array.from({ length: count }, (_, at) => sized(`${name}-${at}`, size, status));

const uidsOf = (pods: KeptPods): readonly string[] => pods.pods().map(({ uid }) => uid);
const countOf = (pods: KeptPods, name: string): number =>
  uidsOf(pods).filter((uid) => uid.startsWith(`${name}-`)).length;
const dropped = (pods: KeptPods): number => pods.faults.length + pods.moreFaults;

describe('KeptPods', () => {
  it('keeps 1,000 pods, and drops and reports one of 1,001', () => {
    const pods = new KeptPods();
    listed(pods, ...many(mostPods, 'p'));
    assert.deepEqual([uidsOf(pods).length, dropped(pods)], [mostPods, 0]);
    add(pods, sized('one-more', 1));
    assert.deepEqual([uidsOf(pods).length, dropped(pods)], [mostPods, 1]);
  });

  it('keeps pods of exactly 2 MiB in total, and drops one at a byte more', () => {
    const bytesOf = (object: object): number => keptPodOf(object).bytes;
    const large = Array.from({ length: 120 }, (_, at) => sized(`p-${100 + at}`, 16_000));
    const rest = mostBytes - large.length * bytesOf(large[0] as object);
    const empty = bytesOf(sized('z', 1)) - 1;
    // The rest as pods of up to 16,000 characters each.
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'];
    const share = Math.floor(rest / names.length);
    const fill = names.map((name, at) =>
      sized(name, (at === 0 ? rest - share * (names.length - 1) : share) - empty),
    );
    assert.equal(
      [...large, ...fill].reduce((sum, one) => sum + bytesOf(one), 0),
      mostBytes,
    );
    const pods = new KeptPods();
    listed(pods, ...large, ...fill);
    assert.deepEqual([uidsOf(pods).length, dropped(pods)], [132, 0]);
    add(
      pods,
      sized('a', (fill[0] as (typeof fill)[0]).metadata.annotations['realmem.dev/memory'].length + 1),
    );
    assert.deepEqual([uidsOf(pods).length, dropped(pods)], [131, 1]);
  });

  it('frees the bytes of a replaced, removed or refused pod', () => {
    const pods = new KeptPods();
    for (let times = 0; times < 200; times++) {
      add(pods, sized('a', 16_000), sized('a', 16_000));
      add(pods, sized('b', 16_000));
      pods.remove('b');
      add(pods, sized('c', 16_000));
      pods.refuse('c', 'too long');
    }
    add(pods, sized('d', 1));
    assert.deepEqual(uidsOf(pods).toSorted(), ['a', 'd']);
    assert.deepEqual(pods.faults, ['too long']);
  });

  it('keeps running pods before ended ones, and ended ones before pods that have not started', () => {
    for (const order of [0, 1, 2]) {
      const pods = new KeptPods();
      const kinds = [many(400, 'new'), many(400, 'ended', 1, ended), many(400, 'running', 1, runs)];
      listed(pods, ...[...kinds.slice(order), ...kinds.slice(0, order)].flat());
      assert.deepEqual(
        ['running', 'ended', 'new'].map((kind) => countOf(pods, kind)),
        [400, 400, 200],
      );
      assert.equal(dropped(pods), 200);
      assert.match(
        pods.faults[0] ?? '',
        /^pod shop\/new-\d+: dropped; at most 1000 pods and 2097152 bytes are kept/,
      );
    }
  });

  it('drops the largest pods of the same rank', () => {
    const pods = new KeptPods();
    listed(pods, ...many(200, 'fat', 16_000, runs), ...many(200, 'thin', 100, runs));
    assert.equal(countOf(pods, 'thin'), 200);
    const fat = countOf(pods, 'fat');
    assert.ok(fat > 100 && fat < 140, `${fat}`);
  });

  it('drops a small pod that has not started before a large one that runs', () => {
    const pods = new KeptPods();
    listed(pods, ...many(999, 'running', 1, runs), sized('large', 16_000, runs), sized('small', 1));
    assert.equal(uidsOf(pods).includes('large'), true);
    assert.equal(uidsOf(pods).includes('small'), false);
  });

  it('drops the pods of the previous list first, whatever their rank, and does not report them', () => {
    const pods = new KeptPods();
    listed(pods, ...many(1_100, 'old', 1, runs));
    assert.equal(dropped(pods), 100);
    pods.begin();
    add(pods, ...many(900, 'new'));
    assert.deepEqual([countOf(pods, 'new'), countOf(pods, 'old')], [900, 100]);
    pods.complete();
    assert.deepEqual([countOf(pods, 'new'), countOf(pods, 'old'), dropped(pods)], [900, 0, 0]);
  });

  it('keeps known pods while a list is incomplete, and drops those not in it at its end', () => {
    const pods = new KeptPods();
    listed(pods, sized('a', 1), sized('b', 1));
    pods.begin();
    add(pods, sized('b', 1), sized('c', 1));
    assert.deepEqual(uidsOf(pods).toSorted(), ['a', 'b', 'c']);
    pods.complete();
    assert.deepEqual(uidsOf(pods).toSorted(), ['b', 'c']);
  });

  it('keeps a pod that an event added after a list through the end of no other list', () => {
    const pods = new KeptPods();
    listed(pods, sized('a', 1));
    add(pods, sized('b', 1));
    pods.complete();
    assert.deepEqual(uidsOf(pods).toSorted(), ['a', 'b']);
    listed(pods, sized('a', 1));
    assert.deepEqual(uidsOf(pods), ['a']);
  });
});

describe('KeptPods, for pods that it cannot keep,', () => {
  it('drops the last good version of a pod that became malformed, and reports it until it is valid', () => {
    const pods = new KeptPods();
    add(pods, sized('a', 1));
    pods.add('a', { metadata: { uid: 'a', namespace: 'shop' } });
    assert.deepEqual(uidsOf(pods), []);
    assert.deepEqual(pods.faults, ['pod.metadata.name: expected a text, got nothing']);
    add(pods, sized('a', 1));
    assert.deepEqual([uidsOf(pods), pods.faults], [['a'], []]);
  });

  it('names 16, and counts the others', () => {
    const pods = new KeptPods();
    for (let at = 0; at < 20; at++) pods.refuse(`u-${at}`, `why ${at}`);
    assert.deepEqual([pods.faults.length, pods.faults.at(-1), pods.moreFaults], [16, 'why 15', 4]);
  });

  it('replaces the reason of a named pod, also above 16', () => {
    const pods = new KeptPods();
    for (let at = 0; at < 20; at++) pods.refuse(`u-${at}`, 'first');
    pods.refuse('u-3', 'second');
    assert.deepEqual([pods.faults.filter((why) => why === 'second').length, pods.moreFaults], [1, 4]);
  });

  it('forgets a removed pod that is named, then one that is only counted, and never counts below 0', () => {
    const pods = new KeptPods();
    for (let at = 0; at < 17; at++) pods.refuse(`u-${at}`, 'why');
    pods.remove('u-0');
    assert.deepEqual([pods.faults.length, pods.moreFaults], [15, 1]);
    pods.remove('u-16');
    assert.deepEqual([pods.faults.length, pods.moreFaults], [15, 0]);
    pods.remove('unknown');
    assert.deepEqual([pods.faults.length, pods.moreFaults], [15, 0]);
  });

  it('does not count down when a pod that it keeps is removed', () => {
    const pods = new KeptPods();
    add(pods, sized('a', 1));
    for (let at = 0; at < 18; at++) pods.refuse(`u-${at}`, 'why');
    pods.remove('a');
    assert.deepEqual([pods.faults.length, pods.moreFaults, uidsOf(pods)], [16, 2, []]);
  });

  it('forgets all reasons when a new list begins', () => {
    const pods = new KeptPods();
    for (let at = 0; at < 20; at++) pods.refuse(`u-${at}`, 'why');
    pods.begin();
    assert.deepEqual([pods.faults, pods.moreFaults], [[], 0]);
  });

  it('clips a reason to 640 characters and makes it printable', () => {
    const pods = new KeptPods();
    pods.refuse('a', `one\ntwo\u001b[2J${'x'.repeat(2_000)}`);
    const [why = ''] = pods.faults;
    assert.doesNotMatch(why, /\p{Cc}/u);
    assert.ok(why.length > 600 && why.length < 700, `${why.length}`);
  });

  it('reports objects that are no pods, and keeps the others', () => {
    const pods = new KeptPods();
    for (const [at, object] of [null, undefined, 5, 'x', [], {}].entries()) pods.add(`u-${at}`, object);
    add(pods, sized('a', 1));
    assert.deepEqual([uidsOf(pods), pods.faults.length], [['a'], 6]);
  });
});
