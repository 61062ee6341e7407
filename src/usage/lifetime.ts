/** One cgroup inode from birth to death: its open windows, and the aggregate that closed windows add to. Times in seconds. */

import type { ContainerKey } from '../model/container-key.ts';
import { hashOf } from '../model/text.ts';
import { daySeconds } from '../model/time.ts';
import type { MemoryUsage } from '../model/usage.ts';
import { UsageAggregate } from './aggregate.ts';
import { LeakDetector, type LeakDetectorState } from './leak-detector.ts';

const fiveMinutes = 300;
const hour = 3600;

/** One sample. Bytes; undefined: could not be read. */
export interface LifetimeSample {
  readonly real: number | undefined;
  readonly workingSet: number | undefined;
  readonly anon: number | undefined;
  readonly shmem: number | undefined;
  /** Undefined where the LRU does not show with it what is read again. Then all file cache is `unsorted`. */
  readonly activeFile: number | undefined;
  readonly unsorted: number | undefined;
  /** Total since the cgroup was created. */
  readonly refaulted: number | undefined;
}

/** The limits in force, and the usage against them. Detailed passes alone have them. */
export interface Bounds {
  readonly usage: number | undefined;
  readonly real: number | undefined;
  /** The limit of the container or its pod. */
  readonly limit: number | undefined;
  /** `memory.high` of the container or its pod, and whether the kernel throttles it there. */
  readonly high?: number | undefined;
  readonly throttled?: boolean;
  /** Percent of the last minute in which all tasks waited for memory. */
  readonly stalled: number | undefined;
}

/** The state of a lifetime that survives a restart of the agent. */
export interface LifetimeState {
  /** Hash of the path. */
  readonly path: number;
  readonly inode: number;
  readonly since: number;
  readonly peak?: number;
  readonly key?: ContainerKey;
  readonly pod?: string;
  readonly fiveStart?: number;
  readonly fivePeak?: number;
  readonly hourStart?: number;
  readonly hourPeak?: number;
  readonly hourLeast?: number;
  readonly cacheLeast?: number;
  readonly dayStart?: number;
  readonly dayCache?: number;
  readonly unsortedLeast?: number;
  readonly dayUnsorted?: number;
  readonly refaulted?: number;
  readonly leakDetector?: LeakDetectorState;
}

type Since = Partial<Pick<LifetimeState, 'since'>>;

const sampledParts = ['workingSet', 'anon', 'shmem'] as const;
type Parts = { [part in (typeof sampledParts)[number]]?: number };

const startOf = (span: number, at: number): number => Math.floor(at / span) * span;

/** From this share on, usage counts as at the limit: the kernel charges in batches. */
const atLimit = 0.98;

export class ContainerLifetime {
  readonly path: string;
  readonly inode: number;
  /** Time of the first sample; undefined: the time was unknown. */
  since: number | undefined;
  /** The largest real. */
  peak: number | undefined;
  /** Number of the last pass that saw it. */
  pass = 0;
  /** Undefined: it has no name yet. */
  key: ContainerKey | undefined;
  pod: string | undefined;
  /** Closed windows add to it: a private aggregate until the lifetime has a name. */
  aggregate: UsageAggregate;

  /** Whether the `high` events rose between the last two samples. */
  isAboveHigh = false;
  private highBefore: { readonly from: string | undefined; readonly events: number } | undefined;

  private fiveStart = Number.NaN;
  private fivePeak: number | undefined;
  private hourStart = Number.NaN;
  private hourPeak: number | undefined;
  private hourLeast: number | undefined;
  private cacheLeast: number | undefined;
  private dayStart = Number.NaN;
  private dayCache: number | undefined;
  private unsortedLeast: number | undefined;
  private dayUnsorted: number | undefined;
  /** Largest parts in the open five minutes. */
  private parts: Parts = {};
  private refaulted: number | undefined;
  private refaultedBefore: number | undefined;
  private leakDetector = new LeakDetector();

