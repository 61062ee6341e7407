/** The open five minutes, hour and day of one lifetime. When they close, they add to an aggregate. Seconds since 1970, bytes. */
import { defined } from '../model/json.ts';
import { daySeconds } from '../model/time.ts';
import type { UsageAggregate } from './aggregate.ts';
import type { Day } from './packed/days.ts';

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

/** Places of the numbers. */
const place = {
  ...{ fiveStart: 0, fivePeak: 1, hourStart: 2, hourPeak: 3, hourLeast: 4, cacheLeast: 5 },
  ...{ dayStart: 6, dayCache: 7, unsortedLeast: 8, dayUnsorted: 9, refaultedBefore: 10, refaulted: 11 },
  // The largest parts in the open five minutes.
  ...{ workingSet: 12, anon: 13, shmem: 14 },
} as const;
type Place = (typeof place)[keyof typeof place];
const count = Object.keys(place).length;

const startOf = (span: number, at: number): number => Math.floor(at / span) * span;

/** An array itself: as fields, each number would take three times the memory, and an object around it 32 bytes. NaN: absent. */
export class OpenWindows extends Array<number> {
  constructor(state: WindowsState) {
    super(count);
    this.fill(Number.NaN);
    this.restore(state);
  }

  /** Goes on from this state. The parts are not in it, and stay. */
  restore(state: WindowsState): void {
    // Windows without a start have no time to add them at.
    if (state.hourStart === undefined) return;
    this.set(place.hourStart, state.hourStart);
    this.set(place.hourPeak, state.hourPeak);
    this.set(place.hourLeast, state.hourLeast);
    this.set(place.cacheLeast, state.cacheLeast);
    this.set(place.unsortedLeast, state.unsortedLeast);
    this.set(place.refaulted, state.refaulted);
    this.set(place.refaultedBefore, state.refaulted);
    if (state.fiveStart !== undefined) {
      this.set(place.fiveStart, state.fiveStart);
      this.set(place.fivePeak, state.fivePeak);
    }
    if (state.dayStart !== undefined) {
      this.set(place.dayStart, state.dayStart);
      this.set(place.dayCache, state.dayCache);
      this.set(place.dayUnsorted, state.dayUnsorted);
    }
  }

  /** Undefined: absent. */
  get state(): { readonly [field in keyof WindowsState]: number | undefined } {
    return {
      ...{ fiveStart: this.get(place.fiveStart), fivePeak: this.get(place.fivePeak) },
      ...{ hourStart: this.get(place.hourStart), hourPeak: this.get(place.hourPeak) },
      ...{ hourLeast: this.get(place.hourLeast), cacheLeast: this.get(place.cacheLeast) },
      ...{ dayStart: this.get(place.dayStart), dayCache: this.get(place.dayCache) },
      ...{ unsortedLeast: this.get(place.unsortedLeast), dayUnsorted: this.get(place.dayUnsorted) },
      refaulted: this.get(place.refaultedBefore),
    };
  }

  /** The largest real of the open hour, the open five minutes included. Undefined: no sample had a real. */
  get peak(): number | undefined {
    return highestOf({ hourPeak: this.get(place.hourPeak), fivePeak: this.get(place.fivePeak) });
  }

  /** Whether the time is in the open five minutes. */
  contains(at: number): boolean {
    const start = this.numberAt(place.fiveStart);
    return at < start + fiveMinutes && at >= start;
  }

  /** Whether they begin later, because the clock was set back. */
  areAhead(at: number): boolean {
    return at < this.numberAt(place.fiveStart);
  }

  observe(sample: LifetimeSample): void {
    this.raise(place.fivePeak, sample.real);
    this.lower(place.hourLeast, sample.real);
    this.lower(place.cacheLeast, sample.activeFile);
    this.lower(place.unsortedLeast, sample.unsorted);
    this.raise(place.workingSet, sample.workingSet);
    this.raise(place.anon, sample.anon);
    this.raise(place.shmem, sample.shmem);
    if (sample.refaulted === undefined) return;
    this.set(place.refaulted, sample.refaulted);
    this.set(place.refaultedBefore, this.get(place.refaultedBefore) ?? sample.refaulted);
  }

  /** Moves windows that begin in the future to now. */
  setBack(at: number): void {
    this.set(place.fiveStart, startOf(fiveMinutes, at));
    if (this.numberAt(place.hourStart) > at) this.set(place.hourStart, startOf(hour, at));
    if (this.numberAt(place.dayStart) > at) this.set(place.dayStart, startOf(daySeconds, at));
  }

