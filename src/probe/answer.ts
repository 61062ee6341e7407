/** The readings of a probe → what the workload needs. */
import { type Bytes, bytes } from '../model/bytes.ts';
import type { SearchOptions } from './options.ts';
import { leastStepOf, type Search, type Step, type StopReason, tookBytes } from './search.ts';
import { neededShare } from './step-watch.ts';

export interface Answer {
  /** real + needed cache. */
  readonly needsBytes: Bytes;
  /** ± this much. */
  readonly errorBytes: Bytes;
  /** An upper bound: too little of the last step was reread, or the probe ended before it could judge a step. */
  readonly isAtMost: boolean;
  readonly realBytes: Bytes;
  readonly neededCacheBytes: Bytes;
  /** The rest of the page cache that it had: taken, and not reread. */
  readonly coldBytes: Bytes;
  /** For how long, since the last step. */
  readonly watchedSeconds: number;
  readonly stopped: StopReason;
  /** Small steps that confirmed the needed cache. */
  readonly confirmations: number;
  readonly seconds: number;
  readonly before: { readonly usageBytes: Bytes; readonly realBytes: Bytes; readonly cacheBytes: Bytes };
  /** Ascending by size. */
  readonly curve: readonly CurvePoint[];
  /** Page faults that waited for a disk, during the probe. */
  readonly majorFaults?: number;
  /** Bytes read from a disk during the probe. Absent: not known. */
  readonly readBytes?: Bytes;
  /** Share of the time in which a task waited for memory, from 0 to 1. */
  readonly stalledShare?: number;
}

/** Whether the probe judged a step. The first point of the curve is the one before the first step. */
export const hasSteps = ({ curve }: Pick<Answer, 'curve'>): boolean => curve.length > 1;

/** With this much memory, the workload reread so many pages per second. */
export interface CurvePoint {
  readonly totalBytes: Bytes;
  readonly cacheBytes: Bytes;
  readonly rereadsPerSecond: number;
}

export function answerOf(search: Search, options: SearchOptions): Answer {
  const { first, last, lastTaken = first, stopped = 'interrupted', confirmations } = search;
  const { pageBytes } = options;
  const back = search.returnedSince(lastTaken) * pageBytes;
  // The workload no longer needs files that were deleted during the probe.
  const cache =
    search.unjudged?.cacheBytes ??
    Math.min(lastTaken.cacheBytes + back, Math.max(last.cacheBytes, lastTaken.cacheBytes)) +
      search.toCome * pageBytes;
  // Reclaim takes kernel memory too, so it counts as it was at the end.
  const real = search.heldBytes + (last.kernelBytes ?? 0);
  const seconds = (last.at - first.at) / 1000;
  return {
    needsBytes: bytes(Math.round(real + cache)),
    errorBytes: bytes(Math.round(errorOf(search, options))),
    isAtMost: isAtMost(search, options),
    realBytes: bytes(real),
    neededCacheBytes: bytes(Math.round(cache)),
    coldBytes: bytes(Math.round(Math.max(0, first.cacheBytes - cache))),
    watchedSeconds: (last.at - lastTaken.at) / 1000,
    stopped,
    confirmations,
    seconds,
    before: { usageBytes: first.usageBytes, realBytes: first.realBytes, cacheBytes: first.cacheBytes },
    curve: curveOf(search, real),
    ...(first.majorFaults !== undefined &&
      last.majorFaults !== undefined && { majorFaults: last.majorFaults - first.majorFaults }),
    ...(first.readBytes !== undefined &&
      last.readBytes !== undefined && { readBytes: bytes(Math.max(0, last.readBytes - first.readBytes)) }),
    ...(first.stalledMs !== undefined &&
      last.stalledMs !== undefined &&
      seconds > 0 && { stalledShare: (last.stalledMs - first.stalledMs) / (last.at - first.at) }),
  };
}

/** The last step shows a need if `neededShare` of it was reread, in its own watch or later. */
function isAtMost(search: Search, { pageBytes }: SearchOptions): boolean {
  if (search.unjudged !== undefined) return true;
  if (search.stopped === 'confirmed' || search.stopped === 'empty') return false;
  const step = search.steps.at(-1);
  if (step === undefined) return true;
  return search.returnedSince(step.after) * pageBytes < neededShare * tookOf(step);
}

const tookOf = ({ before, after }: Step): number => tookBytes(before, after);

/**
 * The largest of:
 * - the lag of the kernel's counters
 * - where the cache is empty: the floor that the probe leaves, and half of the smallest step
 * - rereads that may belong to a needed file or to a cold one that is read now and then
 * - the smallest part of a needed step that was not reread
 */
function errorOf(search: Search, options: SearchOptions): number {
  const { pageBytes, lagBytes, floorBytes } = options;
  const { first, lastTaken = first, stopped, steps } = search;
  const unread = steps
    .filter(({ isNeeded }) => isNeeded)
    .map((step) => Math.max(0, tookOf(step) - search.returnedSince(step.after) * pageBytes));
  const floor = stopped === 'empty' ? Math.max(floorBytes, leastStepOf(options) / 2) : 0;
  const doubtful = search.doubtfulSince(lastTaken) + search.toCome;
  return Math.max(lagBytes, floor, doubtful * pageBytes, unread.length === 0 ? 0 : Math.min(...unread));
}

/** Rates are averages over the watch after each step, and over a second at least. */
function curveOf({ first, steps, baseRereadsPerSecond }: Search, real: number): readonly CurvePoint[] {
  const all = steps.map(({ after, end }) => ({
    totalBytes: bytes(Math.round(real + after.cacheBytes)),
    cacheBytes: after.cacheBytes,
    rereadsPerSecond: (end.rereads - after.rereads) / Math.max(1, (end.at - after.at) / 1000),
  }));
  const start = {
    totalBytes: bytes(Math.round(real + first.cacheBytes)),
    cacheBytes: first.cacheBytes,
    rereadsPerSecond: baseRereadsPerSecond,
  };
  return [start, ...all].toSorted((a, b) => a.totalBytes - b.totalBytes);
}

/** An answer, and which container it is about. */
export interface ProbeResult {
  readonly name: string;
  readonly cgroup: string;
  /** The cgroup version, the kernel and the time, for people. */
  readonly where: string;
  /** When the probe began: RFC 3339. */
  readonly at: string;
  readonly answer: Answer;
}