  constructor(
    path: string,
    state: Omit<LifetimeState, 'path' | 'since'> & Since,
    aggregate = new UsageAggregate(),
  ) {
    this.path = path;
    this.inode = state.inode;
    this.key = state.key;
    this.pod = state.pod;
    this.aggregate = aggregate;
    this.open(state);
  }

  /** Merges another record of this lifetime. */
  reconcile(other: LifetimeState): void {
    this.open(reconcileLifetimes(this.state, other, this.aggregate));
  }

  private open(state: Omit<LifetimeState, 'path' | 'since'> & Since): void {
    this.since = state.since;
    this.peak = state.peak;
    // Windows without a start have no time to add them at.
    if (state.hourStart !== undefined) {
      this.hourStart = state.hourStart;
      this.hourPeak = state.hourPeak;
      this.hourLeast = state.hourLeast;
      this.cacheLeast = state.cacheLeast;
      this.unsortedLeast = state.unsortedLeast;
      this.refaulted = state.refaulted;
      this.refaultedBefore = state.refaulted;
      if (state.fiveStart !== undefined) {
        this.fiveStart = state.fiveStart;
        this.fivePeak = state.fivePeak;
      }
      if (state.dayStart !== undefined) {
        this.dayStart = state.dayStart;
        this.dayCache = state.dayCache;
        this.dayUnsorted = state.dayUnsorted;
      }
    }
    this.leakDetector = new LeakDetector(state.leakDetector);
  }

  /** Called in each pass. @param at undefined: the time is unknown, and only the peak counts */
  observe(sample: LifetimeSample, at: number | undefined): void {
    const { real, activeFile, unsorted, refaulted } = sample;
    if (real !== undefined && !(real <= (this.peak ?? -1))) this.peak = real;
    if (at === undefined) return;
    this.since ??= at;
    if (!(at < this.fiveStart + fiveMinutes && at >= this.fiveStart)) this.turn(at);
    if (real !== undefined) {
      if (!(real <= (this.fivePeak ?? -1))) this.fivePeak = real;
      if (!(real >= (this.hourLeast ?? Number.POSITIVE_INFINITY))) this.hourLeast = real;
    }
    if (activeFile !== undefined && !(activeFile >= (this.cacheLeast ?? Number.POSITIVE_INFINITY)))
      this.cacheLeast = activeFile;
    if (unsorted !== undefined && !(unsorted >= (this.unsortedLeast ?? Number.POSITIVE_INFINITY)))
      this.unsortedLeast = unsorted;
    for (const field of sampledParts) {
      const value = sample[field];
      if (value !== undefined && !(value <= (this.parts[field] ?? -1))) this.parts[field] = value;
    }
    if (refaulted !== undefined) {
      this.refaultedBefore ??= refaulted;
      this.refaulted = refaulted;
    }
  }

  /** Called in each detailed pass with a known time. */
  observeBounds({ usage, real, limit, high, throttled = false, stalled }: Bounds, at: number): void {
    if (stalled !== undefined && stalled > 0) this.aggregate.note(at, { stalled });
    if (high !== undefined && throttled) this.aggregate.note(at, { throttled: high });
    const first = Math.min(limit ?? Number.POSITIVE_INFINITY, high ?? Number.POSITIVE_INFINITY);
    if (usage !== undefined && usage >= atLimit * first) this.aggregate.note(at, { squeezed: true });
    if (limit === undefined) return;
    if (real !== undefined && real >= atLimit * limit) this.aggregate.note(at, { atLimit: limit });
  }

  /** Called in each detailed pass, even if the time is unknown. */
  observeHigh({ highFrom, highEvents }: MemoryUsage): void {
    const before = this.highBefore;
    this.isAboveHigh =
      highEvents !== undefined &&
      before !== undefined &&
      before.from === highFrom &&
      highEvents > before.events;
    // After a sample without a value, the next one compares with the last known value.
    if (highEvents !== undefined) this.highBefore = { from: highFrom, events: highEvents };
  }

  /** Gives it a name, and moves its private aggregate into that of the name. */
  name(key: ContainerKey, pod: string, aggregate: UsageAggregate): void {
    aggregate.merge(this.aggregate);
    this.aggregate = aggregate;
    this.key = key;
    this.pod = pod;
  }

