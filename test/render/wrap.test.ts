import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { wrap, wrapWords } from '../../src/render/wrap.ts';

describe('a sentence', () => {
  it('is broken at its spaces', () =>
    assert.deepEqual(wrap('one two three', 9, '  '), ['  one two', '  three']));

  it('keeps words together that belong together', () =>
    assert.deepEqual(wrapWords(['one two', 'three'], 10, ''), ['one two', 'three']));

  it('lets a long word stand alone', () =>
    assert.deepEqual(wrap('a longword b', 4, ''), ['a', 'longword', 'b']));

  it('loses no word', () =>
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
