/** What a node remembers, as it is written down: compact, and of one version. */
import type { Precision } from '../model/log-histogram.ts';
import type { Kept } from './history.ts';

export interface Checkpoint extends Kept {
  readonly node: string;
  /** Seconds since 1970. */
  readonly at: number;
  readonly capacityBytes?: number;
}

export const kind = 'realmem history';
export const version = 1;
/** A limit is where the cost of hours is least, and costs can be nearly alike far apart: they are written more exactly. */
export const hoursPrecision: Precision = { least: 1 / 16, weightStep: 0.02 };
export const usagePrecision: Precision = { least: 1 / 4, weightStep: 0.08, coarseBelow: 0.75 };
export const KiB = 1024;

/** Peaks of days are written as logarithms in steps of half a per cent, rounded up: 0 is a KiB or less. */
const peakStep = 0.005;
export const codeOf = (amount: number): number =>
  Math.max(0, Math.ceil(Math.log(amount / KiB) / peakStep - 1e-6));
export const dayCodes = ['workingSet', 'anon', 'shmem', 'cache', 'refaulted', 'atLimit'] as const;
export const amountOf = (code: number): number => KiB * Math.exp(code * peakStep);

/** After the ID of a life that was killed at its limit, too: agents of 0.1.0 list each ID once. */
export const notAtLimit = '+';
