import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Rect, treemap } from '../../src/page/view/treemap.ts';

const into: Rect = { x: 10, y: 20, width: 600, height: 400 };
const area = ({ width, height }: Rect): number => width * height;

const amounts = fc
  .array(fc.integer({ min: 1, max: 1e12 }), { minLength: 1, maxLength: 60 })
  .map((some) => some.toSorted((a, b) => b - a));

describe('treemap', () => {
  it('lays out the example of the paper of Bruls, Huizing and van Wijk', () => {
    const rects = treemap([6, 6, 4, 3, 2, 2, 1], { x: 0, y: 0, width: 6, height: 4 });
    const rounded = rects.map(({ x, y, width, height }) =>
      [x, y, width, height].map((one) => Number(one.toFixed(2))),
    );
    assert.deepEqual(rounded, [
      [0, 0, 3, 2],
      [0, 2, 3, 2],
      [3, 0, 1.71, 2.33],
      [4.71, 0, 1.29, 2.33],
      [3, 2.33, 1.2, 1.67],
      [4.2, 2.33, 1.2, 1.67],
      [5.4, 2.33, 0.6, 1.67],
    ]);
  });

  it('gives each amount its share of the area', () => {
    fc.assert(
      fc.property(amounts, (some) => {
        const total = some.reduce((sum, one) => sum + one, 0);
        for (const [index, rect] of treemap(some, into).entries())
          assert.ok(Math.abs(area(rect) / area(into) - (some[index] ?? 0) / total) < 1e-6);
      }),
    );
  });

  it('stays inside, and no two tiles overlap', () => {
    fc.assert(
      fc.property(amounts, (some) => {
        const rects = treemap(some, into);
        const slack = 1e-6;
        for (const [index, a] of rects.entries()) {
          assert.ok(a.x >= into.x - slack && a.x + a.width <= into.x + into.width + slack);
          assert.ok(a.y >= into.y - slack && a.y + a.height <= into.y + into.height + slack);
          for (const b of rects.slice(index + 1)) {
            const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
            const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
            assert.ok(width < slack || height < slack);
          }
        }
      }),
    );
  });

  it('makes 40 equal tiles that are nearly squares', () => {
    const ratios = treemap(Array(40).fill(1), into).map(({ width, height }) =>
      Math.max(width / height, height / width),
    );
    assert.ok(Math.max(...ratios) < 2, String(Math.max(...ratios)));
  });

  it('gives tiles without an area where there is no room or no amount', () => {
    assert.deepEqual(treemap([1, 2], { ...into, width: 0 }).map(area), [0, 0]);
    assert.deepEqual(treemap([0, 0], into).map(area), [0, 0]);
    assert.deepEqual(treemap([], into), []);
  });
});
