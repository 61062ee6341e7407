import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { Explained } from '../../src/inspect/explained.ts';
import { explainForms, renderExplained } from '../../src/inspect/render.ts';
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

const explained = (more: Partial<Explained> = {}): Explained => ({
  ...{ name: 'shop/cart/cart', cgroup: '/kubepods/a/b', where: 'cgroup v2', parts: [], faults: [] },
  lru: 'classic',
  usage: { usageBytes: bytes(4096), realBytes: bytes(2048), limitBytes: bytes(8192) },
  tools: [reading, unknown, nowhere, count],
  ...more,
});

const screen = { columns: 80, colour: false, ascii: false };
const render = (form: 'table' | 'wide' | 'json' | 'yaml', more: Partial<Explained> = {}) =>
  renderExplained(explained(more), form, screen);

const rows = [
  {
    ...{ tool: 'docker stats', version: 'from 20.10', shows: '3KiB / 8KiB  37.50%', bytes: 3072 },
    formula: 'memory.current − inactive_file = 4096 − 1024',
    why: '1Ki more than real: keeps active_file',
  },
  {
    ...{ tool: 'ps', version: '4.0', formula: 'Σ VmRSS' },
    why: 'not known here (the recording has no processes); added up',
  },
  { tool: 'old', version: '1', why: 'it does not run there' },
  { tool: 'failcnt', version: '1', shows: '3', count: 3, formula: 'memory.failcnt', why: 'a count' },
];

