/** Sentences about a probe and its answer. */
import { formatBytes, formatRounded } from '../model/bytes.ts';
import { formatSpan } from '../model/time.ts';
import { type Answer, hasSteps } from './answer.ts';
import type { StopReason } from './search.ts';

/** Why the probe took no further step. Undefined: the answer is confirmed. */
export function stopNote(answer: Answer): string | undefined {
  const reason = reasons[answer.stopped];
  if (reason === undefined) return undefined;
  return answer.isAtMost && hasSteps(answer)
    ? `${reason} It may need less: too little of the last step was reread.`
    : reason;
}

const reasons: Readonly<Record<StopReason, string | undefined>> = {
  confirmed: undefined,
  empty: 'The kernel could take nearly all of its page cache.',
  depth: 'Stopped at --depth.',
  time: 'Not confirmed: half of --duration passed before two confirming steps. Pass a longer --duration.',
  stall: 'Stopped early: its tasks waited for memory longer than --max-stall allows.',
  rereads: 'Stopped early: it reread more pages than --max-refaults allows.',
  nearLimit: 'Stopped early: its real memory came near its limit.',
  short:
    'Took nothing: it exceeded --max-refaults or --max-stall before the first step, so it has too little memory.',
  interrupted: 'Interrupted.',
};

/** Undefined: not known. */
export const readNote = ({ readBytes }: Answer): string | undefined =>
  readBytes === undefined ? undefined : `It read ${formatBytes(readBytes)} from disk during the probe.`;

/** What a probe of this length cannot know. */
export const blindSpot = ({ watchedSeconds }: Answer): string =>
  `Cold means that nobody read it for ${formatSpan(watchedSeconds)}. For a program that reads less often, such as an hourly job, use --duration 1h or longer.`;

export function needsOf({ needsBytes, errorBytes, realBytes, neededCacheBytes, isAtMost }: Answer): string {
  const error = isAtMost ? '' : ` ± ${formatRounded(errorBytes)}`;
  return `NEEDS ${isAtMost ? 'at most ' : ''}${formatBytes(needsBytes)}${error} = real ${formatBytes(realBytes)} + needed page cache ${formatBytes(neededCacheBytes)}`;
}

export const coldSentence = ({ coldBytes, watchedSeconds }: Answer): string =>
  `COLD ${formatBytes(coldBytes)} of page cache, which nobody read for ${formatSpan(watchedSeconds)}`;
