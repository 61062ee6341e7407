/** What a probe prints. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytes } from '../../src/model/bytes.ts';
import type { Answer, ProbeResult } from '../../src/probe/answer.ts';
import { probeForms, renderProbe } from '../../src/probe/render.ts';
import type { StopReason } from '../../src/probe/search.ts';
import { matchesGolden } from '../golden.ts';

const MiB = (mebibytes: number) => bytes(mebibytes * 2 ** 20);

const point = (cache: number, rereadsPerSecond: number) => ({
  totalBytes: MiB(2 + cache),
  cacheBytes: MiB(cache),
  rereadsPerSecond,
});

/** As found on Linux 6.1, of a container with 32 MiB of hot and 64 MiB of cold files. */
const answer: Answer = {
  needsBytes: MiB(34),
  errorBytes: MiB(0.5),
  isAtMost: false,
  realBytes: MiB(2),
  neededCacheBytes: MiB(32),
  coldBytes: MiB(64),
  watchedSeconds: 83.4,
  stopped: 'confirmed',
  confirmations: 2,
  seconds: 120,
  before: { usageBytes: MiB(98), realBytes: MiB(2), cacheBytes: MiB(96) },
  curve: [point(26, 1591), point(30, 582.2), point(41, 0), point(70, 0), point(96, 0)],
  majorFaults: 3,
  readBytes: MiB(46),
  stalledShare: 0.004,
};
const result: ProbeResult = {
  name: 'shop/cart-1/cart',
  cgroup: '/kubepods/burstable/pod1/abc',
  where: 'cgroup v2   Linux 6.1.0   2026-11-30T12:00:00Z',
  at: '2026-11-30T12:00:00Z',
  answer,
};

const options = { columns: 80, colour: false, ascii: false };
const textOf = (changed: Partial<Answer>): string =>
  renderProbe({ ...result, answer: { ...answer, ...changed } }, 'table', options);

describe('renderProbe', () => {
  for (const form of probeForms)
    it(`prints ${form}`, () =>
      matchesGolden(
        new URL(`goldens/probe.${form === 'table' ? 'txt' : form}`, import.meta.url),
        renderProbe(result, form, options),
      ));

  it('keeps within the width of the terminal', () => {
    for (const columns of [40, 60, 80, 120])
      for (const line of renderProbe(result, 'table', { ...options, columns }).split('\n'))
        assert.ok(line.length <= columns, `${columns}: ${line}`);
  });

  it('says at most, without an error, when too little was reread', () => {
    const text = textOf({ isAtMost: true, stopped: 'depth' });
    assert.match(text, /^NEEDS at most 34Mi = real 2Mi \+ needed page cache 32Mi$/m);
    assert.match(text, /^Stopped at --depth\. It may need less: too little of the last step was reread\.$/m);
  });

  for (const [stopped, said] of [
    ['stall', /--max-stall/],
    ['rereads', /--max-refaults/],
    ['nearLimit', /near its limit/],
    ['time', /longer\s--duration/],
    ['interrupted', /Interrupted/],
  ] as const satisfies readonly (readonly [StopReason, RegExp])[])
    it(`says why it stopped: ${stopped}`, () => assert.match(textOf({ stopped }), said));

  it('gives no figure for a container that lacks memory before the first step', () => {
    const text = textOf({ stopped: 'short' });
    assert.doesNotMatch(text, /NEEDS|COLD/);
    assert.match(text, /has\stoo\slittle\smemory/);
  });

  it('escapes names', () => {
    const evil = { ...result, name: '<script>\u001b[31m' };
    for (const form of probeForms) assert.ok(!renderProbe(evil, form, options).includes('\u001b'));
    assert.ok(!renderProbe(evil, 'svg', options).includes('<script>'));
  });
});
