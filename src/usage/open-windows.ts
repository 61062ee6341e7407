/** The open five minutes, hour and day of one lifetime. When they close, they add to an aggregate. Seconds since 1970, bytes. */
import { daySeconds } from '../model/time.ts';
import type { UsageAggregate } from './aggregate.ts';

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

/** The part that survives a restart of the agent. */
export interface WindowsState {
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
  /** The total at the start of the hour. */
  readonly refaulted?: number;
}

/** The lowest real of an hour that closed. */
export interface HourLeast {
  readonly start: number;
  readonly least: number | undefined;
}

const sampledParts = ['workingSet', 'anon', 'shmem'] as const;
type Parts = { [part in (typeof sampledParts)[number]]?: number };

const startOf = (span: number, at: number): number => Math.floor(at / span) * span;

export class OpenWindows {
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

  constructor(state: WindowsState) {
    this.restore(state);
  }

  /** Goes on from this state. The parts are not in it, and stay. */
  restore(state: WindowsState): void {
    // Windows without a start have no time to add them at.
    if (state.hourStart === undefined) return;
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

  /** NaN and undefined: absent. */
  get state(): { readonly [field in keyof WindowsState]: number | undefined } {
    const { fivePeak, hourPeak, hourLeast, cacheLeast, dayCache, unsortedLeast, dayUnsorted } = this;
    return {
      ...{ fivePeak, hourPeak, hourLeast, cacheLeast, dayCache, unsortedLeast, dayUnsorted },
      fiveStart: this.fiveStart,
      hourStart: this.hourStart,
      dayStart: this.dayStart,
      refaulted: this.refaultedBefore,
    };
  }

  /** Whether the time is in the open five minutes. */
  contains(at: number): boolean {
    return at < this.fiveStart + fiveMinutes && at >= this.fiveStart;
  }

  /** Whether they begin later, because the clock was set back. */
  areAhead(at: number): boolean {
    return at < this.fiveStart;
  }

  observe(sample: LifetimeSample): void {
    const { real, activeFile, unsorted, refaulted } = sample;
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

  /** Moves windows that begin in the future to now. */
  setBack(at: number): void {
    this.fiveStart = startOf(fiveMinutes, at);
    if (this.hourStart > at) this.hourStart = startOf(hour, at);
    if (this.dayStart > at) this.dayStart = startOf(daySeconds, at);
  }

  /**
   * Closes the five minutes, and the hour and the day if they are over too.
   * @param since start of the lifetime
   * @returns the hour that closed; undefined: it is still open
   */
  turn(at: number, since: number, aggregate: UsageAggregate): HourLeast | undefined {
    if (this.fivePeak !== undefined) {
      aggregate.note(this.fiveStart, this.parts);
      this.parts = {};
      aggregate.usage.add(this.fivePeak, this.fiveStart);
      if (!(this.fivePeak <= (this.hourPeak ?? -1))) this.hourPeak = this.fivePeak;
    }
    this.fivePeak = undefined;
    this.fiveStart = startOf(fiveMinutes, at);
    const hourStart = startOf(hour, at);
    if (hourStart === this.hourStart) return undefined;
    const closed = Number.isNaN(this.hourStart) ? undefined : this.closeHour(since, aggregate);
    this.hourStart = hourStart;
    const dayStart = startOf(daySeconds, at);
    if (dayStart === this.dayStart) return closed;
    this.dayStart = dayStart;
    this.dayCache = undefined;
    this.dayUnsorted = undefined;
    return closed;
  }

  /** Adds them, as if they closed now. @param since start of the lifetime; undefined: unknown */
  closeInto(aggregate: UsageAggregate, since: number | undefined): void {
    if (this.fivePeak !== undefined) {
      aggregate.usage.add(this.fivePeak, this.fiveStart);
      aggregate.note(this.fiveStart, this.parts);
    }
    const peak = highestOf({ hourPeak: this.hourPeak, fivePeak: this.fivePeak });
    if (peak !== undefined) aggregate.hour(peak, this.hourStart);
    this.noteCache(aggregate, since);
    this.noteRefaulted(aggregate);
  }

  private closeHour(since: number, aggregate: UsageAggregate): HourLeast {
    const { hourPeak, hourLeast, hourStart } = this;
    if (hourPeak !== undefined) aggregate.hour(hourPeak, hourStart);
    // Only now is the lowest amount of the day known. A value after an earlier hour could be too high.
    if (hourStart + hour >= this.dayStart + daySeconds) this.noteCache(aggregate, since);
    this.dayCache = this.leastOfDay(this.cacheLeast, this.dayCache, since);
    this.dayUnsorted = this.leastOfDay(this.unsortedLeast, this.dayUnsorted, since);
    this.noteRefaulted(aggregate);
    this.hourPeak = undefined;
    this.hourLeast = undefined;
    this.cacheLeast = undefined;
    this.unsortedLeast = undefined;
    this.refaultedBefore = this.refaulted;
    return { start: hourStart, least: hourLeast };
  }

  private noteCache(aggregate: UsageAggregate, since: number | undefined): void {
    const cache = this.leastOfDay(this.cacheLeast, this.dayCache, since);
    const unsorted = this.leastOfDay(this.unsortedLeast, this.dayUnsorted, since);
    if (cache !== undefined) aggregate.note(this.hourStart, { cache });
    if (unsorted !== undefined) aggregate.note(this.hourStart, { unsorted });
  }

  private noteRefaulted(aggregate: UsageAggregate): void {
    const { refaulted, refaultedBefore } = this;
    if (refaulted === undefined || refaultedBefore === undefined) return;
    aggregate.note(this.hourStart, { refaulted: Math.max(0, refaulted - refaultedBefore) });
  }

  /** Ignores the first hour of a lifetime, in which its cache fills up. */
  private leastOfDay(ofHour: number | undefined, ofDay: number | undefined, since = 0): number | undefined {
    if (ofHour === undefined || this.hourStart < since + hour) return ofDay;
    return Math.min(ofHour, ofDay ?? ofHour);
  }
}

/** The largest real of the open hour so far, the open five minutes included. */
export const highestOf = ({
  hourPeak,
  fivePeak,
}: {
  readonly hourPeak?: number | undefined;
  readonly fivePeak?: number | undefined;
}): number | undefined => (fivePeak === undefined ? hourPeak : Math.max(fivePeak, hourPeak ?? 0));