  /** Closes the open windows at its end. */
  end(): void {
    this.closeInto(this.aggregate);
  }

  /** Adds the open windows, as if they closed now. */
  closeInto(aggregate: UsageAggregate): void {
    if (this.fivePeak !== undefined) {
      aggregate.usage.add(this.fivePeak, this.fiveStart);
      aggregate.note(this.fiveStart, this.parts);
    }
    const peak = this.hourPeakNow;
    if (peak !== undefined) aggregate.hour(peak, this.hourStart);
    this.noteCache(aggregate);
    if (this.refaultedNow !== undefined) aggregate.note(this.hourStart, { refaulted: this.refaultedNow });
  }

  get state(): LifetimeState {
    const { inode, since, peak, key, pod, fivePeak, hourPeak, hourLeast } = this;
    const { cacheLeast, dayCache, unsortedLeast, dayUnsorted } = this;
    const all = {
      path: hashOf(this.path),
      ...{ inode, since, peak, key, pod, fivePeak, hourPeak, hourLeast },
      ...{ cacheLeast, dayCache, unsortedLeast, dayUnsorted },
      fiveStart: this.fiveStart,
      hourStart: this.hourStart,
      dayStart: this.dayStart,
      refaulted: this.refaultedBefore,
      leakDetector: this.leakDetector.state.values.length === 0 ? undefined : this.leakDetector.state,
    };
    const known = Object.entries(all).filter(([, value]) => value !== undefined && !Number.isNaN(value));
    return Object.fromEntries(known) as unknown as LifetimeState;
  }

  /** Undefined: no leak. */
  get leak() {
    return this.leakDetector.growth();
  }

  /** The clock was set back: moves the open windows from the future to now. */
  private setBack(at: number): void {
    this.since = Math.min(this.since ?? at, at);
    this.fiveStart = startOf(fiveMinutes, at);
    if (this.hourStart > at) this.hourStart = startOf(hour, at);
    if (this.dayStart > at) this.dayStart = startOf(daySeconds, at);
    if (this.leakDetector.state.start > at) this.leakDetector = new LeakDetector();
  }

  /** Closes the five minutes, and the hour and the day if they are over too. */
  private turn(at: number): void {
    if (at < this.fiveStart) this.setBack(at);
    if (this.fivePeak !== undefined) {
      this.aggregate.note(this.fiveStart, this.parts);
      this.parts = {};
      this.aggregate.usage.add(this.fivePeak, this.fiveStart);
      if (!(this.fivePeak <= (this.hourPeak ?? -1))) this.hourPeak = this.fivePeak;
    }
    this.fivePeak = undefined;
    this.fiveStart = startOf(fiveMinutes, at);
    const hourStart = startOf(hour, at);
    if (hourStart === this.hourStart) return;
    if (!Number.isNaN(this.hourStart)) this.closeHour();
    this.hourStart = hourStart;
    const dayStart = startOf(daySeconds, at);
    if (dayStart === this.dayStart) return;
    this.dayStart = dayStart;
    this.dayCache = undefined;
    this.dayUnsorted = undefined;
  }

  private closeHour(): void {
    const { hourPeak, hourLeast, hourStart, aggregate } = this;
    if (hourPeak !== undefined) aggregate.hour(hourPeak, hourStart);
    if (hourLeast !== undefined) this.leakDetector.add(hourLeast, hourStart);
    // Only now is the lowest amount of the day known. A value after an earlier hour could be too high.
    if (hourStart + hour >= this.dayStart + daySeconds) this.noteCache(aggregate);
    this.dayCache = this.leastOfDay(this.cacheLeast, this.dayCache);
    this.dayUnsorted = this.leastOfDay(this.unsortedLeast, this.dayUnsorted);
    if (this.refaultedNow !== undefined) aggregate.note(hourStart, { refaulted: this.refaultedNow });
    if (this.leak !== undefined && this.pod !== undefined) aggregate.leaking({ pod: this.pod, ...this.leak });
    this.hourPeak = undefined;
    this.hourLeast = undefined;
    this.cacheLeast = undefined;
    this.unsortedLeast = undefined;
    this.refaultedBefore = this.refaulted;
  }

