/** Syntax and meaning follow labels.Parse of k8s.io/apimachinery, without `<` and `>`. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LocatedError } from '../../src/model/located-error.ts';
import { parseSelector } from '../../src/pods/selector.ts';
import { faultOf } from '../any-bytes.ts';
import { anyText } from '../model/any-text.ts';

type Labels = Readonly<Record<string, string>>;

/** Names of pods → their labels. */
const pods: Readonly<Record<string, Labels>> = {
  prod: { env: 'prod', app: 'web' },
  test: { env: 'test', app: 'web' },
  empty: { env: '' },
  absent: { app: 'web' },
};

const chosen = (selector: string): readonly string[] => {
  const matches = parseSelector('--selector', selector);
  return Object.keys(pods).filter((name) => matches(pods[name] ?? {}));
};

const examples: readonly (readonly [string, readonly string[]])[] = [
  ['env=prod', ['prod']],
  ['env==prod', ['prod']],
  [' env = prod ', ['prod']],
  ['env=', ['empty']],
  ['env!=prod', ['test', 'empty', 'absent']],
  ['env!=', ['prod', 'test', 'absent']],
  ['env in (prod, test)', ['prod', 'test']],
  ['env in (prod,)', ['prod', 'empty']],
  ['env in ()', ['empty']],
  ['env in(prod)', ['prod']],
  ['env notin (prod, test)', ['empty', 'absent']],
  ['env notin(prod)', ['test', 'empty', 'absent']],
  ['env', ['prod', 'test', 'empty']],
  ['!env', ['absent']],
  ['! env', ['absent']],
  ['app=web,env', ['prod', 'test']],
  ['app=web,env notin (prod,x),env', ['test']],
  ['app = web , env in ( prod , x ) ', ['prod']],
  ['env=prod,env=test', []],
  ['app.kubernetes.io/name=web', []],
  ['!app.kubernetes.io/name', ['prod', 'test', 'empty', 'absent']],
  ['in in (in)', []],
  ['env=in', []],
  // Properties that every object inherits are not labels.
  ['constructor', []],
  ['!toString', ['prod', 'test', 'empty', 'absent']],
  ['hasOwnProperty notin (x)', ['prod', 'test', 'empty', 'absent']],
  ['', ['prod', 'test', 'empty', 'absent']],
];

describe('parseSelector', () => {
  for (const [selector, names] of examples)
    it(`"${selector}" matches ${names.join(', ') || 'none'}`, () =>
      assert.deepEqual(chosen(selector), names));

  const broken = [
    ...[
      'a b',
      'a=b c',
      'a===b',
      'x==a==b',
      'x=a||y=b',
      '=a',
      '!',
      '!a=b',
      '!a in (b)',
      ',',
      'a,',
      ',a',
      'a,,b',
    ],
    ...[
      'a in',
      'a in b',
      'a in (b',
      'a in b)',
      'a in (b c)',
      'a in ((b))',
      'a in (b) c',
      'a notin',
      'a = "b"',
    ],
    ...['-a', 'a-=b', 'a=-b', 'a=b-', 'a=ö', 'ö=a', '__proto__', 'a=(b)', '(a)', 'a\u001b=b'],
  ];
  for (const selector of broken)
    it(`rejects ${JSON.stringify(selector)}`, () => {
      const { detail, message } = faultOf(() => parseSelector('--selector', selector));
      assert.equal(detail.where, '--selector');
      assert.match(message, /^--selector: expected a label selector such as .*, got "/);
    });

  it('names the invalid part', () =>
    assert.match(faultOf(() => parseSelector('--selector', 'a=b,c d,e')).message, /got "c d"$/));

  it('matches if all requirements match', () => {
    const key = fc.constantFrom('a', 'b', 'c.d/e');
    const value: fc.Arbitrary<string> = fc.constantFrom('', 'x', 'y', 'z');
    const values = fc.array(value, { minLength: 1, maxLength: 3 });
    const space = fc.constantFrom('', ' ', '  ');
    const requirement: fc.Arbitrary<readonly [string, (labels: Labels) => boolean]> = fc.oneof(
      fc
        .tuple(key, fc.constantFrom('=', '=='), value, space)
        .map(
          ([k, op, v, s]) =>
            [`${k}${s}${op}${s}${v}`, (labels: Labels) => k in labels && labels[k] === v] as const,
        ),
      fc
        .tuple(key, value, space)
        .map(
          ([k, v, s]) =>
            [`${k}${s}!=${s}${v}`, (labels: Labels) => !(k in labels) || labels[k] !== v] as const,
        ),
      fc
        .tuple(key, values, space)
        .map(
          ([k, v, s]) =>
            [
              `${k} in (${s}${v.join(`,${s}`)})`,
              (labels: Labels) => k in labels && v.includes(labels[k] ?? ''),
            ] as const,
        ),
      fc
        .tuple(key, values, space)
        .map(
          ([k, v, s]) =>
            [
              `${k} notin ${s}(${v.join(`${s},`)})`,
              (labels: Labels) => !(k in labels && v.includes(labels[k] ?? '')),
            ] as const,
        ),
      key.map((k) => [k, (labels: Labels) => k in labels] as const),
      fc.tuple(key, space).map(([k, s]) => [`!${s}${k}`, (labels: Labels) => !(k in labels)] as const),
    );
    fc.assert(
      fc.property(
        fc.array(requirement, { minLength: 1, maxLength: 4 }),
        fc.dictionary(key, value),
        (all, labels) => {
          const selector = all.map(([text]) => text).join(',');
          const expected = all.every(([, holds]) => holds(labels));
          assert.equal(parseSelector('--selector', selector)(labels), expected, selector);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('gives a selector or a located error for any text', () => {
    const piece = fc.constantFrom('a', 'b', ' ', ',', '=', '!', '(', ')', 'in', 'notin', '/', '-', '\n');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece).map((all) => all.join('')),
          anyText(),
        ),
        (text) => {
          try {
            assert.equal(typeof parseSelector('--selector', text)({ a: 'b' }), 'boolean');
          } catch (error) {
            assert.ok(error instanceof LocatedError, String(error));
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
