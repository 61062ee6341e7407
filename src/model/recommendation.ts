/** Recommended memory requests and limits, with the reasons. Times: seconds since 1970. Sizes: bytes. */
import type { Bytes } from './bytes.ts';
import type { ContainerKey, Setting } from './container-key.ts';
import type { ProbedCache } from './pod.ts';

/** A leak: real memory keeps growing and never returns to an earlier level. */
export interface Leak {
  readonly pod: string;
  /** Growth in bytes per day. */
  readonly perDay: number;
  /** Start and end of the growth. */
  readonly since: number;
  readonly until: number;
  /** Its minimum in bytes at the start, and at the end. */
  readonly from: number;
  readonly to: number;
}

/** What is wrong with the current values, worst first. */
export const risks = ['killed', 'too low', 'leak', 'no limit', 'too little', 'too much', ''] as const;
export type Risk = (typeof risks)[number];

export interface Bounded {
  readonly target: Bytes;
  /** Less than `lower` is too little, more than `upper` too much. */
  readonly lower: Bytes;
  readonly upper: Bytes;
}

/** By length of history: low under a day, medium under a week, else high. */
export const confidences = ['low', 'medium', 'high'] as const;
export type Confidence = (typeof confidences)[number];

export const confidenceOf = (days: number): Confidence => (days < 1 ? 'low' : days < 7 ? 'medium' : 'high');

/** The result for a container with less than a day of history: too little to lower a request or limit. */
export interface Learning {
  /** The largest real so far. */
  readonly peak: Bytes;
  /** The current setting, or a larger one after an OOM kill. Absent: nothing is set, and nothing is suggested. */
  readonly request?: Bytes;
  readonly limit?: Bytes;
  /** What it needs at least so far, where the value above is too low for it. Present only with a value. */
  readonly needs?: { readonly request?: Bytes; readonly limit?: Bytes };
  /** Reasons in sentences. They replace those of the recommendation. */
  readonly because: readonly string[];
}

/** Why a probe no longer counts as it did: it is more than 30 days old, or newer pods have another template. */
export type OldProbe = 'age' | 'roll-out';

/** The probe that a recommendation names. For a whole pod: those of its containers together. */
export interface UsedProbe extends ProbedCache {
  /** The pod that was probed. */
  readonly pod: string;
  readonly old?: OldProbe;
  /** It changes nothing: it is old, and an upper bound. */
  readonly isUnused?: true;
  /** The targets without the probe. */
  readonly without: { readonly request: Bytes; readonly limit: Bytes };
}

export interface Recommendation {
  readonly request: Bounded;
  readonly limit: Bounded;
  readonly confidence: Confidence;
  /** Length of the history in days. */
  readonly days: number;
  /** With less than a day of history: replaces request and limit, unless the user asks for the early figures. */
  readonly learning?: Learning;
  /** Expected OOM kills per container and day, with the suggested limit and (`Now`) with the current one. */
  readonly killsPerDay?: number;
  readonly killsPerDayNow?: number;
  readonly leak?: Leak;
  readonly oddReplica?: string;
  /** Absent: no probe is known. */
  readonly probe?: UsedProbe;
  /** Reasons in sentences, each with its numbers: the observation and its consequence. */
  readonly because: readonly string[];
}

export const isSure = ({ confidence }: Recommendation, least: Confidence): boolean =>
  confidences.indexOf(confidence) >= confidences.indexOf(least);

const oversizedRatio = 1.5;
const nearShare = 0.1;

/** Whether the request exceeds 1.5 times the upper bound. */
export const isOversized = (request: number, { upper }: Bounded): boolean => request > oversizedRatio * upper;

/** Whether target and current value differ by at most 10 %. Such a change is not worth a roll-out. */
export const isWithinTenth = (now: number, { target }: { readonly target: number }): boolean =>
  Math.abs(target - now) <= nearShare * now;

/** The suggestion for one container of one workload, across the whole cluster or on one machine. */
export interface Suggestion {
  readonly key: ContainerKey;
  /** It is for the pod as a whole: all containers together. Its container name is empty. */
  readonly isWholePod?: true;
  readonly setting: Setting;
  /** Number of replicas running now. */
  readonly replicas: number;
  readonly killCount: number;
  /** At least one of these OOM kills was at the container's own limit, within two weeks. */
  readonly isKilledAtLimit?: true;
  readonly recommendation: Recommendation;
  /** Absent unless requested: it keeps data of all nodes in memory. */
  readonly evidence?: Evidence;
  /** Absent unless requested. */
  readonly daily?: DailyPeaks;
  readonly origin: Origin;
}

/** The largest real of each day. */
export interface DailyPeaks {
  /** Days since 1970 of the first value. */
  readonly firstDay: number;
  /** Bytes. null: no observation on that day. */
  readonly peaks: readonly (number | null)[];
}

/** Whether it is a main container that runs now. Init containers and sidecars start before the main containers. */
export const isMainRunning = ({ setting: { type }, replicas, isWholePod }: Suggestion): boolean =>
  replicas > 0 && !isWholePod && type !== 'init' && type !== 'sidecar';

/**
 * Whether the workload's current pods seem to lack this container. An init container normally does not run, so it never
 * counts as gone.
 * @param othersRun whether another container of its workload runs, by `isMainRunning`
 */
export const isGone = ({ setting, replicas }: Suggestion, othersRun: boolean): boolean =>
  othersRun && replicas === 0 && setting.type !== 'init';

/** The nodes whose data a suggestion uses. */
export interface Origin {
  /** Number of nodes with history of it. */
  readonly nodes: number;
  /** The node with the largest share of the container-hours, and that share, 0 to 1. */
  readonly node: string;
  readonly share: number;
  /** By its history. */
  readonly decider?: Decider;
  /** The node whose probe more than doubles a figure. `without` is without any probe, with the history of all nodes. */
  readonly prober?: Decider;
}

/** A node without whose data the suggestion would differ by more than 10 %. */
export interface Decider {
  readonly node: string;
  /** Share of the container-hours, 0 to 1. */
  readonly share: number;
  /** Replicas running on that node and on all others, as each node reports. */
  readonly running: number;
  readonly elsewhere: number;
  /** The suggestion with all nodes, and without this one. Absent: the other nodes have too little history. */
  readonly suggested: Sizes;
  readonly without?: Sizes;
}

/** Bytes. */
interface Sizes {
  readonly request: number;
  readonly limit: number;
}

/** The inputs of the limit formula, before the rules that `because` names. Formula: docs/right-sizing.md. */
export interface Evidence {
  /** p95 of the 5-minute peaks. */
  readonly usedBytes: number;
  /** The daily peaks of 14 days, largest first. */
  readonly peaksBytes: readonly number[];
  /** Expected frequency of far larger peaks, relative to other workloads: 0.1 to 1. */
  readonly farMore: number;
  /** Histogram of the hourly peaks in buckets of 2 %. The weight of an hour has a half-life of one week. */
  readonly hours: readonly (readonly [bytes: number, hours: number])[];
}

export interface Suggestions {
  /** Seconds since 1970. */
  readonly at: number;
  /** Number of nodes whose history was read. */
  readonly nodes: number;
  readonly oldestAt?: number;
  /** Nodes whose history is stale: their usage counts, their running replicas do not. */
  readonly stale: readonly string[];
  /** Total memory of the nodes whose history is not stale. */
  readonly capacityBytes?: number;
  readonly items: readonly Suggestion[];
  /** Histories that could not be read, one message each. */
  readonly faults: readonly string[];
}
