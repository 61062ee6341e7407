import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  arrayOf,
  type Checker,
  flag,
  isTrue,
  number,
  object,
  oneOf,
  optional,
  received,
  text,
} from '../../../src/model/untrusted/shape.ts';

interface Item {
  readonly name: string;
  readonly size?: number;
}
const isItem = object<Item>({ name: text, size: optional(number) });

describe('object', () => {
  for (const [what, value, is] of [
    ['all fields', { name: 'a', size: 1 }, true],
    ['no optional field', { name: 'a' }, true],
    ['a field of a newer version', { name: 'a', other: {} }, true],
    ['no name', { size: 1 }, false],
    ['a size that is a text', { name: 'a', size: '1' }, false],
    ['a size of null', { name: 'a', size: null }, false],
    ['an inherited name', Object.create({ name: 'a' }), false],
  ] as const)
    it(`${is ? 'accepts' : 'refuses'} an object with ${what}`, () => assert.equal(isItem(value), is));

  for (const value of [null, undefined, 'a', 1])
    it(`refuses ${value} instead of an object`, () => assert.equal(isItem(value), false));

  it('does not accept the methods of every object for fields', () => {
    const named: Checker<{ toString: unknown }> = object<{ toString: unknown }>({
      toString: (value: unknown) => value !== undefined,
    });
    assert.equal(named({}), false);
  });
});

describe('the checks', () => {
  const most2 = arrayOf(text, 2);
  for (const [name, check, good, bad] of [
    ['text', text, ['', 'a'], [1, undefined]],
    ['number', number, [0, 1.5], ['1', undefined]],
    ['flag', flag, [true, false], [0, 'true']],
    ['isTrue', isTrue, [true], [false, 1]],
    ['oneOf', oneOf(['a', 'b']), ['a', 'b'], ['c', 'toString', undefined]],
    ['arrayOf', arrayOf(text), [[], ['a', 'b', 'c']], [['a', 1], 'a', { length: 0 }]],
    ['listOf with a most of 2', most2, [['a', 'b']], [['a', 'b', 'c']]],
    ['optional', optional(text), [undefined, 'a'], [null, 1]],
  ] as const satisfies readonly (readonly [string, (value: unknown) => boolean, unknown[], unknown[]])[])
    it(`${name} accepts only values of its form`, () => {
      for (const value of good) assert.equal(check(value), true, JSON.stringify(value));
      for (const value of bad) assert.equal(check(value), false, JSON.stringify(value));
    });
});

describe('received', () => {
  const isItems: Checker<readonly Item[]> = (value): value is readonly Item[] => arrayOf(isItem)(value);

  it('returns a copy without control characters, with texts cut to the longest, at any depth', () => {
    const given = [{ name: '\u001b[31mlong', size: 1 }];
    assert.deepEqual(received(given, isItems, 11), [{ name: '\\u001b[31m…', size: 1 }]);
    assert.equal(given[0]?.name, '\u001b[31mlong');
  });

  it('is undefined for another form', () => assert.equal(received([{ name: 1 }], isItems, 9), undefined));

  it('keeps a field __proto__ as a field, which gives the copy no other prototype', () => {
    const value: unknown = JSON.parse('{"name":"a","__proto__":{"size":5}}');
    const found = received(value, isItem, 9);
    assert.equal(found?.size, undefined);
    assert.equal(Object.getPrototypeOf(found), Object.prototype);
  });
});
