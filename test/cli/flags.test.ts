import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Flags, flagOneOf, parseFlags, wordOf } from '../../src/cli/flags.ts';
import { LocatedErrors } from '../../src/model/located-error.ts';
import { anyText } from '../model/any-text.ts';

const flags: Flags = {
  output: flagOneOf(['json', 'yaml'], 'the format', 'o'),
  root: { takes: 'DIR', about: 'the root' },
  all: { short: 'A', about: 'all' },
  why: { about: 'why' },
};

const valuesOf = (...args: readonly string[]) => parseFlags(flags, args).values;

function faultsOf(args: readonly string[], most = 0): readonly string[] {
  try {
    parseFlags(flags, args, most);
  } catch (error) {
    assert.ok(error instanceof LocatedErrors);
    return error.all;
  }
  return [];
}

describe('parseFlags', () => {
  it('returns nothing without arguments', () =>
    assert.deepEqual(parseFlags(flags, []), { values: {}, switches: new Set(), positionals: [] }));

  it('takes a value after a space, after =, and after a short name with or without =', () => {
    for (const args of [['--output', 'json'], ['--output=json'], ['-o', 'json'], ['-ojson'], ['-o=json']])
      assert.deepEqual(valuesOf(...args), { output: 'json' }, args.join(' '));
  });

  it('keeps a leading = of the value of a long flag, and an empty value', () => {
    assert.deepEqual(valuesOf('--root==a'), { root: '=a' });
    assert.deepEqual(valuesOf('--root='), { root: '' });
    assert.deepEqual(valuesOf('--root', ''), { root: '' });
  });

  it('takes the next argument as the value, even if it begins with a dash', () =>
    assert.deepEqual(valuesOf('--root', '--all'), { root: '--all' }));

  it('uses the last of several values', () =>
    assert.deepEqual(valuesOf('-o', 'json', '--output', 'yaml', '--root=a', '--root=b'), {
      output: 'yaml',
      root: 'b',
    }));

  it('takes switches by both names, joined, and more than once', () => {
    const { switches, values } = parseFlags(flags, ['-A', '--all', '--why', '-Ao', 'yaml']);
    assert.deepEqual([[...switches], values], [['all', 'why'], { output: 'yaml' }]);
  });

  it('takes as many positionals as the command allows, also after --, and - as one', () => {
    const { positionals } = parseFlags(flags, ['a', '--why', '-', '--', '--root'], 3);
    assert.deepEqual(positionals, ['a', '-', '--root']);
    assert.deepEqual(faultsOf(['a', '-', '--', '--root'], 1), [
      'unexpected argument: "-"',
      'unexpected argument: "--root"',
    ]);
  });
});

describe('parseFlags, for errors', () => {
  it('reports all of them in the order of the flags, then positionals', () =>
    assert.deepEqual(faultsOf(['extra', '--outptu', 'x', '--all=yes', '-o', 'xml', '--root']), [
      'unknown flag: --outptu; did you mean --output?',
      'flag takes no argument: --all',
      '-o: expected one of json, yaml, got "xml"',
      'flag needs an argument: --root DIR',
      'unexpected argument: "extra"',
      'unexpected argument: "x"',
    ]));

  it('names the output format that a flag means', () => {
    const patches = { output: flagOneOf(['json', 'patch'], 'the format', 'o') };
    const said = (flag: string): string => {
      try {
        parseFlags(patches, [flag]);
      } catch (error) {
        return error instanceof LocatedErrors ? (error.all[0] ?? '') : '';
      }
      return '';
    };
    assert.match(said('--apply'), /^unknown flag: --apply; .*: -o patch prints the commands to run$/);
    assert.match(said('--json'), /; did you mean -o json\?$/);
    assert.match(said('--md'), /; see --help$/);
  });

  it('points to --help if no flag is like the unknown one', () => {
    assert.deepEqual(faultsOf(['--planets']), ['unknown flag: --planets; see --help']);
    assert.deepEqual(faultsOf(['-x']), ['unknown flag: -x; see --help']);
  });

  it('refuses a wrong word even if a later value is right', () =>
    assert.deepEqual(faultsOf(['-o=xml', '-o=json']), ['-o: expected one of json, yaml, got "xml"']));

  it('refuses an empty word, a word in capitals and part of a word', () => {
    for (const word of ['', 'JSON', 'js']) assert.equal(faultsOf([`--output=${word}`]).length, 1, word);
  });

  it('refuses the negation of a switch', () => assert.equal(faultsOf(['--no-why']).length, 1));

  it('refuses names of the prototype as unknown flags', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
      assert.match(faultsOf([`--${name}=x`])[0] ?? '', /^unknown flag: --/, name);
  });

  it('quotes at most 80 characters of an argument, without control characters', () => {
    const long = `\u001b${'x'.repeat(500)}`;
    for (const args of [[`--${long}`], [long], ['-o', long]]) {
      const [fault = ''] = faultsOf(args);
      assert.match(fault, /\\u001bx{40}/);
      assert.doesNotMatch(fault, /x{80}/);
    }
  });

  it('returns known flags only, or a list of errors, for any arguments', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            anyText({ maxLength: 12 }),
            anyText({ maxLength: 8 }).map((text) => `--${text}`),
            fc.constantFrom(
              '--',
              '-',
              '-o',
              '-A',
              '--root',
              '--output=json',
              '--all',
              '--why',
              '-oA',
              'json',
            ),
          ),
          { maxLength: 6 },
        ),
        fc.nat({ max: 3 }),
        (args, most) => {
          try {
            const { values, switches, positionals } = parseFlags(flags, args, most);
            for (const name of Object.keys(values)) assert.ok(flags[name]?.takes !== undefined, name);
            for (const name of switches) assert.ok(flags[name] !== undefined, name);
            assert.ok(positionals.length <= most);
          } catch (error) {
            assert.ok(error instanceof LocatedErrors && error.all.length > 0, String(error));
          }
        },
      ),
    ));
});

describe('oneOf and wordOf', () => {
  it('show the words in help, and have a short name only if one is given', () => {
    assert.deepEqual(flagOneOf(['a', 'b'], 'text'), { takes: 'a|b', words: ['a', 'b'], about: 'text' });
    assert.equal(flagOneOf(['a'], 'text', 'x').short, 'x');
  });

  it('return the word, and the default for an absent or unknown one', () => {
    const words = ['a', 'b'] as const;
    assert.deepEqual(
      ['b', undefined, 'c', ''].map((value) => wordOf(value, words, 'a')),
      ['b', 'a', 'a', 'a'],
    );
  });
});
