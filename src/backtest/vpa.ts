/**
 * The memory recommendation of the Vertical Pod Autoscaler (`pkg/recommender/model/container.go`, `logic/`): a percentile of
 * a decaying histogram of 24-hour peaks, plus a margin.
 */

import { daySeconds } from '../model/time.ts';
import { DecayingHistogram, exponentialBuckets } from './histogram.ts';
import type { Policy } from './policy.ts';
import { multipliers } from './policy.ts';

const mib = 1024 ** 2;
/** From 10 MB to 1 TB. Each bucket is 5 % wider than the one before. */
const vpaBuckets = exponentialBuckets(1e12, 1e7, 0.05);
const halfLifeSeconds = daySeconds;
const marginFraction = 0.15;
const bump = { bytes: 100 * mib, ratio: 1.2 };
/** `--pod-recommendation-min-memory-mb`. */
const floorBytes = 250 * mib;

/** VPA's state of one container. VPA computes in whole bytes. */
export class VpaContainer {
  readonly histogram = new DecayingHistogram(vpaBuckets, halfLifeSeconds);
  private readonly floor: number;
  private windowEnd: number | undefined;
  private memoryPeak = 0;
  private oomPeak = 0;
  private first: number | undefined;
  private last = 0;
  private samples = 0;

  constructor(floors = false) {
    this.floor = floors ? floorBytes : 0;
  }

  addSample(at: number, value: number): void {
    this.first ??= at;
    this.last = at;
    this.samples++;
    this.addPeak(at, value, false);
  }

  /** @param requestBytes the request at the time of the OOM kill. VPA ignores the limit. */
  recordOom(at: number, requestBytes: number): void {
    if (this.windowEnd !== undefined && at < this.windowEnd - daySeconds) return;
    const used = Math.max(requestBytes, this.memoryPeak);
    this.addPeak(at, Math.max(used + bump.bytes, Math.trunc(used * bump.ratio)), true);
  }

  /** @param margin a share of usage, added to it */
  target(margin = marginFraction): number {
    return Math.max(this.percentile(0.9, margin), this.floor);
  }

  lower(): number {
    const share = (1 + 0.001 / this.confidence) ** -2;
    return Math.max(Math.trunc(this.percentile(0.5) * share), this.floor);
  }

  upper(): number {
    return Math.max(Math.trunc(this.percentile(0.95) * (1 + 1 / this.confidence)), this.floor);
  }

  /** The smaller of days of history and samples / 1440: one day has 1440 minutes. */
  get confidence(): number {
    return Math.min((this.last - (this.first ?? this.last)) / daySeconds, this.samples / 1440);
  }

  private percentile(share: number, margin = marginFraction): number {
    const base = Math.trunc(this.histogram.percentile(share));
    return base + Math.trunc(base * margin);
  }

  private addPeak(at: number, value: number, isOom: boolean): void {
    this.windowEnd ??= at;
    if (at < this.windowEnd) {
      const peak = Math.max(this.memoryPeak, this.oomPeak);
      // VPA does this too: a window that starts with 0 keeps no peak.
      if (peak === 0 || value <= peak) return;
      this.histogram.subtract(peak, this.windowEnd);
    } else {
      this.windowEnd += Math.trunc((at - this.windowEnd) / daySeconds) * daySeconds + daySeconds;
      this.memoryPeak = 0;
      this.oomPeak = 0;
    }
    this.histogram.add(value, this.windowEnd);
    if (isOom) this.oomPeak = value;
    else this.memoryPeak = value;
  }
}

export const vpa = (floors: boolean): Policy => ({
  name: 'vpa',
  margin: 1 + marginFraction,
  margins: multipliers,
  start(margin) {
    const container = new VpaContainer(floors);
    return {
      observe: (at, value) => container.addSample(at, value),
      limit: () => (container.histogram.isEmpty ? undefined : container.target(margin - 1)),
      killed(at, limit) {
        container.recordOom(at, limit);
        return Math.max(limit, container.target(margin - 1));
      },
    };
  },
});
