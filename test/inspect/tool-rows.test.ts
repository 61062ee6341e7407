import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { filesOf } from '../../src/inspect/figures.ts';
import { toolRows } from '../../src/inspect/tool-rows.ts';

const named = (tool: string, version?: string) =>
  toolRows.find((row) => row.tool === tool && (version === undefined || row.version === version)) ??
  assert.fail(tool);

/** The names in a formula, without numbers. */
const namesIn = (formula: string): readonly string[] =>
  formula.split(/ [+−] /).filter((name) => !/^\d+$/.test(name));

describe('toolRows', () => {
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

  it('uses only files that explain reads on that version', () => {
    for (const { tool, v1, v2 } of toolRows)
      for (const [version, formula] of [
        [1, v1],
        [2, v2],
      ] as const)
        if (typeof formula === 'string')
          for (const name of namesIn(formula).map((one) => one.replace(/^root /, '')))
            if (name.startsWith('memory.')) assert.ok(filesOf(version).includes(name), `${tool}: ${name}`);
  });

  it('uses only keys with total_ on v1, and none with it on v2', () => {
    const isKey = (name: string): boolean => /^[a-z_]+$/.test(name);
    for (const { v1, v2 } of toolRows) {
      if (typeof v1 === 'string')
        for (const name of namesIn(v1).filter(isKey)) assert.match(name, /^total_/, v1);
      if (typeof v2 === 'string') assert.doesNotMatch(v2, /total_/);
    }
  });

  it('subtracts both file lists for real, and only the inactive one for the working set', () => {
    const real = named('realmem', 'real');
    assert.equal(real.v1, 'memory.usage_in_bytes − total_active_file − total_inactive_file');
    assert.equal(real.v2, 'memory.current − active_file − inactive_file');
    assert.equal(named('kubectl top --containers').v1, 'memory.usage_in_bytes − total_inactive_file');
    assert.equal(named('kubectl top --containers').v2, 'memory.current − inactive_file');
  });

  it('says why a tool has no figure on a version, in a sentence of its own', () => {
    const reasons = toolRows.flatMap(({ v1, v2 }) => [v1, v2]).filter((one) => typeof one !== 'string');
    assert.ok(reasons.length > 0);
    for (const { none } of reasons) assert.match(none, /^\w.{20,}$/);
    assert.deepEqual(named('realmem', 'unreclaimable').v1, {
      none: 'v1 does not report how much slab memory the kernel can reclaim, and realmem does not guess',
    });
  });

  it('explains the working set under the multi-generational LRU, and nothing else', () => {
    for (const { tool, v2, multiGenWhy } of toolRows)
      assert.equal(multiGenWhy !== undefined, v2 === 'memory.current − inactive_file', tool);
  });

  it('shows a share of the limit for docker stats and podman stats only', () => {
    const sharing = toolRows.filter(({ share }) => share).map(({ tool }) => tool);
    assert.deepEqual([...new Set(sharing)], ['docker stats', 'podman stats']);
  });

  it('shows usage instead of a negative working set for docker from 20.10 only', () => {
    const rows = toolRows.filter(({ belowZero }) => belowZero !== undefined);
    assert.deepEqual(
      rows.map(({ tool, version }) => `${tool} ${version}`),
      ['docker stats from 20.10'],
    );
  });

  it('takes the anonymous lists as lower bound for the figures of realmem only', () => {
    const rows = toolRows.filter(({ atLeastListed }) => atLeastListed);
    assert.deepEqual(
      rows.map(({ tool, version }) => `${tool} ${version}`),
      ['realmem real', 'realmem unreclaimable'],
    );
  });

  it('sets aside every figure of the node, every count, and every constant', () => {
    for (const { tool, v1, v2, writing, aside } of toolRows) {
      const isOfNode = [v1, v2].some((one) => typeof one === 'string' && /MemTotal/.test(one));
      const isConstant = v2 === '0';
      if (isOfNode || isConstant || writing === 'count') assert.equal(aside, true, tool);
    }
    assert.equal(named('realmem', 'real').aside, undefined);
    assert.equal(named('docker stats', 'from 20.10').aside, undefined);
  });

  it('says of each constant of v2 why it is 0', () => {
    const constants = toolRows.filter(({ v2 }) => v2 === '0');
    assert.equal(constants.length, 4);
    for (const { v2Why } of constants) assert.match(v2Why ?? '', /^always 0 on v2, because /);
  });
});