  /**
   * Closes the five minutes, and the hour and the day if they are over too.
   * @param since start of the lifetime
   * @returns the hour that closed; undefined: it is still open
   */
  turn(at: number, since: number, aggregate: UsageAggregate): HourLeast | undefined {
    const peak = this.get(place.fivePeak);
    if (peak !== undefined) {
      this.noteParts(aggregate);
      for (const part of [place.workingSet, place.anon, place.shmem]) this.set(part, undefined);
      aggregate.usage.add(peak, this.numberAt(place.fiveStart));
      this.raise(place.hourPeak, peak);
    }
    this.set(place.fivePeak, undefined);
    this.set(place.fiveStart, startOf(fiveMinutes, at));
    const hourStart = startOf(hour, at);
    const before = this.get(place.hourStart);
    if (hourStart === before) return undefined;
    const closed = before === undefined ? undefined : this.closeHour(since, aggregate);
    this.set(place.hourStart, hourStart);
    const dayStart = startOf(daySeconds, at);
    if (dayStart === this.numberAt(place.dayStart)) return closed;
    this.set(place.dayStart, dayStart);
    this.set(place.dayCache, undefined);
    this.set(place.dayUnsorted, undefined);
    return closed;
  }

  /** Adds them, as if they closed now. @param since start of the lifetime; undefined: unknown */
  closeInto(aggregate: UsageAggregate, since: number | undefined): void {
    const fivePeak = this.get(place.fivePeak);
    if (fivePeak !== undefined) {
      aggregate.usage.add(fivePeak, this.numberAt(place.fiveStart));
      this.noteParts(aggregate);
    }
    const peak = highestOf({ hourPeak: this.get(place.hourPeak), fivePeak });
    if (peak !== undefined) aggregate.hour(peak, this.numberAt(place.hourStart));
    this.noteCache(aggregate, since);
    this.noteRefaulted(aggregate);
  }

  private closeHour(since: number, aggregate: UsageAggregate): HourLeast {
    const [start, peak, least] = [
      this.numberAt(place.hourStart),
      this.get(place.hourPeak),
      this.get(place.hourLeast),
    ];
    if (peak !== undefined) aggregate.hour(peak, start);
    // Only now is the lowest amount of the day known. A value after an earlier hour could be too high.
    if (start + hour >= this.numberAt(place.dayStart) + daySeconds) this.noteCache(aggregate, since);
    this.set(place.dayCache, this.leastOfDay(place.cacheLeast, place.dayCache, since));
    this.set(place.dayUnsorted, this.leastOfDay(place.unsortedLeast, place.dayUnsorted, since));
    this.noteRefaulted(aggregate);
    for (const ended of [place.hourPeak, place.hourLeast, place.cacheLeast, place.unsortedLeast])
      this.set(ended, undefined);
    this.set(place.refaultedBefore, this.get(place.refaulted));
    return { start, least };
  }

  private noteParts(aggregate: UsageAggregate): void {
    const [workingSet, anon, shmem] = [
      this.get(place.workingSet),
      this.get(place.anon),
      this.get(place.shmem),
    ];
    aggregate.note(this.numberAt(place.fiveStart), defined<Omit<Day, 'peak'>>({ workingSet, anon, shmem }));
  }

  private noteCache(aggregate: UsageAggregate, since: number | undefined): void {
    const cache = this.leastOfDay(place.cacheLeast, place.dayCache, since);
    const unsorted = this.leastOfDay(place.unsortedLeast, place.dayUnsorted, since);
    if (cache !== undefined) aggregate.note(this.numberAt(place.hourStart), { cache });
    if (unsorted !== undefined) aggregate.note(this.numberAt(place.hourStart), { unsorted });
  }

  private noteRefaulted(aggregate: UsageAggregate): void {
    const [now, before] = [this.get(place.refaulted), this.get(place.refaultedBefore)];
    if (now === undefined || before === undefined) return;
    aggregate.note(this.numberAt(place.hourStart), { refaulted: Math.max(0, now - before) });
  }

  /** Ignores the first hour of a lifetime, in which its cache fills up. */
  private leastOfDay(hourPlace: Place, dayPlace: Place, since = 0): number | undefined {
    const [ofHour, ofDay] = [this.get(hourPlace), this.get(dayPlace)];
    if (ofHour === undefined || this.numberAt(place.hourStart) < since + hour) return ofDay;
    return Math.min(ofHour, ofDay ?? ofHour);
  }

  /** NaN: absent. */
  private numberAt(index: Place): number {
    return this[index] as number;
  }

  private get(index: Place): number | undefined {
    const value = this.numberAt(index);
    return Number.isNaN(value) ? undefined : value;
  }

  private set(index: Place, value: number | undefined): void {
    this[index] = value ?? Number.NaN;
  }

  private raise(index: Place, value: number | undefined): void {
    if (value !== undefined && !(value <= this.numberAt(index))) this[index] = value;
  }

  private lower(index: Place, value: number | undefined): void {
    if (value !== undefined && !(value >= this.numberAt(index))) this[index] = value;
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
