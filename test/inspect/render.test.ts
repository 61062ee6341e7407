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

  it('prints tools with the same formula in one block', () => {
    const text = render('table', {
      tools: [reading, { ...reading, tool: 'kubectl top', writing: 'kubectl' }],
    });
    assert.equal(text.match(/memory\.current − inactive_file$/gm)?.length, 1);
    assert.match(text, /^docker stats +from 20\.10 .*\nkubectl top +from 20\.10 +0Mi /m);
  });

  it('lists unknown figures with the reason', () => {
    const text = render('table');
    assert.match(
      text,
      /Unknown here:\n {2}ps \(4\.0\)\n {4}the recording has no processes\n {2}old \(1\)\n {4}it does/,
    );
  });

  it('names the cgroup that sets the limit, or says NO LIMIT', () => {
    const usage = { usageBytes: bytes(4096), realBytes: bytes(2048) };
    assert.match(render('table', { usage }), /^REAL 2Ki {3}USAGE 4Ki {3}NO LIMIT$/m);
    const limited = { ...usage, limitBytes: bytes(8192), limitFrom: '/kubepods' };
    assert.match(
      render('table', { usage: limited }),
      /^REAL 2Ki of 8Ki \(25\.00%\) {3}USAGE 4Ki {3}LIMIT set by \/kubepods$/m,
    );
  });

  it('prints no bars without a usage', () =>
    assert.match(
      render('table', { usage: {}, tools: [] }),
      /^REAL - {3}USAGE - {3}NO LIMIT\n\nUsage is unknown here/m,
    ));

  it('lists the files that could not be read', () =>
    assert.match(
      render('table', { faults: ['/a/memory.stat: expected a readable file, got EACCES'] }),
      /^Not read: \/a/m,
    ));

  it('escapes control characters in foreign text, in every format', () =>
    fc.assert(
      fc.property(anyText({ maxLength: 12 }), fc.constantFrom(...explainForms), (text, form) => {
        const shown = render(form, { name: text, cgroup: `/${text}`, where: text, faults: [text] });
        assert.doesNotMatch(shown.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    ));
});

describe('the note on memory.high', () => {
  const high = { usageBytes: bytes(4096), realBytes: bytes(1024), highBytes: bytes(4096), highEvents: 7 };
  const sheet = (usage: Explanation['usage'], cgroup = '/kubepods/a/b'): string =>
    render('table', { usage, cgroup }).replaceAll('\n', ' ');

  it('shows real as a share of memory.high, and says that the kernel throttles but does not kill', () => {
    const text = sheet(high);
    assert.match(text, /REAL 1Ki of 4Ki \(25\.00%\) {3}USAGE 4Ki {3}LIMIT is memory\.high/);
    assert.match(text, /Above it, the kernel throttles the processes and reclaims memory, but kills nothing/);
    assert.match(text, /memory\.max, which is not set\./);
    assert.match(sheet({ ...high, limitBytes: bytes(8192) }), /memory\.max, which is 8Ki\./);
  });

  it('says THROTTLED only if processes wait for memory', () => {
    assert.match(
      sheet({ ...high, psiSomeAvg60: 7.5 }),
      /THROTTLED: usage exceeded memory\.high 7 times .* 7\.5 % of the time/,
    );
    assert.match(
      sheet({ ...high, psiSomeAvg60: 0 }),
      /Throttled without harm: usage exceeded memory\.high 7 times/,
    );
    assert.match(sheet({ ...high, highEvents: 0 }), /Usage was never above memory\.high\./);
    const { highEvents: _, ...unread } = high;
    assert.match(sheet(unread), /It is unknown how often usage exceeded memory\.high\./);
    assert.match(
      sheet({ ...unread, psiSomeAvg60: 90 }),
      /THROTTLED: usage is above memory\.high now; .* 90 % of the time/,
    );
  });

  it('does not say "without harm" if it is unknown how long processes waited', () => {
    assert.match(
      sheet(high),
      /Throttled at times: usage exceeded memory\.high 7 times .* it is unknown how long/,
    );
    assert.doesNotMatch(sheet(high), /without harm/);
  });

  it('names the kubelet or systemd as the one who sets memory.high', () => {
    assert.match(sheet(high), /The kubelet sets memory\.high for MemoryQoS, from memoryThrottlingFactor/);
    for (const kubepods of ['/kubepods.slice/a.slice', '/kubelet.slice/kubelet-kubepods.slice/a.slice'])
      assert.match(sheet(high, kubepods), /The kubelet sets memory\.high for MemoryQoS/);
    assert.match(
      sheet(high, '/system.slice/a.service'),
      /systemd sets memory\.high from MemoryHigh= of the unit/,
    );
    assert.doesNotMatch(sheet(high, '/docker/0123'), / sets memory\.high /);
    assert.match(
      sheet({ ...high, highFrom: '/a.slice' }, '/a.slice/docker'),
      /LIMIT is memory\.high of \/a\.slice/,
    );
  });

  it('is absent without a memory.high', () =>
    assert.doesNotMatch(sheet({ usageBytes: bytes(4096), realBytes: bytes(1024) }), /memory\.high/));
});

describe('the note on the LRU', () => {
  const cache = { usageBytes: bytes(2 ** 26), activeFileBytes: bytes(0), inactiveFileBytes: bytes(2 ** 25) };
  const sheet = (lru: Explanation['lru'], usage: Explanation['usage'] = cache): string =>
    render('table', { lru, usage }).replaceAll('\n', ' ');

  it('explains active file under the multi-generational LRU', () =>
    assert.match(
      sheet('multi-generational'),
      /active file means that a page is young, not that a process read it again/,
    ));

  it('says that the LRU is unknown if there is page cache but no active file', () => {
    assert.match(sheet('unknown'), /It is unknown which LRU this kernel runs\./);
    assert.doesNotMatch(sheet('unknown', { ...cache, activeFileBytes: bytes(2 ** 22) }), /LRU/);
    assert.doesNotMatch(sheet('unknown', { ...cache, inactiveFileBytes: bytes(0) }), /LRU/);
  });

  it('is absent under the classic LRU', () => assert.doesNotMatch(sheet('classic'), /LRU/));
});
