import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { escapeUnsafe, isPrintable, printable, printableLines } from '../../src/model/text.ts';
import { anyText } from './any-text.ts';

/** Control, invisible and bidirectional characters, and a lone surrogate. */
const unsafe = [
  '\u001b',
  '\u009b',
  '\u202e',
  '\u2028',
  '\u200b',
  '\n',
  '\r',
  '\u00ad',
  '\ufeff',
  '\ud800',
  '\u{e0041}',
];
const text = fc
  .array(fc.oneof(anyText({ maxLength: 5 }), fc.constantFrom(...unsafe)))
  .map((all) => all.join(''));

describe('printable', () => {
  const examples: readonly (readonly [string, string])[] = [
    ['kube-system', 'kube-system'],
    ['日本語 ÄÖÜ 🎉', '日本語 ÄÖÜ 🎉'],
    ['a\u001b[31mb', 'a\\u001b[31mb'],
    ['a\u009b31mb', 'a\\u009b31mb'],
    ['a\nb\tc\rd\0', 'a\\u000ab\\u0009c\\u000dd\\u0000'],
    ['user\u202egpj.exe', 'user\\u202egpj.exe'],
    ['a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
    ['pay\u200bpal', 'pay\\u200bpal'],
    ['\u007f', '\\u007f'],
    ['a\ud800b', 'a\\ud800b'],
    ['\u{e0041}', '\\udb40\\udc41'],
  ];
  for (const [raw, shown] of examples) it(`prints ${shown}`, () => assert.equal(printable(raw), shown));

  it('leaves no unsafe character in any text', () =>
    fc.assert(
      fc.property(text, (raw) => assert.doesNotMatch(printable(raw), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)),
    ));

  it('does not change text without unsafe characters', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (raw) => {
        fc.pre(!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(raw));
        assert.equal(printable(raw), raw);
      }),
    ));

  it('prints any text so that a JSON parser reads it back', () =>
    fc.assert(
      fc.property(text, (raw) => {
        fc.pre(!/["\\]/.test(raw));
        assert.equal(JSON.parse(`"${printable(raw)}"`), raw);
      }),
    ));

  it('keeps line breaks when called as printableLines', () => {
    assert.equal(printableLines('a\n\u001bb\n'), 'a\n\\u001bb\n');
    fc.assert(
      fc.property(text, (raw) =>
        assert.equal(printableLines(raw), raw.split('\n').map(printable).join('\n')),
      ),
    );
  });

  it('changes a text exactly when isPrintable is false', () =>
    fc.assert(
      fc.property(text, (raw) => {
        assert.equal(isPrintable(raw), printable(raw) === raw);
        // A global regular expression that kept its position would give another result the second time.
        assert.equal(isPrintable(raw), isPrintable(raw));
      }),
    ));

  it('passes each unsafe character, surrogate pairs whole, to the callback of escapeUnsafe', () => {
    const seen: string[] = [];
    const escaped = escapeUnsafe('a\u{e0041}b\n', (char) => {
      seen.push(char);
      return '?';
    });
    assert.deepEqual([escaped, seen], ['a?b?', ['\u{e0041}', '\n']]);
  });
});
