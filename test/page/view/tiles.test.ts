import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { podsIn } from '../../../src/page/view/entries.ts';
import { modelOf } from '../../../src/page/view/leaves.ts';
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
});
