import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deepestJson, parseJson } from '../../src/model/json.ts';

const nested = (depth: number): string => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`;

test('parses any JSON value as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.deepEqual(parseJson(text), JSON.parse(text));
    }),
  );
});

test('parses JSON at the depth limit and refuses JSON one level deeper', () => {
  assert.doesNotThrow(() => parseJson(nested(deepestJson)));
  assert.throws(() => parseJson(nested(deepestJson + 2)), {
    name: 'RangeError',
    message: `JSON of ${deepestJson + 2} levels (at most ${deepestJson})`,
  });
});

test('throws a RangeError for a million open brackets before parsing them', () => {
  assert.throws(() => parseJson('['.repeat(1_000_000)), RangeError);
});

test('does not count brackets inside strings with escaped quotes and backslashes', () => {
  const text = JSON.stringify({ ['[['.repeat(200)]: `\\"${'{'.repeat(200)}\\` });
  assert.deepEqual(parseJson(text), JSON.parse(text));
});

test('throws a SyntaxError for text that is not JSON', () => {
  for (const text of ['', '{', '"\\', '"a', ']]]']) assert.throws(() => parseJson(text), SyntaxError);
});

test('parses as many values as allowed, throws a RangeError for one more, and ignores commas inside strings', () => {
  const list = JSON.stringify(Array.from({ length: 100 }, () => ',{['));
  assert.deepEqual(parseJson(list, deepestJson, 101), JSON.parse(list));
  assert.throws(() => parseJson(list, deepestJson, 100), {
    name: 'RangeError',
    message: 'JSON of up to 101 values (at most 100)',
  });
});
