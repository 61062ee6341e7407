/**
 * Finds the page cache that a workload needs: what it reads again soon after the kernel took it. A state machine without clock and
 * files: it gets a reading and says what to do next.
 *
 * It takes cache in steps and watches after each. The kernel takes what was read longest ago first. As long as nothing is reread,
 * the cache was cold and the steps grow. When most of a step is reread, the cache that is left is needed: two more, small steps
 * confirm it. More steps take all of the rest once, as far as time allows: the kernel's lists are not in the order of reading, so
 * cold pages can be among it. Then it only watches, to catch slow readers.
 */
import { evenPart, LastWatch, stillToCome, type Thirds } from './last-watch.ts';
import { type SearchOptions, type Timing, timingOf } from './options.ts';
import type { Reading } from './reading.ts';
import { StepShare } from './step-share.ts';
import { isNeeded, StepWatch } from './step-watch.ts';
import { type Cold, coldSteps, noTrickle, type Trickle, trickleAfter, type WatchedStep } from './trickle.ts';

export type Next =
  | { readonly kind: 'take'; readonly bytes: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'end' };

/** Why no further step was taken. */
export const stops = [
  /** Two steps confirmed what is needed. */
  'confirmed',
  /** Nearly no page cache is left. */
  'empty',
  'depth',
  'time',
  /** Signs of harm. */
  'stall',
  'rereads',
  'nearLimit',
  /** It rereads or waits that much before the first step: it has less than it needs. */
  'short',
  'interrupted',
] as const;
export type StopReason = (typeof stops)[number];

/** One step and its result. */
export interface Step {
  readonly before: Reading;
  /** Directly after the kernel took cache. */
  readonly after: Reading;
  /** At the end of the watch. */
  readonly end: Reading;
  readonly isNeeded: boolean;
}

/** In bytes. Smaller steps drown in the lag of counters. */
export const leastStepOf = ({ lagBytes }: SearchOptions): number => Math.max(2 ** 20, lagBytes);

/** A file is cold if reading it once takes longer than this many durations, and longer than this time. */
const coldDurations = 3;
const leastColdMs = 360_000;
/** The answer counts files that are read once in this many durations, even if they were reread only in part. */
const slowDurations = 1.5;
/** Rates over a shorter time say little. */
const leastRateMs = 1_000;

export class Search {
  readonly first: Reading;
  readonly steps: Step[] = [];
  /** The last reading. */
  last: Reading;
  /** The most that the workload held in two readings, in bytes, without kernel memory that reclaim may take. */
  heldBytes = 0;
  stopped: StopReason | undefined;
  private readonly options: SearchOptions;
  private readonly timing: Timing;
  private phase: 'baseline' | 'take' | 'watch' | 'hold' = 'baseline';
  /** Before the first step: pages reread per millisecond, and the share of time in which a task waits. */
  private base = { rereads: 0, stalled: 0 };
  /** Pages per millisecond that the workload would reread without the probe: those of the baseline, as far as they go on until the end. */
  private always = 0;
  private readonly share = new StepShare();
  /** Bytes of all steps since the first needed one. */
  private turned = 0;
  private misses = 0;
  private wanted = 0;
  private before: Reading;
  private after: Reading | undefined;
  private readonly stepWatch: StepWatch;
  private cold: Cold = { steps: 0, perMs: 0 };
  private readonly lastWatch = new LastWatch();

  constructor(options: SearchOptions, first: Reading) {
    this.options = options;
    this.timing = timingOf(options.durationMs);
    this.first = first;
    this.last = first;
    this.before = first;
    this.stepWatch = new StepWatch(this.timing, first);
  }

  /** The reading directly after the last step. Undefined: nothing was taken yet. */
  get lastTaken(): Reading | undefined {
    return this.after;
  }

  /** The reading before a step that is not judged yet, because the probe ended first. */
  get unjudged(): Reading | undefined {
    return this.phase === 'take' || this.phase === 'watch' ? this.before : undefined;
  }

  /** Small steps that confirmed the needed cache. */
  get confirmations(): number {
    return this.share.confirmations;
  }

  /** Without the probe. */
  get baseRereadsPerSecond(): number {
    return this.base.rereads * 1000;
  }

