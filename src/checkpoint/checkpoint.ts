/** What a node remembers, as it is written down: compact, and of one version. */

import { canBeRemembered, earliestTime, latestTime } from '../model/time.ts';
import type { Kept } from '../usage/history.ts';
import type { Precision } from '../usage/log-histogram.ts';

export interface Checkpoint extends Kept {
  readonly node: string;
  /** Seconds since 1970. */
  readonly at: number;
  readonly capacityBytes?: number;
  /** How many entries could not be read, and why the first could not. Never written. */
  readonly dropped?: Dropped;
}

export interface Dropped {
  readonly count: number;
  readonly first?: string;
}

export const kind = 'realmem history';
export const version = 1;
/** Containers of one name that a node runs within an hour: one that makes a new Job each minute has 60. */
const containersAnHour = 1_000;
/** Of one container that always runs: 24 a day, each of which counts half as much after a week. */
const mostHours = containersAnHour * (24 / (1 - 2 ** (-1 / 7)));
/** A limit is where the cost of hours is least, and costs can be nearly alike far apart: they are written more exactly. */
export const hoursPrecision: Precision = { least: 1 / 16, weightStep: 0.02, most: mostHours };
export const usagePrecision: Precision = {
  least: 1 / 4,
  weightStep: 0.08,
  coarseBelow: 0.75,
  most: 12 * mostHours,
};
export const KiB = 1024;
/** No memory is larger, and nothing is counted further. */
export const most = Number.MAX_SAFE_INTEGER;

/** What is written must be read again, whatever was measured. */
export const saneAmount = (bytes: number): number =>
  Number.isNaN(bytes) ? 0 : Math.min(most - KiB, Math.max(0, bytes));
/** @param at seconds since 1970, which may be of a clock that is wrong */
export const saneTime = (at: number): number =>
  canBeRemembered(at) ? at : at > earliestTime ? latestTime : earliestTime;

/** Days of a history that are written and read. */
export const daysWritten = 100;

/** Peaks of days are written as logarithms in steps of half a per cent, rounded up: 0 is a KiB or less. */
const peakStep = 0.005;
export const codeOf = (amount: number): number =>
  Math.min(mostCode, Math.max(0, Math.ceil(Math.log(saneAmount(amount) / KiB) / peakStep - 1e-6)));
const mostCode = Math.floor(Math.log(most / KiB) / peakStep);
export const dayCodes = ['workingSet', 'anon', 'shmem', 'cache', 'refaulted', 'atLimit'] as const;
/** Behind whether it was squeezed, and how long it stalled: earlier agents do not read so far. */
export const laterDayCodes = ['throttled', 'unsorted'] as const;
export const amountOf = (code: number): number => KiB * Math.exp(code * peakStep);

/** After the ID of a lifetime that was killed at its limit, too: agents of 0.1.0 list each ID once. */
export const notAtLimit = '+';
