/** Decides whether to write a pod's annotations now, and how urgent that is. */
import type { Bytes } from '../model/bytes.ts';
import type { Pod } from '../model/pod.ts';
import { epochSeconds } from '../model/time.ts';
import { type ContainerFigures, isShownVerdict, type PodFigures } from './pod-figures.ts';

export interface Rules {
  readonly parse: (text: string) => PodFigures | undefined;
  /** Minimum time between two writes to a pod while its figures only drift. */
  readonly driftMs: number;
  /** Minimum time between two writes to a pod in any case. */
  readonly newsMs: number;
}

/** State of a pod between reports. Times are milliseconds of a monotonic clock. */
export interface Memory {
  /** Real memory in the last report. */
  real?: Bytes | undefined;
  /** Since when real memory changes from report to report. Absent while it is stable. */
  unstableSince?: number;
  /** The last write. Without figures it removed the annotations. */
  written?: { readonly at: number; readonly figures: PodFigures | undefined };
  /** The parsed annotation, cached while its text is the same. */
  read?: { readonly text: string; readonly figures: PodFigures | undefined };
  /** The last failed write. `refused`: the error concerned only this pod. */
  failed?: { readonly at: number; readonly refused: boolean };
}

/** A drift is worth a write from 10 % and 16 MiB on. */
const leastShare = 0.1;
const leastBytes = 16 * 1024 ** 2;
/** A figure that changes this much between two reports is unstable. The agent waits, because the figure will soon be another. */
const unstableShare = 0.02;
const unstableBytes = 1024 ** 2;
/** Maximum wait for a stable figure. */
const longestUnstableMs = 300_000;
/** A pod that was never written counts as having waited this long. */
const foreverMs = 1e12;
/** Maximum delay after which the watch must show a write. */
const echoMs = 60_000;

/** Records the real memory of a report, and whether it is stable. */
export function trackStability(memory: Memory, real: Bytes | undefined, at: number): void {
  if (differs(memory.real, real, unstableShare, unstableBytes)) memory.unstableSince ??= at;
  else delete memory.unstableSince;
  memory.real = real;
}

/**
 * How long the pod has waited for a write, in multiples of its interval (`newsMs` for news, `driftMs` for drift).
 * Undefined: it needs no write, or not yet.
 * @param now figures to write. Undefined: remove the annotations
 * @param wallClock milliseconds since 1970, to compare with the time in an annotation
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
  const before = currentFigures(rules, pod, memory, at);
  const intervalMs =
    now === undefined
      ? isBare(pod, memory, at)
        ? undefined
        : rules.newsMs
      : intervalOf(rules, memory, before, now, at);
  if (intervalMs === undefined) return undefined;
  if (failed?.refused && at - failed.at < rules.driftMs) return undefined;
  // A time in the future is ignored: the pod's owner can change the annotation, and clocks can be set back.
  const age = wallClock - 1000 * (epochSeconds(before?.at ?? '') ?? 0);
  const never = at - foreverMs;
  const last = Math.max(written?.at ?? never, age < 0 ? never : at - age);
  if (at - last < intervalMs) return undefined;
  return (at - Math.max(last, failed?.at ?? never)) / intervalMs;
}

/** The last write, if the watch may not have shown it yet. */
const unseenWrite = ({ written }: Memory, at: number): Memory['written'] =>
  written !== undefined && at - written.at < echoMs ? written : undefined;

/** The figures in the pod's annotations now. */
function currentFigures({ parse }: Rules, pod: Pod, memory: Memory, at: number): PodFigures | undefined {
  const written = unseenWrite(memory, at);
  if (written !== undefined) return written.figures;
  const { report, memory: text } = pod.annotations ?? {};
  // One annotation without the other counts as none.
  if (report === undefined || text === undefined) return undefined;
  if (memory.read?.text !== report) memory.read = { text: report, figures: parse(report) };
  return memory.read.figures;
}

/** Whether the pod has none of realmem's annotations, not even a partial or invalid one. */
function isBare(pod: Pod, memory: Memory, at: number): boolean {
  const written = unseenWrite(memory, at);
  return pod.annotations === undefined || (written !== undefined && written.figures === undefined);
}

/** The interval for the pending change. Undefined if nothing needs a write. */
function intervalOf(
  { newsMs, driftMs }: Rules,
  { unstableSince, written }: Memory,
  before: PodFigures | undefined,
  now: PodFigures,
  at: number,
): number | undefined {
  if (before !== undefined && hasNews(before, now)) return newsMs;
  if (unstableSince !== undefined && at - unstableSince < longestUnstableMs) return undefined;
  if (before !== undefined) return hasDrifted(before, now) ? driftMs : undefined;
  // Somebody removed the annotations. The agent restores them only every `driftMs`, so as not to fight.
  return written?.figures === undefined ? newsMs : driftMs;
}

/**
 * Whether something other than a drifting figure changed: a new container, a limit, a request or a shown verdict. A container that
 * is missing for a moment, during a restart, is no news.
 */
const hasNews = (before: PodFigures, now: PodFigures): boolean =>
  Object.entries(now.containers).some(([name, figures]) => {
    const known = Object.hasOwn(before.containers, name) ? before.containers[name] : undefined;
    return known === undefined || discreteFields(known) !== discreteFields(figures);
  });

const discreteFields = ({ limitBytes, requestBytes, verdict }: ContainerFigures): string =>
  JSON.stringify([limitBytes, requestBytes, isShownVerdict(verdict) ? verdict : undefined]);

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
