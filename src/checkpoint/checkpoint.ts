/** The checkpoint of a node's history: constants and number codes of its compact format, version 1. */

import { canBeRemembered, earliestTime, latestTime } from '../model/time.ts';
import type { HistoryState } from '../usage/history.ts';
import type { Precision } from '../usage/log-histogram.ts';
import { amountCodeOf, KiB } from '../usage/packed/numbers.ts';

export interface Checkpoint extends HistoryState {
  readonly node: string;
  /** Seconds since 1970. */
  readonly at: number;
  readonly capacityBytes?: number;
  /** Entries that could not be read, and why the first could not. Never written. */
  readonly dropped?: Dropped;
}

export interface Dropped {
  readonly count: number;
  readonly first?: string;
}

export const kind = 'realmem history';
export const version = 1;
/** Most containers of one name that a node runs within an hour. A new Job each minute makes 60. */
const containersAnHour = 1_000;
/** Largest weight of hours: 24 hours a day per container, with a half-life of a week. */
const mostHours = containersAnHour * (24 / (1 - 2 ** (-1 / 7)));
/** Hours need more precision: the limit minimizes a cost that can be nearly equal for distant limits. */
export const hoursPrecision: Precision = { least: 1 / 16, weightStep: 0.02, most: mostHours };
export const usagePrecision: Precision = {
  least: 1 / 4,
  weightStep: 0.08,
  coarseBelow: 0.75,
  most: 12 * mostHours,
};
/** Largest size and count. */
export const largestNumber = Number.MAX_SAFE_INTEGER;

/** Limits a measured size to the range that `decodeCheckpoint` accepts. */
export const saneAmount = (bytes: number): number =>
  Number.isNaN(bytes) ? 0 : Math.min(largestNumber - KiB, Math.max(0, bytes));
/** Limits a time to the range that `decodeCheckpoint` accepts. @param at seconds since 1970, possibly of a wrong clock */
export const saneTime = (at: number): number =>
  canBeRemembered(at) ? at : at > earliestTime ? latestTime : earliestTime;

/** Number of days that a checkpoint can hold. */
export const daysWritten = 100;

/** The code of a day's size. Code 0 is a KiB or less. */
export const encodeAmount = (amount: number): number => Math.min(mostCode, amountCodeOf(saneAmount(amount)));
/** Its amount is at most `largestNumber`. */
const mostCode = amountCodeOf(largestNumber) - 1;
export const dayCodes = ['workingSet', 'anon', 'shmem', 'cache', 'refaulted', 'atLimit'] as const;
/** Stored after `squeezed` and `stalled`, where earlier agents do not read. */
export const laterDayCodes = ['throttled', 'unsorted'] as const;

/** Suffix of a lifetime ID that also has a kill at its limit: agents of 0.1.0 expect each ID once. */
export const notAtLimit = '+';
