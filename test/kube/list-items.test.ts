import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ItemCutter } from '../../src/kube/list-items.ts';

const MiB = 2 ** 20;

/** Fed in pieces of so many bytes. */
function cut(text: string, size = Buffer.byteLength(text)): { items: unknown[]; rest: unknown } {
  const cutter = new ItemCutter(MiB, MiB);
  const items: unknown[] = [];
  const all = Buffer.from(text);
  for (let at = 0; at < all.length; at += Math.max(1, size))
    cutter.feed(all.subarray(at, at + Math.max(1, size)), (item) => items.push(JSON.parse(item)));
  return { items, rest: JSON.parse(cutter.rest) };
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
        const cutter = new ItemCutter(MiB, MiB);
        for (const piece of pieces) cutter.feed(Buffer.from(piece), () => {});
        assert.ok(cutter.rest.length <= pieces.join('').length);
      }),
    );
  });

  it('gives of an item that is too long its beginning and its length, and goes on with the next', () => {
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

  it('says when there is too much beside its items', () => {
    const cutter = new ItemCutter(1_000, 10_000);
    cutter.feed(Buffer.from(`{"metadata":"${'x'.repeat(1_000)}"`), () => assert.fail('no item'));
    assert.equal(cutter.isWhole, false);
  });

  it('can be ended after any item', () => {
    const cutter = new ItemCutter(1_000, 10_000);
    const seen: string[] = [];
    cutter.feed(Buffer.from('{"metadata":{"a":1},"items":[{"a":1},{"b":'), (text) => seen.push(text));
    assert.deepEqual([seen, cutter.ended], [['{"a":1}'], '{"metadata":{"a":1},"items":[]}']);
  });

  it('may nest as deep as it likes: nothing here recurses', () => {
    const deep = `${'[{"items":'.repeat(100_000)}1${'}]'.repeat(100_000)}`;
    const cutter = new ItemCutter(MiB, 4 * MiB);
    const lengths: number[] = [];
    cutter.feed(Buffer.from(`{"items":[${deep},${deep}]}`), (text) => lengths.push(text.length));
    assert.deepEqual(lengths, [deep.length, deep.length]);
  });
});
