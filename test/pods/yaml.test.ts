import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LineCounter, stringify } from 'yaml';
import { documentsOf } from '../../src/pods/yaml.ts';
import { podsText } from '../identify/fixture.ts';
import { anyText } from '../model/any-text.ts';
import { yamlPiece } from './yaml-piece.ts';

const documents = (text: string) => [...documentsOf(text, new LineCounter())];
const valuesOf = (text: string): readonly unknown[] =>
  documents(text).map((document) => document.toJS() as unknown);
/** Code and line of each error. */
const errorsOf = (text: string): readonly unknown[] => {
  const lines = new LineCounter();
  return [...documentsOf(text, lines)].flatMap(({ errors }) =>
    errors.map(({ code, pos }) => [code, lines.linePos(pos[0]).line]),
  );
};
const tooDeep = /^RangeError: YAML nested deeper than 100 levels, the most that realmem reads$/;

describe('documentsOf', () => {
  it('gives the documents one after the other', () => {
    assert.deepEqual(valuesOf('a: 1\n---\n- b\n---\ntext\n'), [{ a: 1 }, ['b'], 'text']);
    assert.deepEqual(valuesOf('---\n---\na: 1\n...\n'), [null, { a: 1 }]);
  });

  it('gives no document for a text of nothing, and an empty one for a marker', () => {
    for (const text of ['', '\n', ' ', '# nothing\n']) assert.deepEqual(valuesOf(text), [], text);
    for (const text of ['---', '---\n# nothing\n', '--- \n...\n'])
      assert.deepEqual(valuesOf(text), [null], text);
  });

  it('reads the recorded list of pods without an error', () => {
    assert.deepEqual(errorsOf(podsText), []);
    assert.equal(documents(podsText).length, 1);
  });

  it('reads what the library writes, whatever the value', () =>
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const plain = JSON.parse(JSON.stringify(value)) as unknown;
        assert.deepEqual(valuesOf(stringify(plain, { aliasDuplicateObjects: false })), [plain]);
      }),
    ));
});

describe('a key that stands twice in a map', () => {
  it('is an error at the second, with its line, at any depth', () => {
    assert.deepEqual(errorsOf('a: 1\nb: 2\na: 3\n'), [['DUPLICATE_KEY', 3]]);
    assert.deepEqual(errorsOf('x:\n  - y:\n      a: 1\n      a: 2\n'), [['DUPLICATE_KEY', 4]]);
    assert.deepEqual(errorsOf('{a: 1,\n"a": 2}'), [['DUPLICATE_KEY', 2]]);
    assert.deepEqual(errorsOf('a: 1\n---\nb: 1\nb: 2\n'), [['DUPLICATE_KEY', 4]]);
  });

  it('is one error for each repetition', () => assert.equal(errorsOf('a: 1\na: 2\na: 3\n').length, 2));

  it('is none in two maps, in two documents, or for a text and a number', () => {
    for (const text of ['a: {b: 1}\nc: {b: 1}\n', 'a: 1\n---\na: 1\n', '"1": a\n1: b\n', 'a: {a: 1}\n'])
      assert.deepEqual(errorsOf(text), [], text);
  });

  it('is found for the empty key', () =>
    assert.deepEqual(errorsOf('? \n: 1\n? \n: 2\n'), [['DUPLICATE_KEY', 3]]));

  it('is not compared where a key is a list or a map, but the other keys of that map are', () => {
    assert.deepEqual(errorsOf('? [a]\n: 1\n? [a]\n: 2\n'), []);
    assert.deepEqual(errorsOf('? [a]\n: 1\nb: 2\nb: 3\n'), [['DUPLICATE_KEY', 4]]);
  });
});

describe('nesting', () => {
  const styles: Readonly<Record<string, (depth: number) => string>> = {
    'flow lists': (depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`,
    'flow maps': (depth) => `${'{a: '.repeat(depth)}1${'}'.repeat(depth)}`,
    'block maps': (depth) =>
      `${Array.from({ length: depth }, (_, at) => `${' '.repeat(at)}a:`).join('\n')} 1`,
    'block lists': (depth) => Array.from({ length: depth }, (_, at) => `${' '.repeat(at)}-`).join('\n'),
    'indicators in a line': (depth) => `${'- '.repeat(depth)}a`,
  };
  for (const [name, style] of Object.entries(styles))
    it(`of ${name} is read to 99 levels, and refused from 200 on`, () => {
      documents(style(99));
      for (const depth of [200, 1_000]) assert.throws(() => documents(style(depth)), tooDeep, `${depth}`);
    });

  it('is refused for a hundred indicators, tags or anchors in a line, before the library reads them', () => {
    for (const one of ['- ', '? ', ': ', '! ', '!!str ', '&a ', '!<x> ', '-\t', '&a  ']) {
      assert.throws(() => documents(`a: 1\nb: ${one.repeat(100)}`), tooDeep, one);
      assert.throws(() => documents(one.repeat(100_000)), tooDeep, one);
    }
  });

  it('is not what stands in a comment or a text of less than a hundred indicators', () => {
    assert.deepEqual(valuesOf(`# ${'- '.repeat(99)}\na: ${'-'.repeat(500)}\n`), [{ a: '-'.repeat(500) }]);
    assert.deepEqual(valuesOf(`a: "${'['.repeat(500)}"`), [{ a: '['.repeat(500) }]);
  });

  it('ends with each level that closes', () => {
    const list = `${'['.repeat(90)}${']'.repeat(90)}`;
    assert.deepEqual(errorsOf(`[${Array.from({ length: 50 }, () => list).join(', ')}]`), []);
  });
});

it('any text gives documents, with their errors in them, or a RangeError', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        anyText(),
        fc.array(yamlPiece).map((all) => all.join('')),
      ),
      (text) => {
        try {
          for (const { errors } of documents(text)) for (const { code } of errors) assert.ok(code);
        } catch (error) {
          assert.ok(error instanceof RangeError, String(error));
        }
      },
    ),
  );
});
