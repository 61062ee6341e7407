import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { Explanation } from '../../src/inspect/explanation.ts';
import { explainForms, renderExplanation } from '../../src/inspect/render.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { ToolReading } from '../../src/render/tool-reading.ts';
import { anyText } from '../model/any-text.ts';

const reading: ToolReading = {
  ...{ tool: 'docker stats', version: 'from 20.10', writing: 'binary', why: 'keeps active_file' },
  ...{ formula: 'memory.current − inactive_file', numbers: '4096 − 1024', value: 3072, whole: bytes(8192) },
};
const unknown: ToolReading = {
  ...{ tool: 'ps', version: '4.0', writing: 'KiB', why: 'added up' },
  ...{ formula: 'Σ VmRSS', missing: 'the recording has no processes' },
};
const nowhere: ToolReading = { tool: 'old', version: '1', writing: 'bytes', why: 'it does not run there' };
const count: ToolReading = {
  ...{
    tool: 'failcnt',
    version: '1',
    writing: 'count',
    why: 'a count',
    aside: true,
    formula: 'memory.failcnt',
  },
  ...{ numbers: '3', value: 3 },
};

const explained = (more: Partial<Explanation> = {}): Explanation => ({
  ...{ name: 'shop/cart/cart', cgroup: '/kubepods/a/b', where: 'cgroup v2', parts: [], faults: [] },
  lru: 'classic',
  usage: { usageBytes: bytes(4096), realBytes: bytes(2048), limitBytes: bytes(8192) },
  tools: [reading, unknown, nowhere, count],
  ...more,
});

const screen = { columns: 80, colour: false, ascii: false };
const render = (form: 'table' | 'wide' | 'json' | 'yaml', more: Partial<Explanation> = {}) =>
  renderExplanation(explained(more), form, screen);

const rows = [
  {
    ...{ tool: 'docker stats', version: 'from 20.10', shows: '3KiB / 8KiB  37.50%', bytes: 3072 },
    formula: 'memory.current − inactive_file = 4096 − 1024',
    why: '1Ki more than real: keeps active_file',
  },
  {
    ...{ tool: 'ps', version: '4.0', formula: 'Σ VmRSS' },
    why: 'unknown (the recording has no processes): added up',
  },
  { tool: 'old', version: '1', why: 'it does not run there' },
  { tool: 'failcnt', version: '1', shows: '3', count: 3, formula: 'memory.failcnt', why: 'a count' },
];

describe('renderExplanation', () => {
  it('prints a list as JSON and YAML, without a key for an unknown figure', () => {
    assert.deepEqual(JSON.parse(render('json')), rows);
    assert.deepEqual(parse(render('yaml')), rows);
  });

  it('prints one line per tool with -o wide', () => {
    const [head, ...lines] = render('wide').trimEnd().split('\n');
    assert.match(head ?? '', /^TOOL +VERSION +SHOWS +OFF +FORMULA +WHY$/);
    assert.equal(lines.length, 4);
    assert.match(
      lines[0] ?? '',
      /3KiB \/ 8KiB {2}37\.50% +\+1Ki +memory\.current − inactive_file = 4096 − 1024 +1Ki more/,
    );
    assert.match(lines[1] ?? '', /^ps +4\.0 +- .* unknown \(/);
  });

  it('escapes control characters in foreign text, in every format', () =>
    fc.assert(
      fc.property(anyText({ maxLength: 12 }), fc.constantFrom(...explainForms), (text, form) => {
        const shown = render(form, { name: text, cgroup: `/${text}`, where: text, faults: [text] });
        assert.doesNotMatch(shown.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    ));
});
