import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { reckon } from '../../src/inspect/formula.ts';
import { toolRows } from '../../src/inspect/tool-rows.ts';

const figures = new Map([
  ['a', 10],
  ['b c', 3],
  ['Σ d', 4],
]);

describe('a formula', () => {
  it('is reckoned from the left, and says its numbers', () =>
    assert.deepEqual(reckon('a − b c + Σ d − 1', figures), { value: 10, numbers: '10 − 3 + 4 − 1' }));

  it('can be a name or a number alone', () => {
    assert.deepEqual(reckon('a', figures), { value: 10, numbers: '10' });
    assert.deepEqual(reckon('0', figures), { value: 0, numbers: '0' });
  });

  it('names all that is missing', () =>
    assert.deepEqual(reckon('x − a − y', figures), { missing: ['x', 'y'] }));
});

describe('the table of tools', () => {
  const formulas = toolRows.flatMap(({ v1, v2 }) => [v1, v2]).filter((one) => typeof one === 'string');

  it('has formulas that read as formulas', () => {
    for (const formula of formulas)
      assert.match(formula, /^[\p{L}\p{N}_./ ]+( [+−] [\p{L}\p{N}_. ]+)*$/u, formula);
  });

  it('has every formula in docs/explain.md', () => {
    const text = fs.readFileSync(new URL('../../docs/explain.md', import.meta.url), 'utf8');
    const page = text.replace(/\s+/g, ' ');
    for (const formula of formulas) assert.ok(page.includes(`\`${formula}\``), formula);
  });

  it('names a tool of one version once', () => {
    const names = toolRows.map(({ tool, version }) => `${tool} ${version}`);
    assert.equal(new Set(names).size, names.length);
  });

  it('takes hierarchical keys alone on v1, since usage is hierarchical too', () => {
    for (const { v1 } of toolRows)
      if (typeof v1 === 'string')
        assert.doesNotMatch(v1, /(?:^| )(?:rss|cache|(?:in)?active_\w+|unevictable)(?: |$)/, v1);
  });
});
