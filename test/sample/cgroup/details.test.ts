/** Which interval each detail gets from the other figures. ../reuse/kept-details.test.ts has what an interval means for the next report. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytes } from '../../../src/model/bytes.ts';
import type { CgroupDetails } from '../../../src/model/cgroup.ts';
import { type Around, detailsV1, detailsV2, type Get, parseEvents } from '../../../src/sample/details.ts';
import {
  intervals,
  KeptDetails,
  type NodeFeatures,
  type ReadInterval,
} from '../../../src/sample/reuse/kept-details.ts';
import { bytesOf, withFaults } from '../../any-bytes.ts';

type Files = Readonly<Record<string, string>>;

const around: Around = {
  ...{ usage: undefined, stat: undefined, usageAndSwap: undefined, kept: undefined, isOtherLimit: false },
  usageNow: () => undefined,
};

const keptWith = (features: NodeFeatures) => {
  const kept = new KeptDetails();
  kept.features = features;
  kept.beginReport(0);
  return kept.of({ path: '/a', inode: 1 });
};

/** @returns the details, and the interval of each file that has a value */
function read(
  detailsOf: (get: Get, around: Around) => CgroupDetails,
  files: Files,
  more: Partial<Around> = {},
) {
  const asked: string[] = [];
  const intervalOf = new Map<string, ReadInterval>();
  const get: Get = (file, parse, interval) => {
    asked.push(file);
    const text = files[file];
    const value = text === undefined ? undefined : parse(file, bytesOf(text), assert.fail);
    if (value !== undefined)
      intervalOf.set(file, typeof interval === 'function' ? interval(value) : interval);
    return value;
  };
  return { details: detailsOf(get, { ...around, ...more }), asked, intervalOf };
}

describe('detailsV1', () => {
  for (const [limit, interval] of [
    ['9223372036854771712', 'slow'],
    ['4096', 'withStat'],
  ] as const)
    it(`gives the failure count below the limit ${limit} the interval "${interval}"`, () => {
      const files = { 'memory.limit_in_bytes': limit, 'memory.failcnt': '5' };
      assert.equal(read(detailsV1, files).intervalOf.get('memory.failcnt'), intervals[interval]);
    });

  it('takes a kept swap from memsw and the usage at that moment, and has none without that usage', () => {
    const files = { 'memory.memsw.usage_in_bytes': '1070' };
    const swapAt = (usage: number | undefined) =>
      read(detailsV1, files, {
        ...{ kept: keptWith({}), usage: bytes(1000) },
        usageNow: () => (usage === undefined ? undefined : bytes(usage)),
      }).details.swap;
    assert.deepEqual([swapAt(1020), swapAt(undefined)], [50, undefined]);
  });
});

describe('the peak', () => {
  for (const [usage, interval] of [
    [1501, 'always'],
    [1500, 'slow'],
    [undefined, 'slow'],
  ] as const)
    it(`of 1500 at usage ${usage ?? 'unknown'} has the interval "${interval}", on both versions`, () => {
      const more = { usage: usage === undefined ? undefined : bytes(usage) };
      const v2 = read(detailsV2, { 'memory.peak': '1500' }, more);
      // Without events, no kill can be new.
      const v1 = read(detailsV1, { 'memory.max_usage_in_bytes': '1500' }, more);
      assert.deepEqual(
        [v1.intervalOf.get('memory.max_usage_in_bytes'), v2.intervalOf.get('memory.peak')],
        [intervals[interval], intervals[interval]],
      );
    });
});

describe('detailsV2', () => {
  const line = (kind: string, avg60: string): string =>
    `${kind} avg10=0.00 avg60=${avg60} avg300=0.00 total=1\n`;

  for (const [what, text, interval] of [
    ['of 0', line('some', '0.00') + line('full', '0.00'), 'withStat'],
    ['of 0 without the line "full"', line('some', '0.00'), 'withStat'],
    ['with "some" above 0', line('some', '0.01') + line('full', '0.00'), 'always'],
    ['with "full" above 0', line('some', '0.00') + line('full', '0.01'), 'always'],
  ] as const)
    it(`gives a pressure ${what} the interval "${interval}"`, () =>
      assert.equal(
        read(detailsV2, { 'memory.pressure': text }).intervalOf.get('memory.pressure'),
        intervals[interval],
      ));

  it('reads the zswap file where every file must be read, although the stat has the figure', () => {
    const stat = { zswap: bytes(30) };
    const files = { 'memory.zswap.current': '30' };
    assert.equal(read(detailsV2, files, { stat }).details.zswap, 30);
    const { asked, details } = read(detailsV2, files, { stat, kept: keptWith({}) });
    assert.deepEqual([asked.includes('memory.zswap.current'), details.zswap], [false, undefined]);
    assert.equal(read(detailsV2, files, { kept: keptWith({}) }).details.zswap, 30, 'a stat without zswap');
  });

  for (const [what, hasSwap, interval] of [
    ['without swap', false, 'unused'],
    ['with swap', true, 'withStat'],
    ['of which nothing is known', undefined, 'withStat'],
  ] as const)
    it(`gives the swap on a node ${what} the interval "${interval}"`, () =>
      assert.equal(
        read(detailsV2, { 'memory.swap.current': '0' }, { kept: keptWith({ hasSwap }) }).intervalOf.get(
          'memory.swap.current',
        ),
        intervals[interval],
      ));
});

describe('the files of huge pages', () => {
  const asked = (features: NodeFeatures | undefined): readonly string[] =>
    read(detailsV2, {}, { kept: features && keptWith(features) }).asked.filter((file) =>
      file.startsWith('hugetlb.'),
    );

  it('are those of the sizes of the node, or of every size while these are unknown', () => {
    assert.deepEqual(asked({ hugePageSizes: ['2MB', '1GB'] }), [
      'hugetlb.2MB.current',
      'hugetlb.1GB.current',
    ]);
    assert.deepEqual(asked(undefined), asked({}));
    assert.equal(asked({}).length, 9);
  });
});

describe('parseEvents', () => {
  const parsed = (text: string) =>
    withFaults((onFault) => parseEvents('memory.events', bytesOf(text), onFault));

  for (const [text, oomKills] of [
    ['oom_kill 2\n', 2],
    ['oom_kill 2\noom_group_kill 0\n', 2],
    ['oom_kill 7\noom_group_kill 1\n', 1],
    ['oom_group_kill 0\n', undefined],
  ] as const)
    it(`counts ${oomKills ?? 'unknown'} kills in ${JSON.stringify(text)}`, () =>
      assert.equal(parsed(text).value.oomKills, oomKills));

  it('drops a count above 2^53 with a fault, and keeps the others', () => {
    const { value, faults } = parsed('high 3\nmax 9007199254740993\noom 1\noom_kill 2\n');
    assert.deepEqual(value, { oomKills: 2, limitOoms: 1, highEvents: 3 });
    assert.deepEqual(
      faults.map(({ detail }) => [detail.where, detail.line]),
      [['memory.events', 2]],
    );
  });
});
