import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LocatedError } from '../../src/model/located-error.ts';
import { parseManifest } from '../../src/pods/manifest.ts';
import { faultOf } from '../any-bytes.ts';
import { podsText } from '../identify/fixture.ts';
import { anyText } from '../model/any-text.ts';
import { yamlPiece } from './yaml-piece.ts';

const parse = (text: string): unknown => parseManifest('pods.yaml', text);

describe('parseManifest', () => {
  it('parses JSON', () => assert.deepEqual(parse(' {"a": [1, "b", null]}'), { a: [1, 'b', null] }));

  it('parses YAML', () => assert.deepEqual(parse('a:\n- 1\n- b\n- null\n'), { a: [1, 'b', null] }));

  it('parses YAML in flow style, which begins like JSON', () =>
    assert.deepEqual(parse('{a: [1, b], # comment\n c: d}'), { a: [1, 'b'], c: 'd' }));

  it('keeps a quoted number as a text', () =>
    assert.deepEqual(parse('a: "1e3"\nb: "0123"\nc: 1Gi\n'), { a: '1e3', b: '0123', c: '1Gi' }));

  it('accepts a byte order mark at the start, as in files from Windows', () => {
    assert.deepEqual(parse('\ufeffa: 1\n'), { a: 1 });
    assert.deepEqual(parse('\ufeff{"a": 1}'), { a: 1 });
  });

  it('returns null for an empty text', () => assert.equal(parse(''), null));

  const broken: readonly (readonly [string, string, number])[] = [
    ['an unclosed list', 'a: 1\nb: [1, 2\n', 3],
    ['a tab for indentation', 'a:\n\tb: 1\n', 2],
    ['a duplicate key', 'a: 1\nb: 2\na: 3\n', 3],
    ['JSON cut off', '{"a": 1,\n"b": ', 2],
    ['two JSON texts, the second cut off', '{"a": 1}\n{"b": \n', 2],
    ['a second document that is not YAML', 'a: 1\n---\nb: [1, 2\n', 4],
  ];
  for (const [what, text, line] of broken)
    it(`rejects ${what} with its line`, () => {
      const { detail } = faultOf(() => parse(text));
      assert.equal(detail.where, 'pods.yaml');
      assert.equal(detail.expected, 'YAML or JSON');
      assert.equal(detail.line, line);
      assert.notEqual(detail.got, '');
    });

  it('rejects an alias without an anchor', () =>
    assert.match(
      faultOf(() => parse('a: 1\nb: *c\n')).message,
      /^pods\.yaml.*: expected YAML or JSON, got .*: c$/,
    ));

  it('returns the non-empty documents of several as a list, in YAML and in JSON', () => {
    for (const text of [
      'a: 1\n---\nb: 2\n',
      '---\na: 1\n---\n---\n# nothing\n---\nb: 2\n...\n',
      '{"a": 1}\n{"b": 2}\n',
      '{"a":1}{"b":2}',
      '---\n{"a": 1}\n---\n{"b": 2}\n',
    ])
      assert.deepEqual(parse(text), [{ a: 1 }, { b: 2 }], text);
    assert.deepEqual(parse('---\na: 1\n---\n'), { a: 1 });
  });

  it('splits many JSON documents in a row, whatever characters their strings contain', () =>
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())), {
          minLength: 2,
          maxLength: 5,
        }),
        fc.array(fc.constantFrom('', ' ', '\n', '\r\n\t'), { minLength: 5, maxLength: 5 }),
        (values, between) => {
          const text = values.map((value, at) => JSON.stringify(value) + between[at]).join('');
          assert.deepEqual(parse(text), JSON.parse(JSON.stringify(values)));
        },
      ),
    ));

  it('rejects more than 20,000 documents', () => {
    for (const one of ['{}\n', 'a\n---\n'])
      assert.match(faultOf(() => parse(one.repeat(20_001))).message, /got more than 20000 documents/);
  });

  it('rejects aliases that grow a thousandfold', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (const [name, of] of ['ba', 'cb', 'dc', 'ed', 'fe'])
      lines.push(`${name}: &${name} [${Array.from({ length: 10 }, () => `*${of}`).join(', ')}]`);
    assert.match(
      faultOf(() => parse(`${lines.join('\n')}\n`)).message,
      /^pods\.yaml:?\d*: expected YAML or JSON/,
    );
  });

  it('accepts 90 nested levels and rejects 200, in each YAML style', () => {
    const styles: readonly ((depth: number) => string)[] = [
      (depth) => `a: ${'['.repeat(depth)}${']'.repeat(depth)}`,
      (depth) => `${'- '.repeat(depth)}a`,
      (depth) => Array.from({ length: depth }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
      (depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
    ];
    for (const style of styles) {
      parse(style(90));
      for (const depth of [200, 2_000])
        assert.match(
          faultOf(() => parse(style(depth))).message,
          /YAML nested deeper than 100 levels|JSON of \d+ levels \(at most 100\)/,
        );
    }
  });

  it('rejects more than 4 Mi characters of YAML and suggests JSON', () =>
    assert.match(
      faultOf(() => parse(`a: ${'x'.repeat(4 * 2 ** 20)}`)).message,
      /expected at most 4194304 characters of YAML, got \d+, and they are not JSON; give JSON/,
    ));

  it('parses a map with many keys in linear time', () => {
    const keys = Array.from({ length: 20_000 }, (_, at) => `k${at}: 1`).join('\n');
    assert.equal(Object.keys(parse(keys) as object).length, 20_000);
    assert.match(faultOf(() => parse(`${keys}\nk7: 2`)).message, /:20001: .*keys must be unique/);
  });

  it('rejects very deep nesting', () => {
    for (const text of ['['.repeat(20_000), '{"a":'.repeat(20_000)]) faultOf(() => parse(text));
  });

  it('gives a value or a located error for any text', () => {
    const head = podsText.slice(0, 2_000);
    const near = fc
      .tuple(fc.nat(head.length), fc.nat(5), yamlPiece)
      .map(([at, gone, text]) => head.slice(0, at) + text + head.slice(at + gone));
    fc.assert(
      fc.property(
        fc.oneof(
          near,
          anyText(),
          fc.array(yamlPiece).map((all) => all.join('')),
        ),
        (text) => {
          try {
            parse(text);
          } catch (error) {
            assert.ok(error instanceof LocatedError, `not a fault: ${error}`);
            assert.match(error.message, /^pods\.yaml(:\d+)?: expected /);
            assert.doesNotMatch(error.message, /\p{Cc}/u);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