  next(reading: Reading): Next {
    const previous = this.last;
    this.last = reading;
    // A page that the kernel has charged but not yet put on a list counts as real for a moment.
    this.heldBytes = Math.max(this.heldBytes, Math.min(heldOf(previous), heldOf(reading)));
    if (this.isNearLimit(reading)) return this.end('nearLimit');
    if (this.phase === 'hold') this.lastWatch.note(reading, this.first.at + this.options.durationMs);
    if (this.elapsed >= this.options.durationMs) return this.end('time');
    switch (this.phase) {
      case 'baseline':
        return this.baseline(reading);
      case 'take':
        return this.taken(reading);
      case 'watch':
        return this.watch(reading, previous);
      case 'hold':
        return this.wait(this.options.durationMs - this.elapsed);
    }
  }

  /** Pages that were reread between two readings, without those that are always reread. */
  returned(from: Reading, to: Reading): number {
    return Math.max(0, to.rereads - from.rereads - this.always * (to.at - from.at));
  }

  /** Pages that were reread from a reading until the end, without those of cold files that somebody reads now and then. */
  returnedSince(from: Reading): number {
    return this.without(this.lastTrickle.perMs, from, this.last);
  }

  /** How many of the pages that `returnedSince` leaves out may be needed ones. */
  doubtfulSince(from: Reading): number {
    return (this.returned(from, this.last) - this.returnedSince(from)) * this.lastTrickle.doubt;
  }

  /** Pages of the steps after the cold ones that are missing, and that their reader will read soon. */
  get toCome(): number {
    const firstWarm = this.steps[this.cold.steps];
    const thirds = this.thirds(Math.max(this.cold.perMs, this.lastTrickle.perMs));
    if (firstWarm === undefined || thirds === undefined) return 0;
    const took = pagesOf(this.watched.slice(this.cold.steps));
    const missing = Math.max(0, took - this.returnedSince(firstWarm.after));
    return stillToCome(missing, thirds, this.neededMs);
  }

  /** A probe that ended early did not see whether rereads go on. */
  private get lastTrickle(): Trickle {
    const thirds = this.thirds(0);
    const [first] = this.steps;
    if (thirds === undefined || first === undefined) return noTrickle;
    const { watched, cold, neededMs, horizonMs } = this;
    const back = this.returned(first.after, this.lastWatch.begin ?? this.last);
    const missing = Math.max(0, pagesOf(watched) - back);
    return trickleAfter(thirds, { watched, cold, missing, neededMs, horizonMs });
  }

  private thirds(trickle: number): Thirds | undefined {
    return this.lastWatch.thirds((from, to) => this.without(trickle, from, to));
  }

  /** @param trickle pages per millisecond */
  private without(trickle: number, from: Reading, to: Reading): number {
    return Math.max(0, this.returned(from, to) - trickle * (to.at - from.at));
  }

  private get elapsed(): number {
    return this.last.at - this.first.at;
  }

  private baseline(reading: Reading): Next {
    const { baselineMs } = this.timing;
    if (this.elapsed < baselineMs) return this.wait(baselineMs - this.elapsed);
    this.base = {
      rereads: (reading.rereads - this.first.rereads) / this.elapsed,
      stalled: stalledShare(this.first, reading),
    };
    this.always = this.base.rereads;
    const { maxRereads, maxStall } = this.options;
    if (this.base.rereads * 1000 > maxRereads || this.base.stalled > maxStall) return this.end('short');
    return this.take(reading);
  }

  private take(reading: Reading): Next {
    const { takingMs, stepMs } = this.timing;
    const { depthBytes, floorBytes, maxRereads, pageBytes } = this.options;
    if (this.elapsed > takingMs) return this.hold('time');
    const leastStep = leastStepOf(this.options);
    const left = reading.cacheBytes - floorBytes;
    if (left < leastStep) return this.hold('empty');
    const allowed = reading.cacheBytes - (this.first.cacheBytes - depthBytes);
    if (allowed < Math.min(leastStep, depthBytes)) return this.hold('depth');
    // If the workload needs all of it, it must be able to read it back within the watch. Reclaim can take twice as much.
    const gentle = (maxRereads * pageBytes * stepMs) / 2000;
    // New files come in the meantime. A smaller step would never get below them.
    const { after } = this;
    const grown =
      after === undefined
        ? 0
        : reading.cacheBytes - after.cacheBytes - this.returned(after, reading) * pageBytes;
    const wanted = Math.max(leastStep, this.share.now * left, 1.25 * grown);
    this.wanted = Math.min(wanted, left, allowed, Math.max(leastStep, gentle + Math.max(0, 1.25 * grown)));
    this.before = reading;
    this.phase = 'take';
    return { kind: 'take', bytes: Math.round(this.wanted) };
  }

