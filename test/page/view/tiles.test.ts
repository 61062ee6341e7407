import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { podsIn } from '../../../src/page/view/entries.ts';
import { modelOf } from '../../../src/page/view/leaves.ts';
import type { Scope } from '../../../src/page/view/scope.ts';
import { tilesOf } from '../../../src/page/view/tiles.ts';
import { madePage } from '../made-page.ts';
import { Mi, modelWith, pod } from '../some.ts';

describe('tilesOf', () => {
  const model = modelOf(madePage(5000));
  const into = { x: 0, y: 0, width: 1200, height: 300 };
  const groups = tilesOf(model, model.pods, {}, into);

  it('has groups for namespaces, the largest first', () => {
    const sizes = groups.map(({ bytes }) => bytes);
    assert.deepEqual(
      sizes,
      sizes.toSorted((a, b) => b - a),
    );
    assert.equal(groups.length, 8);
  });

  it('shows no more than 41 tiles of a group, the last for all others', () => {
    for (const { tiles, bytes } of groups) {
      assert.ok(tiles.length <= 41, `${tiles.length}`);
      const sum = tiles.reduce((total, tile) => total + tile.bytes, 0);
      assert.ok(Math.abs(sum - bytes) < 1);
    }
    assert.match(groups[0]?.tiles.at(-1)?.name ?? '', /^\d+ more$/);
  });

  it('shows pods in a workload, and containers in a pod', () => {
    const [first] = model.pods;
    assert.ok(first !== undefined);
    const { namespace, workload, name } = first;
    const tiles = (scope: object) => tilesOf(model, podsIn(model, scope), scope, into)[0]?.tiles ?? [];
    assert.equal(tiles({ namespace, workload })[0]?.entry?.level, 'pod');
    assert.equal(tiles({ namespace, workload, pod: name })[0]?.entry?.level, 'container');
  });

  it('leaves out what has no figures', () => {
    const without = modelWith([pod('a/x', [{}]), pod('b/y', [{ real: 5 * Mi }])]);
    assert.deepEqual(
      tilesOf(without, without.pods, {}, into).map(({ name }) => name),
      ['b'],
    );
  });

  const names = (pods: readonly ReturnType<typeof pod>[], scope: Scope = {}, room = into, more = {}) => {
    const made = modelWith(pods, more);
    return tilesOf(made, podsIn(made, scope), scope, room).map(({ name, tiles }) => [
      ...[name, tiles.map((tile) => tile.name).join()],
    ]);
  };
  const two = [pod('a/x', [{ real: 5 }]), pod('a/y', [{ real: 4 }], { workload: 'Deployment/web' })];
  const others = [{ node: 'n1', type: 'service', name: 'sshd.service', real: 5 }];

  it('has groups of namespaces with workloads in short, and no group inside a namespace', () => {
    assert.deepEqual(names(two), [['a', 'cart,web']]);
    assert.deepEqual(names(two, { namespace: 'a' }), [['', 'cart,web']]);
  });

  it('shows cgroups outside pods one by one, beside pods, alone, and where no pod runs', () => {
    const apart = ['(outside pods)', 'sshd.service'];
    assert.deepEqual(names(two, {}, into, { others }), [['a', 'cart,web'], apart]);
    assert.deepEqual(names(two, { namespace: '(outside pods)' }, into, { others }), [['', 'sshd.service']]);
    assert.equal(names([], {}, into, { others })[0]?.[1], 'sshd.service');
  });

  it('leaves out a namespace with a five-hundredth of the memory, and shows one with more', () => {
    const small = (real: number) =>
      names([pod('a/x', [{ real: 1000 - real }]), pod('b/y', [{ real }])]).length;
    assert.deepEqual([small(2), small(3)], [1, 2]);
  });

  it('shows the 24 largest of 25 namespaces', () => {
    const all = Array.from({ length: 25 }, (_, index) => pod(`ns${index}/x`, [{ real: 100 + index }]));
    const shown = names(all).map(([name]) => name);
    assert.deepEqual([shown.length, shown.includes('ns0'), shown.includes('ns1')], [24, false, true]);
  });

  it('has a heading where a group has room for it, and tiles below it', () => {
    const model = modelWith(two);
    const inRoom = (width: number, height: number) =>
      tilesOf(model, model.pods, {}, { ...into, width, height })[0];
    const [high, low, narrow] = [inRoom(200, 41), inRoom(200, 40), inRoom(40, 100)];
    assert.deepEqual([high?.hasHeading, low?.hasHeading, narrow?.hasHeading], [true, false, false]);
    assert.deepEqual([high?.tiles[0]?.rect.y, low?.tiles[0]?.rect.y], [20, 0]);
  });

  it('has the area of real and page cache, and the share of real in it', () => {
    const tilesWith = (container: object) => {
      const model = modelWith([pod('a/x', [container])]);
      const [tile] = tilesOf(model, model.pods, {}, into)[0]?.tiles ?? [];
      return [tile?.bytes, tile?.realShare, tile?.share];
    };
    assert.deepEqual(tilesWith({ real: 5, usage: 20, limit: 50 }), [20, 0.25, 0.1]);
    assert.deepEqual(tilesWith({ real: 5 }), [5, 1, undefined]);
  });
});
