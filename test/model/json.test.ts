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
    message: `JSON nests ${deepestJson + 2} levels deep, ${deepestJson} at most are read`,
  });
});

test('refuses a million open brackets before it parses them', () => {
  assert.throws(() => parseJson('['.repeat(1_000_000)), RangeError);
});

test('does not count brackets inside strings, whatever is escaped in them', () => {
  const text = JSON.stringify({ ['[['.repeat(200)]: `\\"${'{'.repeat(200)}\\` });
  assert.deepEqual(parseJson(text), JSON.parse(text));
});

test('throws a SyntaxError where the text is no JSON', () => {
  for (const text of ['', '{', '"\\', '"a', ']]]']) assert.throws(() => parseJson(text), SyntaxError);
});

test('refuses more values than it may take, and counts none inside strings', () => {
  const list = JSON.stringify(Array.from({ length: 100 }, () => ',{['));
  assert.deepEqual(parseJson(list, deepestJson, 101), JSON.parse(list));
  assert.throws(() => parseJson(list, deepestJson, 100), {
    name: 'RangeError',
    message: 'JSON has up to 101 values, 100 at most are read',
  });
});
