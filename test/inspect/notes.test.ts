/** Tests the notes alone, and in the header that shows them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Explanation } from '../../src/inspect/explanation.ts';
import { highNotes, lruNotes } from '../../src/inspect/notes.ts';
import { renderExplanation } from '../../src/inspect/render.ts';
import { bytes } from '../../src/model/bytes.ts';
import { anyText } from '../model/any-text.ts';

const explained = (more: Partial<Explanation>): Explanation => ({
  ...{
    name: 'shop/cart/cart',
    cgroup: '/kubepods/a/b',
    where: 'cgroup v2',
    parts: [],
    tools: [],
    faults: [],
  },
  ...{ lru: 'classic', usage: {} },
  ...more,
});

const render = (more: Partial<Explanation>): string =>
  renderExplanation(explained(more), 'table', { columns: 80, colour: false, ascii: false, all: true });

describe('the note on memory.high', () => {
  const high = { usageBytes: bytes(4096), realBytes: bytes(1024), highBytes: bytes(4096), highEvents: 7 };
  const sheet = (usage: Explanation['usage'], cgroup = '/kubepods/a/b'): string =>
    render({ usage, cgroup }).replaceAll('\n', ' ');

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
    render({ lru, usage }).replaceAll('\n', ' ');

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

describe('lruNotes', () => {
  const Mi = 2 ** 20;
  const notes = (lru: Explanation['lru'], active: number | undefined, inactive: number | undefined) =>
    lruNotes(
      explained({
        lru,
        usage: {
          ...(active !== undefined && { activeFileBytes: bytes(active) }),
          ...(inactive !== undefined && { inactiveFileBytes: bytes(inactive) }),
        },
      }),
    ).length;

  it('needs less than 1Mi of active file and at least 1Mi of inactive file if the LRU is unknown', () => {
    assert.equal(notes('unknown', Mi - 1, Mi), 1);
    assert.equal(notes('unknown', Mi, Mi), 0);
    assert.equal(notes('unknown', Mi - 1, Mi - 1), 0);
  });

  it('says nothing about an unknown LRU if one of both lists is unknown', () => {
    assert.equal(notes('unknown', undefined, Mi), 0);
    assert.equal(notes('unknown', 0, undefined), 0);
  });

  it('explains the multi-generational LRU whatever the lists contain', () => {
    assert.equal(notes('multi-generational', undefined, undefined), 1);
    assert.equal(notes('multi-generational', 9 * Mi, 0), 1);
  });
});

describe('highNotes', () => {
  const near = { usageBytes: bytes(4096), realBytes: bytes(4000), highBytes: bytes(4096) };
  const second = (usage: Explanation['usage']): string | undefined => highNotes(explained({ usage }))[1];

  it('says nothing about a memory.max alone', () =>
    assert.deepEqual(highNotes(explained({ usage: { usageBytes: bytes(9), limitBytes: bytes(9) } })), []));

  it('says THROTTLED if real is near memory.high, though it is unknown how long processes waited', () =>
    assert.equal(
      second({ ...near, highEvents: 2 }),
      'THROTTLED: usage exceeded memory.high 2 times since the cgroup was created; it is unknown how long its processes waited for memory. One reading cannot show whether this count still grows.',
    ));

  it('does not say THROTTLED if no process waited in the last minute, though real is near memory.high', () =>
    assert.equal(
      second({ ...near, highEvents: 2, psiSomeAvg60: 0 }),
      'Throttled without harm: usage exceeded memory.high 2 times since the cgroup was created; in the last minute no process waited for memory.',
    ));

  it('says THROTTLED from 5 % of waiting on', () => {
    const far = { ...near, realBytes: bytes(1), highEvents: 2 };
    assert.match(second({ ...far, psiSomeAvg60: 5 }) ?? '', /^THROTTLED: .* 5 % of the time/);
    assert.match(second({ ...far, psiSomeAvg60: 4.99 }) ?? '', /^Throttled without harm: .* 4\.99 % /);
  });

  it('does not claim that real is well below memory.high if real is unknown', () => {
    const { realBytes: _, ...unread } = near;
    const text = second({ ...unread, highEvents: 2 }) ?? '';
    assert.match(text, /^Throttled at times: usage exceeded memory\.high 2 times/);
    assert.match(text, / It is unknown how near real is to memory\.high\.$/);
    assert.match(
      second({ ...near, realBytes: bytes(9), highEvents: 2 }) ?? '',
      /Real is well below memory\.high/,
    );
  });

  it('says that usage is above memory.high now only of the cgroup that sets it', () => {
    const far = { ...near, realBytes: bytes(1) };
    assert.match(second(far) ?? '', /^It is unknown how often .* Usage is above memory\.high now; /);
    assert.doesNotMatch(second({ ...far, highFrom: '/a.slice' }) ?? '', / now;/);
    assert.doesNotMatch(second({ ...far, usageBytes: bytes(4095) }) ?? '', / now;/);
  });

  it('names the setter by the cgroup that sets memory.high, not by the target', () => {
    const setter = (cgroup: string, highFrom?: string): string =>
      highNotes(explained({ cgroup, usage: { ...near, ...(highFrom !== undefined && { highFrom }) } })).at(
        -1,
      ) ?? '';
    assert.match(setter('/kubepods.slice/a.scope', '/user.slice'), /^systemd sets/);
    assert.match(setter('/docker/a', '/kubepods/b'), /^The kubelet sets/);
    assert.match(setter('/a/run-1.scope'), /^systemd sets/);
    assert.doesNotMatch(setter('/mykubepods/a'), / sets /);
    assert.doesNotMatch(setter('/a/kubepodsx/b'), / sets /);
    assert.doesNotMatch(setter('/a/x.services'), / sets /);
  });

  it('escapes control characters in the path of the ancestor, for any path', () =>
    fc.assert(
      fc.property(anyText({ maxLength: 15 }), (highFrom) => {
        const [first = ''] = highNotes(explained({ usage: { ...near, highFrom } }));
        assert.doesNotMatch(first, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    ));
});
