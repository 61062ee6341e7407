import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { InputError, LocatedError, LocatedErrors, messageOf } from '../../src/model/located-error.ts';
import { anyText } from './any-text.ts';

describe('a fault', () => {
  it('names the file, the line, what was expected and what came', () =>
    assert.equal(
      new LocatedError({ where: '/a/memory.stat', line: 3, expected: '"key number"', got: '"anon"' }).message,
      '/a/memory.stat:3: expected "key number", got "anon"',
    ));

  it('names no line where there is none', () =>
    assert.equal(
      new LocatedError({ where: '--by', expected: 'pod', got: '"pot"' }).message,
      '--by: expected pod, got "pot"',
    ));

  it('says what to do', () =>
    assert.equal(
      new LocatedError({ where: '/x', expected: 'a directory', got: 'none', todo: 'check --root' }).message,
      '/x: expected a directory, got none; check --root',
    ));

  it('keeps its detail for programs', () => {
    const detail = { where: '/x', line: 1, expected: 'a', got: 'b' };
    assert.deepEqual(new LocatedError(detail).detail, detail);
  });

  it('of what the user gave is a fault, too', () =>
    assert.ok(new InputError({ where: '--by', expected: 'a', got: 'b' }) instanceof LocatedError));

  it('cuts what came to 80 characters as they are printed, and shows that it did', () => {
    const gotIn = (got: string): string =>
      new LocatedError({ where: '/x', expected: 'a', got }).message.replace('/x: expected a, got ', '');
    assert.equal(gotIn('x'.repeat(80)), 'x'.repeat(80));
    assert.equal(gotIn('x'.repeat(81)), `${'x'.repeat(79)}…`);
    assert.ok(gotIn('\0'.repeat(1000)).length <= 80);
    assert.ok(gotIn('🎉'.repeat(1000)).length <= 80);
  });

  it('says the message of another error in full', () => {
    const got = new Error(`no answer: ${'x'.repeat(200)}`);
    assert.equal(
      new LocatedError({ where: '/x', expected: 'a', got }).message,
      `/x: expected a, got ${got.message}`,
    );
  });

  it('is one printable line, whatever stood in the file or was its name', () => {
    const text = anyText();
    fc.assert(
      fc.property(text, text, (where, got) => {
        const { message } = new LocatedError({ where, line: 1, expected: where, got, todo: got });
        assert.doesNotMatch(message, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
  });
});

it('several faults are said together, one a line', () => {
  const { all, message } = new LocatedErrors(['one', 'two']);
  assert.deepEqual(all, ['one', 'two']);
  assert.equal(message, 'one\ntwo');
});

it('the message of what was thrown is its own, or the thing itself', () => {
  assert.equal(messageOf(new TypeError('no')), 'no');
  assert.equal(messageOf('no'), 'no');
  assert.equal(messageOf(undefined), 'undefined');
});
