import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { wrap, wrapWords } from '../../src/layout/wrap.ts';

describe('wrap', () => {
  it('breaks a sentence at its spaces', () =>
    assert.deepEqual(wrap('one two three', 9, '  '), ['  one two', '  three']));

  it('keeps a word with spaces on one line', () =>
    assert.deepEqual(wrapWords(['one two', 'three'], 10, ''), ['one two', 'three']));

  it('puts a word that is too long on a line of its own', () =>
    assert.deepEqual(wrap('a longword b', 4, ''), ['a', 'longword', 'b']));

  it('counts two cells for a wide character', () => assert.deepEqual(wrap('数据 库', 6, ''), ['数据', '库']));

  it('keeps every word, for any words and width', () =>
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1 }),
        fc.integer({ min: 12, max: 40 }),
        (words, width) => {
          const lines = wrap(words.join(' '), width, '  ');
          assert.deepEqual(
            lines.flatMap((line) => line.trim().split(' ')),
            words,
          );
          for (const line of lines) assert.ok(line.length <= width);
        },
      ),
    ));
});
