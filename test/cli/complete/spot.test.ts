import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { spotOf } from '../../../src/cli/complete/spot.ts';
import type { Flags } from '../../../src/cli/flags.ts';

const flags: Flags = {
  namespace: { short: 'n', takes: 'NAMESPACE', about: '' },
  output: { short: 'o', takes: 'json|yaml', words: ['json', 'yaml'], about: '' },
  all: { short: 'A', about: '' },
};

/** What is typed: `--flag`, the value of a flag, or an argument, each with the part that the user typed. */
function typed(...words: readonly string[]): string {
  const { flag, isFlag, prefix } = spotOf({ flags }, words);
  return `${isFlag ? 'flag' : flag === undefined ? 'argument' : flag.name} ${prefix}`;
}

describe('spotOf', () => {
  it('finds an argument, also after a switch, a value and --', () => {
    assert.equal(typed(''), 'argument ');
    assert.equal(typed('-A', 'x'), 'argument x');
    assert.equal(typed('-n', 'shop', 'x'), 'argument x');
    assert.equal(typed('-n=shop', 'x'), 'argument x');
    assert.equal(typed('--', '-n'), 'argument -n');
  });

  it('finds the value of a flag, written apart or with =', () => {
    assert.equal(typed('-n', ''), 'namespace ');
    assert.equal(typed('-n', '-'), 'namespace -');
    assert.equal(typed('--namespace', 'sh'), 'namespace sh');
    assert.equal(typed('--namespace=sh'), 'namespace sh');
    assert.equal(typed('-o=j'), 'output j');
    assert.equal(typed('--all', '-o', 'jsonpath={.a=b}'), 'output jsonpath={.a=b}');
  });

  it('finds a flag, also an unknown one and a switch with =', () => {
    for (const word of ['-', '--', '--na', '-n', '--all=x', '--__proto__=x', '--constructor=', '-z='])
      assert.equal(typed(word), `flag ${word}`);
  });

  it('remembers what stands before, without faults for unknown flags and words', () => {
    const { values, switches, positionals } = spotOf({ flags }, [
      ...['pods', '-n=shop', '-A', '--nonsense', '--output=toml', 'x', '--na'],
    ]).parsed;
    assert.deepEqual({ ...values }, { namespace: 'shop', output: 'toml' });
    assert.ok(switches.has('all'));
    assert.deepEqual(positionals, ['pods', 'x']);
  });

  it('takes no words for an empty argument', () => assert.equal(typed(), 'argument '));
});