  private get hourPeakNow(): number | undefined {
    const { hourPeak, fivePeak } = this;
    return fivePeak === undefined ? hourPeak : Math.max(fivePeak, hourPeak ?? 0);
  }

  private noteCache(aggregate: UsageAggregate): void {
    const cache = this.leastOfDay(this.cacheLeast, this.dayCache);
    const unsorted = this.leastOfDay(this.unsortedLeast, this.dayUnsorted);
    if (cache !== undefined) aggregate.note(this.hourStart, { cache });
    if (unsorted !== undefined) aggregate.note(this.hourStart, { unsorted });
  }

  /** Ignores the first hour of a lifetime, in which its cache fills up. */
  private leastOfDay(ofHour: number | undefined, ofDay: number | undefined): number | undefined {
    if (ofHour === undefined || this.hourStart < (this.since ?? 0) + hour) return ofDay;
    return Math.min(ofHour, ofDay ?? ofHour);
  }

  private get refaultedNow(): number | undefined {
    const { refaulted, refaultedBefore } = this;
    return refaulted === undefined || refaultedBefore === undefined
      ? undefined
      : Math.max(0, refaulted - refaultedBefore);
  }
}

/**
 * Merges two records of one lifetime. If the later one continued from the earlier one, the later one counts. If it began
 * without the earlier one, the earlier open windows close, or continue if they belong to the same hour.
 * @param aggregate gets the windows that close
 */
export function reconcileLifetimes(
  a: LifetimeState,
  b: LifetimeState,
  aggregate: UsageAggregate,
): LifetimeState {
  const observedAt = ({ since, fiveStart = since }: LifetimeState): number => fiveStart;
  const [earlier, later] = observedAt(a) <= observedAt(b) ? [a, b] : [b, a];
  const both = {
    ...later,
    since: Math.min(a.since, b.since),
    ...outermost(Math.max, 'peak', a, b),
  };
  if (!(later.since > observedAt(earlier))) return both;
  const leakDetector = new LeakDetector(earlier.leakDetector);
  const { span, start, values } = new LeakDetector(later.leakDetector).state;
  for (const [index, value] of values.entries()) leakDetector.add(value, start + index * span);
  const whole = leakDetector.state.values.length === 0 ? both : { ...both, leakDetector: leakDetector.state };
  if (earlier.hourStart === undefined || earlier.hourStart !== later.hourStart) {
    new ContainerLifetime('', earlier).closeInto(aggregate);
    return whole;
  }
  return {
    ...whole,
    ...outermost(Math.max, 'hourPeak', { ...earlier, hourPeak: openPeak(earlier) }, later),
    ...outermost(Math.min, 'hourLeast', earlier, later),
    ...outermost(Math.min, 'cacheLeast', earlier, later),
    ...outermost(Math.min, 'dayCache', earlier, later),
    ...outermost(Math.min, 'unsortedLeast', earlier, later),
    ...outermost(Math.min, 'dayUnsorted', earlier, later),
    // The total at the start of the hour: the later record has only that of its first sample.
    ...outermost(Math.min, 'refaulted', earlier, later),
  };
}

const openPeak = ({ hourPeak, fivePeak }: LifetimeState): number | undefined =>
  fivePeak === undefined ? hourPeak : Math.max(fivePeak, hourPeak ?? 0);

type Sized =
  | 'peak'
  | 'hourPeak'
  | 'hourLeast'
  | 'cacheLeast'
  | 'dayCache'
  | 'unsortedLeast'
  | 'dayUnsorted'
  | 'refaulted';

const outermost = (
  most: (...values: number[]) => number,
  field: Sized,
  a: { readonly [name in Sized]?: number | undefined },
  b: { readonly [name in Sized]?: number | undefined },
): { readonly [name in Sized]?: number } => {
  const values = [a[field], b[field]].filter((value) => value !== undefined);
  return values.length === 0 ? {} : { [field]: most(...values) };
};
