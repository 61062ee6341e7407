import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ItemCutter } from '../../src/kube/list-items.ts';

const MiB = 2 ** 20;

/** Feeds the text in chunks of `size` bytes. */
function cut(text: string, size = Buffer.byteLength(text)): { items: unknown[]; rest: unknown } {
  const cutter = new ItemCutter(MiB, MiB);
  const items: unknown[] = [];
  const all = Buffer.from(text);
  for (let at = 0; at < all.length; at += Math.max(1, size))
    cutter.feed(all.subarray(at, at + Math.max(1, size)), (item) => items.push(JSON.parse(item)));
  return { items, rest: JSON.parse(cutter.rest) };
}

describe('ItemCutter', () => {
  it('passes on the items of a list and keeps the text around them', () =>
    assert.deepEqual(
      cut('{"kind":"PodList","metadata":{"resourceVersion":"10"},"items":[{"a":1},{"b":[2]}]}'),
      {
        items: [{ a: 1 }, { b: [2] }],
        rest: { kind: 'PodList', metadata: { resourceVersion: '10' }, items: [] },
      },
    ));

  it('passes on no item of an empty list', () =>
    assert.deepEqual(cut('{"items":[]}'), { items: [], rest: { items: [] } }));

  it('ignores `items`, quotes and brackets inside items', () => {
    const items = [{ items: [{ items: [] }], text: '"items":[{', more: 'a\\"},{' }];
    assert.deepEqual(cut(JSON.stringify({ items, after: { items: [1] } })).items, items);
  });

  it('ignores `items` below the top level', () => {
    const list = { metadata: { items: [{ a: 1 }] }, other: [{ b: 1 }], value: 'items' };
    assert.deepEqual(cut(JSON.stringify(list)), { items: [], rest: list });
  });

  it('returns the same items for any chunk size and indentation', () => {
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

  it('does not throw for arbitrary text', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (pieces) => {
        const cutter = new ItemCutter(MiB, MiB);
        for (const piece of pieces) cutter.feed(Buffer.from(piece), () => {});
        assert.ok(cutter.rest.length <= pieces.join('').length);
      }),
    );
  });

  it('passes on the first 4096 bytes and the length of an item that is too long, and continues with the next', () => {
    const cutter = new ItemCutter(1_000, 10_000);
    const long = JSON.stringify({ name: 'long', more: 'x'.repeat(100_000) });
    const seen: unknown[] = [];
    const all = Buffer.from(`{"items":[${long},{"a":1}]}`);
    for (let at = 0; at < all.length; at += 777)
      cutter.feed(all.subarray(at, at + 777), (text, isWhole, bytes) =>
        seen.push([text.slice(0, 14), text.length, isWhole, bytes]),
      );
    assert.deepEqual(seen, [
      ['{"name":"long"', 4096, false, long.length],
      ['{"a":1}', 7, true, 7],
    ]);
    assert.deepEqual([cutter.isWhole, cutter.rest], [true, '{"items":[]}']);
  });

  it('is not whole when the text around the items exceeds its limit', () => {
    const cutter = new ItemCutter(1_000, 10_000);
    cutter.feed(Buffer.from(`{"metadata":"${'x'.repeat(1_000)}"`), () => assert.fail('no item'));
    assert.equal(cutter.isWhole, false);
  });

  it('closes a list that is cut off in the middle of an item', () => {
    const cutter = new ItemCutter(1_000, 10_000);
    const seen: string[] = [];
    cutter.feed(Buffer.from('{"metadata":{"a":1},"items":[{"a":1},{"b":'), (text) => seen.push(text));
    assert.deepEqual([seen, cutter.ended], [['{"a":1}'], '{"metadata":{"a":1},"items":[]}']);
  });

  it('passes on items that nest 200,000 levels deep, without recursion', () => {
    const deep = `${'[{"items":'.repeat(100_000)}1${'}]'.repeat(100_000)}`;
    const cutter = new ItemCutter(MiB, 4 * MiB);
    const lengths: number[] = [];
    cutter.feed(Buffer.from(`{"items":[${deep},${deep}]}`), (text) => lengths.push(text.length));
    assert.deepEqual(lengths, [deep.length, deep.length]);
  });
});
