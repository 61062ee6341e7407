import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { evaluate } from '../../src/inspect/formula.ts';
import { toolRows } from '../../src/inspect/tool-rows.ts';

const figures = new Map([
  ['a', 10],
  ['b c', 3],
  ['Σ d', 4],
]);

describe('evaluate', () => {
  it('evaluates from left to right, and returns the formula in numbers', () =>
    assert.deepEqual(evaluate('a − b c + Σ d − 1', figures), { value: 10, numbers: '10 − 3 + 4 − 1' }));

  it('evaluates a single name or number', () => {
    assert.deepEqual(evaluate('a', figures), { value: 10, numbers: '10' });
    assert.deepEqual(evaluate('0', figures), { value: 0, numbers: '0' });
  });

  it('returns the names of all missing figures', () =>
    assert.deepEqual(evaluate('x − a − y', figures), { missing: ['x', 'y'] }));
});

describe('the table of tools', () => {
  const formulas = toolRows.flatMap(({ v1, v2 }) => [v1, v2]).filter((one) => typeof one === 'string');

  it('has only names and numbers joined by + and −', () => {
    for (const formula of formulas)
      assert.match(formula, /^[\p{L}\p{N}_./ ]+( [+−] [\p{L}\p{N}_. ]+)*$/u, formula);
  });

  it('has only formulas that docs/explain.md lists', () => {
    const text = fs.readFileSync(new URL('../../docs/explain.md', import.meta.url), 'utf8');
    const page = text.replace(/\s+/g, ' ');
    for (const formula of formulas) assert.ok(page.includes(`\`${formula}\``), formula);
  });

  it('has one row per tool and version', () => {
    const names = toolRows.map(({ tool, version }) => `${tool} ${version}`);
    assert.equal(new Set(names).size, names.length);
  });

  it('uses only hierarchical keys on v1, because usage is hierarchical', () => {
    for (const { v1 } of toolRows)
      if (typeof v1 === 'string')
        assert.doesNotMatch(v1, /(?:^| )(?:rss|cache|(?:in)?active_\w+|unevictable)(?: |$)/, v1);
  });
});
