import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { beginOf, cutMiddle, widthOf } from '../../src/layout/width.ts';

describe('widthOf', () => {
  const widths: Readonly<Record<string, number>> = {
    '': 0,
    'cart-1': 6,
    数据库: 6,
    ﾊﾝｶｸ: 4,
    é: 1,
    'e\u0301': 1,
    '…': 1,
    '😀': 2,
  };
  for (const [text, cells] of Object.entries(widths))
    it(`counts ${cells} cells for ${JSON.stringify(text)}`, () => assert.equal(widthOf(text), cells));
});

describe('beginOf', () => {
  it('ends before a wide character that does not fit whole', () => assert.equal(beginOf('a数据', 4), 'a数'));

  it('keeps a mark with its letter', () => assert.equal(beginOf('e\u0301x', 1), 'e\u0301'));

  it('does not cut between two surrogates', () => assert.equal(beginOf('😀😀', 3), '😀'));
});

describe('cutMiddle', () => {
  it('keeps both ends, the beginning longer', () => {
    assert.equal(cutMiddle('checkout-7c9d8b6f54-q2xnl', 10), 'check…2xnl');
    assert.equal(cutMiddle('checkout-7c9d8b6f54-q2xnl', 11), 'check…q2xnl');
  });

  it('keeps a text that fits', () => assert.equal(cutMiddle('cart-1', 6), 'cart-1'));

  it('leaves only the ellipsis in one cell, and nothing in none', () => {
    assert.equal(cutMiddle('cart', 1), '…');
    assert.equal(cutMiddle('cart', 0), '');
  });

  it('leaves no mark after the ellipsis that would join it', () =>
    assert.equal(cutMiddle('abcdef\u0301gh', 6), 'abc…gh'));

  it('never gives more cells than asked for, for any text and width', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 20 }), (text, cells) => {
        assert.ok(widthOf(cutMiddle(text, cells)) <= cells);
      }),
    ));
});
