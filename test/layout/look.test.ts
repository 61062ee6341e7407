import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { markOf, paint, type Tone } from '../../src/layout/look.ts';

const tones: readonly Tone[] = ['bad', 'warn', 'good', 'dim', 'bold'];

describe('paint', () => {
  it('wraps a text in the codes of its tone, each tone in others', () => {
    const painted = tones.map((tone) => paint('OK', tone));
    assert.equal(painted[0], '\u001b[1;31mOK\u001b[0m');
    assert.equal(new Set(painted).size, tones.length);
    for (const text of painted) assert.equal(stripVTControlCharacters(text), 'OK');
  });

  it('leaves a text without a tone, and an empty one, as it is', () => {
    assert.equal(paint('OK', undefined), 'OK');
    assert.equal(paint('', 'bad'), '');
  });
});

describe('markOf', () => {
  it('marks only what needs attention, in ASCII where the locale has no more', () => {
    assert.deepEqual(
      tones.map((tone) => markOf(tone, false)),
      ['●', '▲', '', '', ''],
    );
    assert.deepEqual(
      tones.map((tone) => markOf(tone, true)),
      ['!', '*', '', '', ''],
    );
    assert.equal(markOf(undefined, false), '');
  });
});
