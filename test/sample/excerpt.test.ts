import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { excerpt } from '../../src/model/text.ts';
import { bytesOf } from './any-bytes.ts';

describe('an excerpt', () => {
  it('is one line in quotes', () => assert.equal(excerpt(bytesOf('one\ntwo\nthree'), 2), '"two"'));

  it('is the whole file where no line is given', () =>
    assert.equal(excerpt(bytesOf('one\ntwo')), '"one\\u000atwo"'));

  it('says that there is nothing', () => {
    assert.equal(excerpt(bytesOf('')), 'nothing');
    assert.equal(excerpt(bytesOf('one\n\ntwo'), 2), 'nothing');
    assert.equal(excerpt(bytesOf('one'), 9), 'nothing');
  });

  it('is cut short, and shows that it was', () => {
    assert.equal(excerpt(bytesOf('x'.repeat(78))), `"${'x'.repeat(78)}"`);
    assert.equal(excerpt(bytesOf('x'.repeat(79))), `"${'x'.repeat(77)}…"`);
  });

  it('shows bytes that are no UTF-8 as U+FFFD', () =>
    assert.equal(excerpt(Uint8Array.of(0x61, 0xff, 0x62)), '"a\ufffdb"'));
});
