/** The answer of a probe as it is kept for suggestions. */
import type { ProbedCache } from '../model/pod.ts';
import { epochSeconds } from '../model/time.ts';
import { parseProbe, probeFields } from '../pods/probes.ts';
import { hasSteps, type ProbeResult } from './answer.ts';
import type { StopReason } from './search.ts';

const unfinished: Readonly<Partial<Record<StopReason, string>>> = {
  short: 'it had too little memory before the first step, so the probe could not tell what it needs',
  interrupted: 'the probe was interrupted',
};

/** @param now seconds since 1970, for an answer with a wrong time @returns why there is nothing to keep, in words */
export function keptAnswer(
  { at, answer }: Pick<ProbeResult, 'at' | 'answer'>,
  now: number,
): ProbedCache | string {
  const why = unfinished[answer.stopped];
  if (why !== undefined) return why;
  if (!hasSteps(answer)) return 'it ended before it could judge a step, so it measured nothing';
  const { neededCacheBytes, coldBytes, errorBytes, watchedSeconds, isAtMost } = answer;
  const probe: ProbedCache = {
    at: Math.floor(epochSeconds(at) ?? now),
    ...{ neededCacheBytes, coldCacheBytes: coldBytes, errorBytes },
    watchedSeconds: Math.round(watchedSeconds),
    ...(isAtMost && { isAtMost }),
  };
  return parseProbe(probeFields(probe));
}
