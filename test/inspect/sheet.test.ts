import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Explanation } from '../../src/inspect/explanation.ts';
import { renderSheet } from '../../src/inspect/sheet.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { ToolReading } from '../../src/render/tool-reading.ts';

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
  ...{ tool: 'failcnt', version: '1', writing: 'count', why: 'a count', aside: true },
  ...{ formula: 'memory.failcnt', numbers: '3', value: 3 },
};

const screen = { columns: 80, colour: false, ascii: false };
const render = (more: Partial<Explanation> = {}, options = screen): string =>
  renderSheet(
    {
      ...{ name: 'shop/cart/cart', cgroup: '/kubepods/a/b', where: 'cgroup v2', parts: [], faults: [] },
      lru: 'classic',
      usage: { usageBytes: bytes(4096), realBytes: bytes(2048), limitBytes: bytes(8192) },
      tools: [reading, unknown, nowhere, count],
      ...more,
    },
    options,
  );

describe('renderSheet', () => {
  it('prints tools with the same formula in one block', () => {
    const text = render({
      tools: [reading, { ...reading, tool: 'kubectl top', writing: 'kubectl' }],
    });
    assert.equal(text.match(/memory\.current − inactive_file$/gm)?.length, 1);
    assert.match(text, /^docker stats +from 20\.10 .*\nkubectl top +from 20\.10 +0Mi /m);
  });

  it('lists unknown figures with the reason', () => {
    const text = render();
    assert.match(
      text,
      /Unknown here:\n {2}ps \(4\.0\)\n {4}the recording has no processes\n {2}old \(1\)\n {4}it does/,
    );
  });

  it('names the cgroup that sets the limit, or says NO LIMIT', () => {
    const usage = { usageBytes: bytes(4096), realBytes: bytes(2048) };
    assert.match(render({ usage }), /^REAL 2Ki {3}USAGE 4Ki {3}NO LIMIT$/m);
    const limited = { ...usage, limitBytes: bytes(8192), limitFrom: '/kubepods' };
    assert.match(
      render({ usage: limited }),
      /^REAL 2Ki of 8Ki \(25\.00%\) {3}USAGE 4Ki {3}LIMIT set by \/kubepods$/m,
    );
  });

  it('prints no bars without a usage', () =>
    assert.match(
      render({ usage: {}, tools: [] }),
      /^REAL - {3}USAGE - {3}NO LIMIT\n\nUsage is unknown here/m,
    ));

  it('lists the files that could not be read', () =>
    assert.match(
      render({ faults: ['/a/memory.stat: expected a readable file, got EACCES'] }),
      /^Not read: \/a/m,
    ));

  it('gives tools with the same formula a block each if they show other values', () => {
    const kubectl: ToolReading = { ...reading, tool: 'kubectl top', writing: 'kubectl', value: 0 };
    const text = render({ tools: [reading, kubectl] });
    assert.match(
      text,
      /^docker stats .*\n.*\n.*\n {4}1Ki more than real: keeps active_file\n\nkubectl top /m,
    );
    assert.match(text, /^kubectl top .*\n.*\n.*\n {4}2Ki less than real: keeps active_file$/m);
  });

  it('gives tools with the same formula and another reason a block each', () =>
    assert.equal(
      render({ tools: [reading, { ...reading, why: 'other' }] }).match(/memory\.current − inactive_file$/gm)
        ?.length,
      2,
    ));

  it('prints figures that are not comparable with real below a heading, with aligned columns', () => {
    const [above = '', below = ''] = render().split('Parts, peaks, counts, and the node:');
    const [one = '', other = ''] = [/^docker.*$/m.exec(above)?.[0], /^failcnt.*$/m.exec(below)?.[0]];
    assert.ok(one.endsWith('37.50%') && other.endsWith(' 3'));
    assert.equal(one.length, other.length);
    assert.doesNotMatch(above, /failcnt/);
  });

  it('prints the numbers below the formula, but not for a single name or a constant', () => {
    const text = render({
      tools: [
        reading,
        count,
        { ...count, tool: 'none', formula: '0', numbers: '0', value: 0, why: 'always 0' },
      ],
    });
    assert.match(text, /^ {4}memory\.current − inactive_file\n {4}= 4096 − 1024$/m);
    assert.match(text, /^ {4}memory\.failcnt\n {4}a count$/m);
    assert.match(text, /^none .* 0\n {4}always 0$/m);
  });

  it('lists several tools that lack the same figure in one line', () =>
    assert.match(
      render({ tools: [unknown, { ...unknown, tool: 'top' }] }),
      /Unknown here:\n {2}ps \(4\.0\), top \(4\.0\)\n {4}the recording has no processes\n$/,
    ));

  it('prints no list of unknown figures if all are known', () =>
    assert.doesNotMatch(render({ tools: [reading, count] }), /Unknown here/));

  it('prints the path of the cgroup only if it is not the name already', () => {
    assert.match(render(), /^shop\/cart\/cart {3}cgroup v2\n\/kubepods\/a\/b\nREAL /);
    assert.match(render({ name: '/a', cgroup: '/a' }), /^\/a {3}cgroup v2\nREAL /);
  });

  it('prints REAL without a share if real or the limit is unknown, and ≥ for a lower bound', () => {
    const usage = { usageBytes: bytes(4096), limitBytes: bytes(8192) };
    assert.match(render({ usage }), /^REAL - {3}USAGE 4Ki$/m);
    assert.match(
      render({ usage: { ...usage, realBytes: bytes(0), clamped: true } }),
      /^REAL ≥0 of 8Ki \(0\.00%\) {3}USAGE 4Ki$/m,
    );
  });

  it('names memory.max as the limit if memory.high is equal to it', () => {
    const usage = { usageBytes: bytes(1), realBytes: bytes(1), limitBytes: bytes(8), limitFrom: '/a' };
    assert.match(render({ usage: { ...usage, highBytes: bytes(8) } }), /LIMIT set by \/a$/m);
    assert.match(render({ usage: { ...usage, highBytes: bytes(7) } }), /LIMIT is memory\.high$/m);
  });

  it('names the cause of a residual, and only with both its size and its cause', () => {
    const usage = { usageBytes: bytes(4096), realBytes: bytes(2048) };
    const residual = { residualBytes: bytes(-2048), residualCause: 'race' } as const;
    assert.match(
      render({ usage: { ...usage, ...residual } }),
      /^No part explains the residual of -2Ki \(race\)\.$/m,
    );
    assert.doesNotMatch(render({ usage: { ...usage, residualBytes: bytes(9) } }), /No part explains/);
    assert.doesNotMatch(render({ usage: { ...usage, residualCause: 'race' } }), /No part explains/);
  });

  it('draws the legend in the characters of the terminal', () => {
    const parts = [{ name: 'anonymous', bytes: bytes(4096), real: true, note: 'heaps' }];
    assert.match(render({ parts }), /█ real {3}░ page cache/);
    assert.match(render({ parts }, { ...screen, ascii: true }), /# real {3}\. page cache/);
    assert.doesNotMatch(render({ parts }, { ...screen, ascii: true }), /[█░]/);
  });

  it('wraps notes, faults and reasons at the width of the terminal', () => {
    const long = 'word '.repeat(60).trim();
    const text = render(
      {
        faults: [long],
        tools: [
          { ...reading, why: long },
          { ...unknown, missing: long },
        ],
        lru: 'multi-generational',
      },
      { ...screen, columns: 60 },
    );
    for (const line of text.split('\n')) assert.ok([...line].length <= 60, line);
  });

  it('ends with exactly one line break', () => {
    for (const more of [{}, { tools: [] }, { faults: ['x'] }]) assert.match(render(more), /[^\n]\n$/);
  });
});