  private taken(reading: Reading): Next {
    this.after = reading;
    const took = tookBytes(this.before, reading);
    this.stepWatch.begin(reading, took / this.options.pageBytes);
    this.misses = took < this.wanted / 8 ? this.misses + 1 : 0;
    // The rest is locked, dirty, or in use.
    if (this.misses === 2) return this.hold('empty');
    this.phase = 'watch';
    return this.wait(this.timing.stepMs);
  }

  private watch(reading: Reading, previous: Reading): Next {
    const after = this.after as Reading;
    const { took } = this.stepWatch;
    this.stepWatch.note(reading, this.returned(previous, reading));
    const harm = this.harmOf(after, reading);
    const own = (from: Reading, to: Reading): number => this.without(this.cold.perMs, from, to);
    const expected =
      harm === undefined
        ? this.stepWatch.expected(reading, own, this.share.isConfirming)
        : { least: took, most: took };
    if (expected === undefined) return this.wait(this.stepWatch.untilNext(reading.at));
    const needed = harm !== undefined || isNeeded(took, expected.most);
    // Before the trickle is judged anew.
    const back = own(after, reading);
    this.steps.push({ before: this.before, after, end: reading, isNeeded: needed });
    this.cold = coldSteps(this.watched, this.horizonMs);
    if (harm !== undefined) return this.hold(harm);
    this.share.judge({ took, back, expected, isNeeded: needed });
    this.turned = needed ? this.turned + took * this.options.pageBytes : 0;
    const isTurned = this.turned >= reading.cacheBytes - this.options.floorBytes;
    return this.share.isConfirmed && isTurned ? this.hold('confirmed') : this.take(reading);
  }

  private get watched(): readonly WatchedStep[] {
    return this.steps.map(({ before, after, end }) => ({
      took: tookBytes(before, after) / this.options.pageBytes,
      back: this.returned(after, end),
      ms: end.at - after.at,
    }));
  }

  private get neededMs(): number {
    return slowDurations * this.options.durationMs;
  }

  private get horizonMs(): number {
    return Math.max(leastColdMs, coldDurations * this.options.durationMs);
  }

  private harmOf(after: Reading, reading: Reading): StopReason | undefined {
    const ms = reading.at - after.at;
    if (ms < Math.min(leastRateMs, this.timing.stepMs)) return undefined;
    if (stalledShare(after, reading) - this.base.stalled > this.options.maxStall) return 'stall';
    // Rereading a whole step at once is no harm: its size allows for that.
    const perSecond = (this.returned(after, reading) / Math.max(ms, this.timing.stepMs)) * 1000;
    return perSecond > this.options.maxRereads ? 'rereads' : undefined;
  }

  private isNearLimit({ realBytes }: Reading): boolean {
    const { mostRealBytes } = this.options;
    return mostRealBytes !== undefined && realBytes >= mostRealBytes;
  }

  private wait(ms: number): Next {
    return { kind: 'wait', ms: Math.max(1, Math.min(this.timing.pollMs, ms)) };
  }

  /** Once two steps have confirmed the needed cache, it no longer matters what ends the others. */
  private hold(why: StopReason): Next {
    this.stopped = this.share.isConfirmed ? 'confirmed' : why;
    this.phase = 'hold';
    return this.wait(this.options.durationMs - this.elapsed);
  }

  private end(why: StopReason): Next {
    this.stopped ??= why;
    // In the few seconds of the baseline the last pages of an earlier loss may have come back.
    const thirds = this.lastWatch.thirds((from, to) => to.rereads - from.rereads);
    if (thirds !== undefined) this.always = Math.min(this.always, evenPart(thirds) / thirds.thirdMs);
    return { kind: 'end' };
  }
}

/** Pages that were taken in these steps. */
const pagesOf = (steps: readonly WatchedStep[]): number => steps.reduce((sum, { took }) => sum + took, 0);

const heldOf = ({ realBytes, kernelBytes }: Reading): number => realBytes - (kernelBytes ?? 0);

/** On a machine with many CPUs, usage is more current than the lists. */
export const tookBytes = (before: Reading, after: Reading): number =>
  Math.max(0, before.cacheBytes - after.cacheBytes, before.usageBytes - after.usageBytes);

function stalledShare(from: Reading, to: Reading): number {
  if (from.stalledMs === undefined || to.stalledMs === undefined || to.at <= from.at) return 0;
  return (to.stalledMs - from.stalledMs) / (to.at - from.at);
}
