/** What to set as memory request and limit, and why. */
import type { Bytes } from './bytes.ts';
import type { ContainerKey, Setting } from './container-key.ts';

/** Real never comes back to where it was. */
export interface Leak {
  readonly pod: string;
  readonly perDay: number;
  /** From then, when it held so much at the least, to then. */
  readonly since: number;
  readonly from: number;
  readonly until: number;
  readonly to: number;
}

export interface Bounded {
  readonly target: Bytes;
  /** Below it is too little, above the upper too much. */
  readonly lower: Bytes;
  readonly upper: Bytes;
}

/** How long it was watched: under a day, under a week, longer. */
export const confidences = ['low', 'medium', 'high'] as const;
export type Confidence = (typeof confidences)[number];

export const confidenceOf = (days: number): Confidence => (days < 1 ? 'low' : days < 7 ? 'medium' : 'high');

/** What is said of a container that was watched for less than a day: too little to lower anything by. */
export interface Learning {
  /** The largest real so far. */
  readonly peak: Bytes;
  /** What is set now, or more after an OOM kill. Absent: nothing is set, and nothing is suggested. */
  readonly request?: Bytes;
  readonly limit?: Bytes;
  /** Sentences, in the place of the recommendation's. */
  readonly because: readonly string[];
}

export interface Recommendation {
  readonly request: Bounded;
  readonly limit: Bounded;
  readonly confidence: Confidence;
  /** For how long it was watched. */
  readonly days: number;
  /** Under a day: what counts instead of request and limit, unless somebody asks for what little was seen. */
  readonly learning?: Learning;
  /** OOM kills of one container to be expected a day, with what is suggested and with what is in force. */
  readonly killsPerDay?: number;
  readonly killsPerDayNow?: number;
  readonly leak?: Leak;
  readonly oddReplica?: string;
  /** Sentences, each with its numbers: what was observed, and what follows from it. */
  readonly because: readonly string[];
}

export const isSure = ({ confidence }: Recommendation, least: Confidence): boolean =>
  confidences.indexOf(confidence) >= confidences.indexOf(least);

const oversizedRatio = 1.5;
const nearShare = 0.1;

/** A request so far above what is needed at the most. */
export const isOversized = (request: number, { upper }: Bounded): boolean => request > oversizedRatio * upper;

/** So close that a change is not worth a roll-out, nor a word. */
export const isNear = (now: number, { target }: Pick<Bounded, 'target'>): boolean =>
  Math.abs(target - now) <= nearShare * now;

/** One container of one workload, with what is known of it in the whole cluster, or on one machine. */
export interface Suggestion {
  readonly key: ContainerKey;
  /** It is of all containers of a pod together: the name of its container is empty. */
  readonly isWholePod?: true;
  readonly setting: Setting;
  /** That run now. */
  readonly replicas: number;
  readonly killCount: number;
  /** Some of them were at a limit of its own, within two weeks. */
  readonly isKilledAtLimit?: true;
  readonly recommendation: Recommendation;
  /** Absent where nobody asked for it: it keeps what all nodes told. */
  readonly evidence?: Evidence;
  readonly origin: Origin;
}

/** A container runs beside the others of its pod. Init containers and sidecars run before the others have started. */
export const isMainRunning = ({ setting: { type }, replicas, isWholePod }: Suggestion): boolean =>
  replicas > 0 && !isWholePod && type !== 'init' && type !== 'sidecar';

/**
 * The newest pods do not seem to have it. An init container says nothing by not running: it has ended.
 * @param othersRun some container of its workload does, by `isMainRunning`
 */
export const isGone = ({ setting, replicas }: Suggestion, othersRun: boolean): boolean =>
  othersRun && replicas === 0 && setting.type !== 'init';

/** Which nodes a suggestion comes from. */
export interface Origin {
  /** So many tell of it. */
  readonly nodes: number;
  /** The one with the largest share of the container-hours, and that share, from 0 to 1. */
  readonly node: string;
  readonly share: number;
  readonly decider?: Decider;
}

/** A node without which the suggestion would be another by more than a tenth. */
export interface Decider {
  readonly node: string;
  /** Of the container-hours, from 0 to 1. */
  readonly share: number;
  /** Replicas that run there, by its own word, and on all other nodes, by theirs. */
  readonly running: number;
  readonly elsewhere: number;
  /** With all nodes, and without that one. Absent: the others have not seen enough. */
  readonly suggested: Sizes;
  readonly without?: Sizes;
}

/** Bytes. */
interface Sizes {
  readonly request: number;
  readonly limit: number;
}

/** From what the limit is worked out before the rules of `because`: docs/right-sizing.md has the formula. */
export interface Evidence {
  /** 95 % of all five minutes stayed within. */
  readonly usedBytes: number;
  /** The largest of each of 14 days, largest first. */
  readonly peaksBytes: readonly number[];
  /** How often far more than that is expected, of how often elsewhere: from a tenth to 1. */
  readonly farMore: number;
  /** The largest of each hour, in steps of 2 %: the size, and how many hours, of which those a week ago count half. */
  readonly hours: readonly (readonly [bytes: number, hours: number])[];
}

export interface Suggestions {
  /** Seconds since 1970, as all times here. */
  readonly at: number;
  /** So many nodes' histories were read. */
  readonly nodes: number;
  readonly oldestAt?: number;
  /** Nodes that have written nothing for long: what they saw counts, what they ran does not. */
  readonly stale: readonly string[];
  /** Of the nodes that write. */
  readonly capacityBytes?: number;
  readonly items: readonly Suggestion[];
  /** What could not be read, and why. */
  readonly faults: readonly string[];
}
