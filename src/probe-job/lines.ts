/** What a probe prints in its pod: one JSON object per line, first its progress, then its result. Anybody could be that pod. */
import { parseJson } from '../model/json.ts';
import { printableUpTo } from '../model/text.ts';
import { arrayOf, flag, object, oneOf, optional, received, text } from '../model/untrusted/shape.ts';
import type { Answer, CurvePoint, ProbeResult } from '../probe/answer.ts';
import type { Progress } from '../probe/progress.ts';
import { stops } from '../probe/search.ts';

export type PrintedLine =
  | { readonly progress: Progress }
  | { readonly result: ProbeResult }
  | { readonly error: string }
  | undefined;

/** Characters of a line. A result has some 10 KiB. */
export const longestLine = 256 * 1024;
/** Values of a line. A result has some hundred. */
const mostValues = 10_000;
/** Steps of a probe: some 40. */
const mostPoints = 1_000;
/** Characters. */
const longestText = 1024;
const errorMark = 'error: ';

/** @returns undefined for anything else, such as a warning of Node */
export function parseLine(line: string): PrintedLine {
  if (line.startsWith(errorMark))
    return { error: printableUpTo(longestText, line.slice(errorMark.length).trim()) };
  if (!line.startsWith('{') || line.length > longestLine) return undefined;
  let value: unknown;
  try {
    value = parseJson(line, undefined, mostValues);
  } catch {
    return undefined;
  }
  return received(value, isResult, longestText) ?? received(value, isProgress, longestText);
}

const size = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;
/** A share of time can exceed 1 by rounding. */
const share = (value: unknown): boolean => size(value) && (value as number) <= 1.1;

const isProgress = object<{ readonly progress: Progress }>({
  progress: object<Progress>({
    ...{ elapsedMs: size, firstCacheBytes: size, cacheBytes: size, steps: size, rereads: size },
  }),
});

const isAnswer = object<Answer>({
  ...{ needsBytes: size, errorBytes: size, isAtMost: flag, realBytes: size, neededCacheBytes: size },
  ...{ coldBytes: size, watchedSeconds: size, stopped: oneOf(stops), confirmations: size, seconds: size },
  before: object<Answer['before']>({ usageBytes: size, realBytes: size, cacheBytes: size }),
  curve: arrayOf(
    object<CurvePoint>({ totalBytes: size, cacheBytes: size, rereadsPerSecond: size }),
    mostPoints,
  ),
  ...{ majorFaults: optional(size), readBytes: optional(size), stalledShare: optional(share) },
});

const isResult = object<{ readonly result: ProbeResult }>({
  result: object<ProbeResult>({ name: text, cgroup: text, where: text, at: text, answer: isAnswer }),
});
