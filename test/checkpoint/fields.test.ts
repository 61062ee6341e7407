/** Typed access to untrusted JSON: the bounds of each type, absence, and that nothing but a value of the type comes out. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { largestNumber } from '../../src/checkpoint/checkpoint.ts';
import { CheckpointFields } from '../../src/checkpoint/fields.ts';
import { earliestTime, latestTime } from '../../src/model/time.ts';
import { KiB } from '../../src/usage/packed/numbers.ts';

const of = (x: unknown): CheckpointFields => new CheckpointFields({ x });
const typeError = (message: string) => ({ name: 'TypeError', message });
const rangeError = (message: string | RegExp) => ({ name: 'RangeError', message });

describe('fields', () => {
  it('are refused for anything but an object or a list, which the message shows', () => {
    for (const [value, shown] of [
      [null, 'null'],
      [undefined, 'undefined'],
      [7, '7'],
      [true, 'true'],
      ['a\u001b', '"a\\u001b"'],
    ] as const)
      assert.throws(
        () => new CheckpointFields(value),
        typeError(`expected an object or a list, got ${shown}`),
      );
    assert.throws(() => new CheckpointFields('x'.repeat(500)), /^TypeError: .{0,130}$/);
  });

  it('are those of the value itself, not those that all objects have', () => {
    const fields = new CheckpointFields({ a: 0, b: null });
    assert.deepEqual([fields.get('a'), fields.get('b'), fields.get('c')], [0, null, undefined]);
    for (const name of ['toString', 'constructor', '__proto__']) assert.equal(fields.get(name), undefined);
    assert.equal(new CheckpointFields(JSON.parse('{"__proto__":7}')).get('__proto__'), 7);
  });

  it('of a list have its indexes', () => {
    const fields = new CheckpointFields(['a', 'b']);
    assert.deepEqual([fields.get(1), fields.get(2), fields.get(-1), fields.get(0.5)], ['b', ...Array(3)]);
  });
});

describe('a text', () => {
  it('has up to 4,096 characters, and can be empty', () => {
    for (const text of ['', 'x'.repeat(4096)]) assert.equal(of(text).text('x'), text);
    assert.throws(() => of('x'.repeat(4097)).text('x'), typeError('expected a text at x, got string'));
  });

  it('is refused with what came instead', () => {
    for (const [value, got] of [
      [undefined, 'nothing'],
      [7, '7'],
      [null, 'object'],
      [{}, 'object'],
      [[], 'a list'],
      [true, 'boolean'],
    ] as const)
      assert.throws(() => of(value).text('x'), typeError(`expected a text at x, got ${got}`));
  });
});

describe('a number', () => {
  it('is any from 0 to the largest safe integer', () => {
    for (const value of [0, 0.5, largestNumber]) assert.equal(of(value).number('x'), value);
    for (const value of [-1, -1e-9, largestNumber + 1, Number.POSITIVE_INFINITY, Number.NaN, '7', null])
      assert.throws(() => of(value).number('x'), /^TypeError: expected a number from 0 to \d+ at x, got /);
  });

  it('of at most a bound includes the bound', () => {
    assert.equal(of(5).upTo('x', 5), 5);
    assert.throws(() => of(5.5).upTo('x', 5), rangeError('expected at most 5 at x, got 5.5'));
  });

  it('that may be absent is undefined for null and for no value, and not for 0', () => {
    assert.deepEqual(
      [of(null).maybe('x'), of(undefined).maybe('x'), of(0).maybe('x')],
      [undefined, undefined, 0],
    );
    assert.equal(of(1).maybe('x', 1), 1);
    assert.throws(() => of(2).maybe('x', 1), RangeError);
    for (const value of ['', false, 'x']) assert.throws(() => of(value).maybe('x'), TypeError);
  });
});

describe('a time', () => {
  it('is in the range of a history, with both of its ends', () => {
    for (const at of [earliestTime, latestTime]) assert.equal(of(at).time('x'), at);
    assert.throws(
      () => of(earliestTime - 1).time('x'),
      rangeError(`expected a time at x, got ${earliestTime - 1}`),
    );
    assert.throws(() => of(latestTime + 1).time('x'), rangeError(/^expected at most 2300000000 at x/));
    assert.throws(() => of(0).time('x'), RangeError);
  });

  it('that may be absent is undefined for null and for no value, and never for 0', () => {
    assert.deepEqual([of(null).maybeTime('x'), of(undefined).maybeTime('x')], [undefined, undefined]);
    assert.equal(of(earliestTime).maybeTime('x'), earliestTime);
    assert.throws(() => of(0).maybeTime('x'), RangeError);
  });
});

describe('a size', () => {
  it('is in KiB, up to the largest safe number of bytes', () => {
    assert.deepEqual([of(0).size('x'), of(3).size('x')], [0, 3 * KiB]);
    const largest = Math.floor(largestNumber / KiB);
    assert.equal(of(largest).size('x'), largest * KiB);
    assert.throws(() => of(largest + 1).size('x'), rangeError(/^expected at most \d+ bytes at x, got /));
  });

  it('as a code is a logarithm from a KiB on', () => {
    assert.equal(of(0).coded('x'), KiB);
    assert.ok(Math.abs(of(1).coded('x') / KiB - 1.005) < 1e-4);
    assert.ok(of(5_961).coded('x') <= largestNumber);
    assert.throws(() => of(5_962).coded('x'), rangeError(/^expected at most \d+ bytes at x, got /));
    assert.throws(() => of(largestNumber).coded('x'), rangeError(/got Infinity$/));
  });

  it('that may be absent is undefined for null and for no value, and not for 0', () => {
    for (const value of [null, undefined])
      assert.deepEqual([of(value).maybeSize('x'), of(value).maybeCoded('x')], [undefined, undefined]);
    assert.deepEqual([of(0).maybeSize('x'), of(0).maybeCoded('x')], [0, KiB]);
  });
});

describe('a list', () => {
  it('is a list, and the default only where there is none', () => {
    assert.deepEqual(of([1]).list('x', [2]), [1]);
    assert.deepEqual([of(undefined).list('x', []), of(null).list('x', [2])], [[], [2]]);
    assert.throws(() => of(undefined).list('x'), typeError('expected a list at x, got nothing'));
    for (const value of [{ length: 1 }, 'x', 0, false])
      assert.throws(() => of(value).list('x', []), /^TypeError: expected a list at x, got /);
  });

  it('of numbers has finite numbers alone, of either sign', () => {
    assert.deepEqual(of([-1, 0, 0.5]).numbers('x'), [-1, 0, 0.5]);
    assert.deepEqual(of([]).numbers('x'), []);
    for (const value of [[Number.NaN], [1, Number.POSITIVE_INFINITY], ['1'], [null]])
      assert.throws(() => of(value).numbers('x'), typeError('expected a list of numbers at x, got a list'));
  });
});

it('each method returns a value of its type or throws a TypeError or RangeError, for any value', () => {
  const isSize = (value: unknown): boolean =>
    typeof value === 'number' && value >= 0 && value <= largestNumber;
  const checks: readonly (readonly [(fields: CheckpointFields) => unknown, (value: unknown) => boolean])[] = [
    [(fields) => fields.text('x'), (value) => typeof value === 'string'],
    [(fields) => fields.number('x'), isSize],
    [(fields) => fields.time('x'), (value) => isSize(value) && Number(value) >= earliestTime],
    [(fields) => fields.size('x'), isSize],
    [(fields) => fields.coded('x'), isSize],
    [
      (fields) => fields.maybe('x', 5),
      (value) => value === undefined || (isSize(value) && Number(value) <= 5),
    ],
    [(fields) => fields.numbers('x'), (value) => Array.isArray(value) && value.every(Number.isFinite)],
  ];
  const any = fc.oneof(fc.anything(), fc.double(), fc.nat(7_000), fc.array(fc.double()));
  fc.assert(
    fc.property(any, (value) => {
      for (const [read, isRight] of checks)
        try {
          assert.ok(isRight(read(of(value))));
        } catch (error) {
          assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
        }
    }),
  );
});
