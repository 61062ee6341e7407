import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ItemCutter } from '../../src/edges/list-items.ts';

/** Fed in pieces of so many characters. */
function cut(text: string, size = text.length): { items: unknown[]; rest: unknown } {
  const cutter = new ItemCutter();
  const items: unknown[] = [];
  for (let at = 0; at < text.length; at += Math.max(1, size))
    for (const item of cutter.feed(text.slice(at, at + Math.max(1, size)))) items.push(JSON.parse(item));
  return { items, rest: JSON.parse(cutter.rest()) };
}

describe('a list', () => {
  it('is cut into its items, and what stands around them is left', () =>
    assert.deepEqual(
      cut('{"kind":"PodList","metadata":{"resourceVersion":"10"},"items":[{"a":1},{"b":[2]}]}'),
      {
        items: [{ a: 1 }, { b: [2] }],
        rest: { kind: 'PodList', metadata: { resourceVersion: '10' }, items: [] },
      },
    ));

  it('may have none', () => assert.deepEqual(cut('{"items":[]}'), { items: [], rest: { items: [] } }));

  it('is not confused by what its items hold', () => {
    const items = [{ items: [{ items: [] }], text: '"items":[{', more: 'a\\"},{' }];
    assert.deepEqual(cut(JSON.stringify({ items, after: { items: [1] } })).items, items);
  });

  it('has items only at its top', () => {
    const list = { metadata: { items: [{ a: 1 }] }, other: [{ b: 1 }], value: 'items' };
    assert.deepEqual(cut(JSON.stringify(list)), { items: [], rest: list });
  });

  it('is the same however it is cut and set', () => {
    const item = fc.object({ values: [fc.string({ unit: 'grapheme' }), fc.integer(), fc.constant('items')] });
    const list = fc.record({ metadata: item, items: fc.array(item), last: item });
    fc.assert(
      fc.property(
        list,
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(undefined, 1),
        (value, size, indent) => {
          const { items, rest } = cut(JSON.stringify(value, undefined, indent), size);
          const plain = JSON.parse(JSON.stringify(value)) as typeof value;
          assert.deepEqual(items, plain.items);
          assert.deepEqual(rest, { ...plain, items: [] });
        },
      ),
    );
  });

  it('that is none throws nothing here: whoever parses the rest says so', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (pieces) => {
        const cutter = new ItemCutter();
        for (const piece of pieces) cutter.feed(piece);
        assert.ok(cutter.rest().length <= pieces.join('').length);
      }),
    );
  });
});
