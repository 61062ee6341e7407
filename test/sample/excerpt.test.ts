import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { excerpt } from '../../src/model/text.ts';
import { bytesOf } from '../any-bytes.ts';

describe('excerpt', () => {
  it('returns one line in quotes', () => assert.equal(excerpt(bytesOf('one\ntwo\nthree'), 2), '"two"'));

  it('returns the whole file without a line number', () =>
    assert.equal(excerpt(bytesOf('one\ntwo')), '"one\\u000atwo"'));

  it('says that there is nothing', () => {
    assert.equal(excerpt(bytesOf('')), 'nothing');
    assert.equal(excerpt(bytesOf('one\n\ntwo'), 2), 'nothing');
    assert.equal(excerpt(bytesOf('one'), 9), 'nothing');
  });

  it('cuts a long line and shows that', () => {
    assert.equal(excerpt(bytesOf('x'.repeat(78))), `"${'x'.repeat(78)}"`);
    assert.equal(excerpt(bytesOf('x'.repeat(79))), `"${'x'.repeat(77)}…"`);
  });

  it('shows invalid UTF-8 as U+FFFD', () =>
    assert.equal(excerpt(Uint8Array.of(0x61, 0xff, 0x62)), '"a\ufffdb"'));
});
