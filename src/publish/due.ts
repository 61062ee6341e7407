/** Whether a pod's annotations are to be written now, and how much they are in need of it. */
import type { Bytes } from '../model/bytes.ts';
import type { Pod } from '../model/pod.ts';
import { epochSeconds } from '../model/time.ts';
import { type ContainerFigures, isSpoken, type PodFigures } from './pod-figures.ts';

export interface Rules {
  readonly parse: (text: string) => PodFigures | undefined;
  /** A pod is not written more often than this where only its figures drift. */
  readonly driftMs: number;
  /** Nor more often than this whatever happens. */
  readonly newsMs: number;
}

/** What is known of a pod between reports. Moments are milliseconds by a clock that only goes forward. */
export interface Memory {
  /** At the last report. */
  real?: Bytes | undefined;
  /** Since when its figure is on the move; absent: it holds still. */
  restlessSince?: number;
  /** What was written, until the API's own word of it must have come; without figures: what was there is taken away. */
  written?: { readonly at: number; readonly figures: PodFigures | undefined };
  /** What its annotation says, as long as it is the same. */
  read?: { readonly text: string; readonly figures: PodFigures | undefined };
  /** The last write that failed; `refused`: for what this very pod is. */
  failed?: { readonly at: number; readonly refused: boolean };
}

/** A change that a person would care for. */
const leastShare = 0.1;
const leastBytes = 16 * 1024 ** 2;
/** A figure that is on the move by this much from one report to the next is not written, as it will soon be another, */
const restlessShare = 0.02;
const restlessBytes = 1024 ** 2;
/** but for no longer than this. */
const longestRestMs = 300_000;
/** What was never written has waited longer than anything else. */
const foreverMs = 1e12;
/** So long the watch may take to tell what was written. */
const echoMs = 60_000;

/** Takes a report's figure in. */
export function resolveClaims(memory: Memory, real: Bytes | undefined, at: number): void {
  if (differs(memory.real, real, restlessShare, restlessBytes)) memory.restlessSince ??= at;
  else delete memory.restlessSince;
  memory.real = real;
}

/**
 * For how long the pod has waited for a write, in intervals of its own: small ones for news, large ones for drift.
 * Undefined: it needs none, or not yet.
 * @param now undefined: it is to have none
 * @param wallClock milliseconds since 1970: what stands on a pod says when it was written by that
 */
export function waitOf(
  rules: Rules,
  pod: Pod,
  memory: Memory,
  now: PodFigures | undefined,
  at: number,
  wallClock: number,
): number | undefined {
  const { written, failed } = memory;
  const before = standing(rules, pod, memory, at);
  const intervalMs =
    now === undefined
      ? isBare(pod, memory, at)
        ? undefined
        : rules.newsMs
      : intervalOf(rules, memory, before, now, at);
  if (intervalMs === undefined) return undefined;
  if (failed?.refused && at - failed.at < rules.driftMs) return undefined;
  // The annotation is its owner's to change as well, and clocks are set back: a time to come is none.
  const age = wallClock - 1000 * (epochSeconds(before?.at ?? '') ?? 0);
  const never = at - foreverMs;
  const last = Math.max(written?.at ?? never, age < 0 ? never : at - age);
  if (at - last < intervalMs) return undefined;
  return (at - Math.max(last, failed?.at ?? never)) / intervalMs;
}

/** What the API has not told yet of the last write. */
const echo = ({ written }: Memory, at: number): Memory['written'] =>
  written !== undefined && at - written.at < echoMs ? written : undefined;

/** What stands on the pod now, and since when. */
function standing({ parse }: Rules, pod: Pod, memory: Memory, at: number): PodFigures | undefined {
  const written = echo(memory, at);
  if (written !== undefined) return written.figures;
  const { report, memory: text } = pod.annotations ?? {};
  // Half of it is none.
  if (report === undefined || text === undefined) return undefined;
  if (memory.read?.text !== report) memory.read = { text: report, figures: parse(report) };
  return memory.read.figures;
}

/** Nothing of ours is on it, be it whole, half or broken. */
function isBare(pod: Pod, memory: Memory, at: number): boolean {
  const written = echo(memory, at);
  return pod.annotations === undefined || (written !== undefined && written.figures === undefined);
}

/** How often it may be written as things are; undefined: there is no need to. */
function intervalOf(
  { newsMs, driftMs }: Rules,
  { restlessSince, written }: Memory,
  before: PodFigures | undefined,
  now: PodFigures,
  at: number,
): number | undefined {
  if (before !== undefined && hasNews(before, now)) return newsMs;
  if (restlessSince !== undefined && at - restlessSince < longestRestMs) return undefined;
  if (before !== undefined) return hasDrifted(before, now) ? driftMs : undefined;
  // Somebody took away what was written: that is no race to be won.
  return written?.figures === undefined ? newsMs : driftMs;
}

/**
 * What is not a figure that drifts: a container that was not there, what one may and asks for, what is said of it. One
 * that is away for a moment, between two lives, is no news.
 */
const hasNews = (before: PodFigures, now: PodFigures): boolean =>
  Object.entries(now.containers).some(([name, figures]) => {
    const known = Object.hasOwn(before.containers, name) ? before.containers[name] : undefined;
    return known === undefined || settled(known) !== settled(figures);
  });

const settled = ({ limitBytes, requestBytes, verdict }: ContainerFigures): string =>
  JSON.stringify([limitBytes, requestBytes, isSpoken(verdict) ? verdict : undefined]);

const hasDrifted = (before: PodFigures, now: PodFigures): boolean =>
  differs(before.realBytes, now.realBytes) ||
  Object.entries(now.containers).some(([name, { realBytes, suggest }]) => {
    const known = Object.hasOwn(before.containers, name) ? before.containers[name] : undefined;
    return (
      differs(known?.realBytes, realBytes) ||
      differs(known?.suggest?.requestBytes, suggest?.requestBytes) ||
      differs(known?.suggest?.limitBytes, suggest?.limitBytes)
    );
  });

const differs = (
  before: number | undefined,
  now: number | undefined,
  share = leastShare,
  least = leastBytes,
): boolean =>
  before === undefined || now === undefined
    ? before !== now
    : Math.abs(now - before) >= Math.max(share * before, least);
