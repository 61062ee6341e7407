/** Results that can be computed by hand. test/originals also compares with the original. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VpaContainer, vpa } from '../../../src/backtest/vpa.ts';
import { busyHoursEnd, day, hour, inMiB, MiB, midnight, observed, seriesOf } from '../any-series.ts';

/** The upper end of VPA's bucket: the first is 10 MB wide, and each next one 5 % wider. */
const edgeOf = (bytes: number): number => {
  let [edge, width] = [1e7, 1e7];
  while (edge <= bytes) edge += width *= 1.05;
  return edge;
};
const isAbout = (found: number | undefined, expected: number): void =>
  assert.ok(Math.abs((found ?? 0) - expected) < 2, `${found} instead of ${expected}`);

/** @param samples seconds after midnight, and MiB */
function containerOf(...samples: readonly (readonly [number, number])[]): VpaContainer {
  const container = new VpaContainer();
  for (const [at, value] of samples) container.addSample(midnight + at, value * MiB);
  return container;
}

/** The peaks that the histogram holds: how many buckets, and the largest. */
const peaksOf = ({ histogram }: VpaContainer): readonly [number, number] => [
  histogram.held().size,
  histogram.percentile(1),
];
const holds = (container: VpaContainer, buckets: number, peak: number): void => {
  const [size, largest] = peaksOf(container);
  assert.equal(size, buckets);
  isAbout(largest, edgeOf(peak * MiB));
};

describe('vpa', () => {
  it('recommends the upper end of the bucket of the daily peak', () =>
    isAbout(observed(vpa(false)).limit(busyHoursEnd), edgeOf(200 * MiB)));

  it('adds a share of whole bytes as the margin, by default 15 %', () => {
    const base = Math.trunc(edgeOf(100 * MiB));
    isAbout(containerOf([0, 100]).target(), base + Math.trunc(0.15 * base));
    isAbout(observed(vpa(false), seriesOf([100]), 2).limit(midnight), 2 * base);
    assert.equal(vpa(false).margin, 1.15);
  });

  it('recommends at least 250 MiB with floors, for target and bounds', () => {
    assert.equal(observed(vpa(true), seriesOf([1])).limit(midnight + hour), 250 * MiB);
    const container = new VpaContainer(true);
    container.addSample(midnight, MiB);
    container.addSample(midnight + day, MiB);
    assert.deepEqual([container.target(), container.lower()], [250 * MiB, 250 * MiB]);
    container.addSample(midnight + 2 * day, 900 * MiB);
    assert.ok(container.target() > 900 * MiB);
  });

  it('recommends nothing before the first sample, and the first bucket for a sample of 0', () => {
    for (const floors of [false, true])
      assert.equal(vpa(floors).start(1, seriesOf([]))?.limit(midnight), undefined);
    isAbout(observed(vpa(false), seriesOf([0])).limit(midnight), 1e7);
  });

  it('recommends p90 of the peaks, so the older of two counts if it has a tenth of the weight', () => {
    // Three half-lives: 1/9 of the weight. Four: 1/17.
    isAbout(containerOf([0, 100], [3 * day, 50]).target(0), edgeOf(100 * MiB));
    isAbout(containerOf([0, 100], [4 * day, 50]).target(0), edgeOf(50 * MiB));
  });
});

describe('the 24-hour window of vpa', () => {
  it('keeps its largest sample alone', () => {
    holds(containerOf([0, 100], [60, 300], [120, 200]), 1, 300);
    holds(containerOf([0, 100], [60, 100]), 1, 100);
  });

  it('ends a day after its first sample, exclusive', () => {
    holds(containerOf([0, 100], [day - 1, 300]), 1, 300);
    holds(containerOf([0, 100], [day, 300]), 2, 300);
  });

  it('stays aligned to the first sample after a gap', () => {
    holds(containerOf([0, 100], [3.5 * day, 200], [4 * day - 1, 300]), 2, 300);
    holds(containerOf([0, 100], [3.5 * day, 200], [4 * day, 300]), 3, 300);
  });

  it('keeps no peak if it starts with 0, like the original', () =>
    isAbout(containerOf([0, 0], [60, 300]).target(0), 1e7));
});

describe('the bounds of vpa', () => {
  it('have a confidence of days of history or samples per minute, whichever is less', () => {
    assert.equal(new VpaContainer().confidence, 0);
    assert.equal(containerOf([0, 100], [day, 100]).confidence, 2 / 1440);
    const dense = containerOf();
    for (let at = 0; at <= day / 2; at += 15) dense.addSample(midnight + at, 100 * MiB);
    assert.equal(dense.confidence, 0.5);
  });

  it('narrow with confidence: p50 below and p95 above, with the margin', () => {
    const container = containerOf();
    for (let minute = 0; minute <= 1440; minute++) container.addSample(midnight + minute * 60, 100 * MiB);
    assert.equal(container.confidence, 1);
    const base = Math.trunc(edgeOf(100 * MiB));
    const withMargin = base + Math.trunc(0.15 * base);
    isAbout(container.upper(), 2 * withMargin);
    isAbout(container.lower(), withMargin / 1.001 ** 2);
  });

  it('are 0 and infinite after one sample', () => {
    const container = containerOf([0, 100]);
    assert.deepEqual([container.lower(), container.upper()], [0, Number.POSITIVE_INFINITY]);
  });
});

describe('vpa after an OOM kill', () => {
  it('adds 100 MiB or 20 % to the request, whichever is more', () => {
    const killedAt = (limit: number): number => {
      const sizer = observed(vpa(false));
      sizer.observe(busyHoursEnd, limit * MiB);
      return inMiB(sizer.killed?.(busyHoursEnd, limit * MiB));
    };
    assert.ok(Math.abs(killedAt(300) - edgeOf(400 * MiB) / MiB) < 60);
    for (const [request, needed] of [
      [300, 400],
      [500, 600],
      [1000, 1200],
    ] as const) {
      const container = new VpaContainer();
      container.recordOom(midnight, request * MiB);
      holds(container, 1, needed);
    }
  });

  it('adds to the peak of the window if that is above the request', () => {
    const container = containerOf([0, 1000]);
    container.recordOom(midnight + 60, 200 * MiB);
    holds(container, 1, 1200);
  });

  it('replaces the peak of its window, and later smaller samples and kills do not count', () => {
    const container = containerOf([0, 300]);
    container.recordOom(midnight + 60, 300 * MiB);
    container.addSample(midnight + 120, 350 * MiB);
    container.recordOom(midnight + 180, 200 * MiB);
    holds(container, 1, 400);
  });

  it('ignores a kill before the current window, and counts one at its start', () => {
    const late = (at: number): VpaContainer => {
      const container = containerOf([0, 100], [day, 100]);
      container.recordOom(midnight + at, 900 * MiB);
      return container;
    };
    holds(late(day - 1), 1, 100);
    holds(late(day), 2, 1080);
  });

  it('opens a new window if the kill comes after the end of the last one', () => {
    const container = containerOf([0, 1000]);
    container.recordOom(midnight + day, 100 * MiB);
    // 1100 MiB: VPA reads the peak before it closes the window.
    holds(container, 2, 1200);
  });

  it('never lowers the limit', () => {
    const sizer = observed(vpa(false), seriesOf([0]));
    sizer.observe(midnight + 60, 5000 * MiB);
    assert.equal(inMiB(sizer.killed?.(midnight + 60, 4000 * MiB)), 4000);
  });
});
