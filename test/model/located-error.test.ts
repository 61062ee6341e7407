import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { InputError, LocatedError, LocatedErrors, messageOf } from '../../src/model/located-error.ts';
import { anyText } from './any-text.ts';

describe('LocatedError', () => {
  it('names the file, the line, the expectation and the actual value in its message', () =>
    assert.equal(
      new LocatedError({ where: '/a/memory.stat', line: 3, expected: '"key number"', got: '"anon"' }).message,
      '/a/memory.stat:3: expected "key number", got "anon"',
    ));

  it('omits the line number when none is given', () =>
    assert.equal(
      new LocatedError({ where: '--by', expected: 'pod', got: '"pot"' }).message,
      '--by: expected pod, got "pot"',
    ));

  it('ends its message with the given advice', () =>
    assert.equal(
      new LocatedError({ where: '/x', expected: 'a directory', got: 'none', todo: 'check --root' }).message,
      '/x: expected a directory, got none; check --root',
    ));

  it('exposes its parts in `detail`', () => {
    const detail = { where: '/x', line: 1, expected: 'a', got: 'b' };
    assert.deepEqual(new LocatedError(detail).detail, detail);
  });

  it('is the base class of InputError', () =>
    assert.ok(new InputError({ where: '--by', expected: 'a', got: 'b' }) instanceof LocatedError));

  it('cuts the actual value to 80 printed characters and ends it with an ellipsis', () => {
    const gotIn = (got: string): string =>
      new LocatedError({ where: '/x', expected: 'a', got }).message.replace('/x: expected a, got ', '');
    assert.equal(gotIn('x'.repeat(80)), 'x'.repeat(80));
    assert.equal(gotIn('x'.repeat(81)), `${'x'.repeat(79)}…`);
    assert.ok(gotIn('\0'.repeat(1000)).length <= 80);
    assert.ok(gotIn('🎉'.repeat(1000)).length <= 80);
  });

  it('quotes a 200-character message of another error in full', () => {
    const got = new Error(`no answer: ${'x'.repeat(200)}`);
    assert.equal(
      new LocatedError({ where: '/x', expected: 'a', got }).message,
      `/x: expected a, got ${got.message}`,
    );
  });

  it('prints one line without control characters for any file name and content', () => {
    const text = anyText();
    fc.assert(
      fc.property(text, text, (where, got) => {
        const { message } = new LocatedError({ where, line: 1, expected: where, got, todo: got });
        assert.doesNotMatch(message, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
  });
});

it('LocatedErrors joins its messages, one per line', () => {
  const { all, message } = new LocatedErrors(['one', 'two']);
  assert.deepEqual(all, ['one', 'two']);
  assert.equal(message, 'one\ntwo');
});

it('messageOf returns the message of an error, and any other thrown value as text', () => {
  assert.equal(messageOf(new TypeError('no')), 'no');
  assert.equal(messageOf('no'), 'no');
  assert.equal(messageOf(undefined), 'undefined');
});