describe('a container explained', () => {
  it('is a list for programs, with no figure where none is known', () => {
    assert.deepEqual(JSON.parse(render('json')), rows);
    assert.deepEqual(parse(render('yaml')), rows);
  });

  it('is one line a tool where that is asked', () => {
    const [head, ...lines] = render('wide').trimEnd().split('\n');
    assert.match(head ?? '', /^TOOL +VERSION +SHOWS +OFF +FORMULA +WHY$/);
    assert.equal(lines.length, 4);
    assert.match(
      lines[0] ?? '',
      /3KiB \/ 8KiB {2}37\.50% +\+1Ki +memory\.current − inactive_file = 4096 − 1024 +1Ki more/,
    );
    assert.match(lines[1] ?? '', /^ps +4\.0 +- .* not known here/);
  });

  it('puts tools that reckon alike under one formula', () => {
    const text = render('table', {
      tools: [reading, { ...reading, tool: 'kubectl top', writing: 'kubectl' }],
    });
    assert.equal(text.match(/memory\.current − inactive_file$/gm)?.length, 1);
    assert.match(text, /^docker stats +from 20\.10 .*\nkubectl top +from 20\.10 +0Mi /m);
  });

  it('says of all that are not known why', () => {
    const text = render('table');
    assert.match(
      text,
      /Not known here:\n {2}ps \(4\.0\)\n {4}the recording has no processes\n {2}old \(1\)\n {4}it does/,
    );
  });

  it('says whose the limit is, and where there is none', () => {
    const usage = { usageBytes: bytes(4096), realBytes: bytes(2048) };
    assert.match(render('table', { usage }), /^REAL 2Ki {3}USAGE 4Ki {3}NO LIMIT$/m);
    const limited = { ...usage, limitBytes: bytes(8192), limitFrom: '/kubepods' };
    assert.match(
      render('table', { usage: limited }),
      /^REAL 2Ki of 8Ki \(25\.00%\) {3}USAGE 4Ki {3}LIMIT of \/kubepods$/m,
    );
  });

  it('has nothing to take apart without a usage', () =>
    assert.match(
      render('table', { usage: {}, tools: [] }),
      /^REAL - {3}USAGE - {3}NO LIMIT\n\nIts usage is not known here/m,
    ));

  it('says what could not be read', () =>
    assert.match(
      render('table', { faults: ['/a/memory.stat: expected to read it, got EACCES'] }),
      /^Not read: \/a/m,
    ));

  it('lets no text of strangers act', () =>
    fc.assert(
      fc.property(anyText({ maxLength: 12 }), fc.constantFrom(...explainForms), (text, form) => {
        const shown = render(form, { name: text, cgroup: `/${text}`, where: text, faults: [text] });
        assert.doesNotMatch(shown.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    ));
});

describe('memory.high on the sheet', () => {
  const high = { usageBytes: bytes(4096), realBytes: bytes(1024), highBytes: bytes(4096), highEvents: 7 };
  const sheet = (usage: Explained['usage'], cgroup = '/kubepods/a/b'): string =>
    render('table', { usage, cgroup }).replaceAll('\n', ' ');

  it('is the limit that real is a share of, and says what the kernel does and does not do', () => {
    const text = sheet(high);
    assert.match(text, /REAL 1Ki of 4Ki \(25\.00%\) {3}USAGE 4Ki {3}LIMIT is memory\.high/);
    assert.match(text, /above it the kernel throttles the processes and reclaims memory\. It kills nothing/);
    assert.match(text, /memory\.max, which is not set\./);
    assert.match(sheet({ ...high, limitBytes: bytes(8192) }), /memory\.max, which is 8Ki\./);
  });

  it('tells being throttled from page cache that is merely taken back', () => {
    assert.match(
      sheet({ ...high, psiSomeAvg60: 7.5 }),
      /THROTTLED: usage was above it 7 times .* 7\.5 % of the time/,
    );
    assert.match(sheet({ ...high, psiSomeAvg60: 0 }), /Throttled without harm: usage was above it 7 times/);
    assert.match(sheet({ ...high, highEvents: 0 }), /Usage was never above it\./);
    const { highEvents: _, ...unread } = high;
    assert.match(sheet(unread), /How often usage was above it is not known here\./);
    assert.match(
      sheet({ ...unread, psiSomeAvg60: 90 }),
      /THROTTLED: usage is above it now; .* 90 % of the time/,
    );
  });

  it('claims no harmlessness where nobody knows how long processes waited', () => {
    assert.match(sheet(high), /Throttled at times: usage was above it 7 times .* is not known here\./);
    assert.doesNotMatch(sheet(high), /without harm/);
  });

  it('names who sets it: the kubelet, or systemd', () => {
    assert.match(sheet(high), /The kubelet sets it for MemoryQoS, by memoryThrottlingFactor/);
    for (const kubepods of ['/kubepods.slice/a.slice', '/kubelet.slice/kubelet-kubepods.slice/a.slice'])
      assert.match(sheet(high, kubepods), /The kubelet sets it for MemoryQoS/);
    assert.match(sheet(high, '/system.slice/a.service'), /systemd sets it as MemoryHigh= of the unit/);
    assert.doesNotMatch(sheet(high, '/docker/0123'), / sets it /);
    assert.match(
      sheet({ ...high, highFrom: '/a.slice' }, '/a.slice/docker'),
      /LIMIT is memory\.high of \/a\.slice/,
    );
  });

  it('is not there where there is none', () =>
    assert.doesNotMatch(sheet({ usageBytes: bytes(4096), realBytes: bytes(1024) }), /memory\.high/));
});

describe('the LRU on the sheet', () => {
  const cache = { usageBytes: bytes(2 ** 26), activeFileBytes: bytes(0), inactiveFileBytes: bytes(2 ** 25) };
  const sheet = (lru: Explained['lru'], usage: Explained['usage'] = cache): string =>
    render('table', { lru, usage }).replaceAll('\n', ' ');

  it('is named where it is the multi-generational one', () =>
    assert.match(
      sheet('multi-generational'),
      /active file says how young a page is, not that it is read again/,
    ));

  it('is said to be unknown where page cache is there and none is active', () => {
    assert.match(sheet('unknown'), /Which LRU this kernel runs is not known here\./);
    assert.doesNotMatch(sheet('unknown', { ...cache, activeFileBytes: bytes(2 ** 22) }), /LRU/);
    assert.doesNotMatch(sheet('unknown', { ...cache, inactiveFileBytes: bytes(0) }), /LRU/);
  });

  it('is not worth a word where it is the classic one', () => assert.doesNotMatch(sheet('classic'), /LRU/));
});
