/** Objects without undefined values. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { defined } from '../../src/model/json.ts';

it('drops keys whose value is undefined, and keeps 0, false, the empty text and null', () => {
  const value = { none: undefined, zero: 0, no: false, empty: '', nothing: null };
  const found = defined<{ none?: number; zero: number; no: boolean; empty: string; nothing: null }>(value);
  assert.deepEqual(Object.entries(found), [
    ['zero', 0],
    ['no', false],
    ['empty', ''],
    ['nothing', null],
  ]);
  assert.ok('none' in value, 'the argument stays as it is');
});
