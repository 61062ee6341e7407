/** What a fleet may write, and how soon it must. */
import type { ChangeKind } from './changes.ts';
import type { Figures } from './figures.ts';
import type { ContainerLifetimes } from './lives.ts';

export const mostWrites = 100;
export const mostBytes = 1_000_000;
/** For the first ten minutes of a roll-out. */
const atFirst = 10;
/** No second has more than so many times the mean of a steady state. */
export const unevenness = 2.5;
export const longestWaitSeconds = 9_000;
export const periodSeconds = 60;
/**
 * News may be written each period, and is seen at the next report. A figure that drifts waits until it is at rest, five
 * minutes at most, and until its annotation is ten minutes old.
 */
export const annotatedSeconds: Readonly<Record<ChangeKind, number>> = {
  'a figure': 915,
  'a verdict': 75,
  'a limit': 75,
};

/** @returns what was not kept, a line each */
export function misses(lives: ContainerLifetimes): readonly string[] {
  const missed: string[] = [];
  const must = (name: string, value: number, most: number): void => {
    if (!(value <= most)) missed.push(`${name}: ${value.toFixed(1)}, and may be ${most.toFixed(1)}`);
  };
  const steady = (name: string, { writes, stored }: Figures): void => {
    must(`${name}: writes/s`, writes.mean, mostWrites);
    must(`${name}: bytes/s`, stored.mean, mostBytes);
  };
  const { mean } = lives.steady.writes;
  steady('two hours', lives.long);
  for (const [name, figures] of Object.entries({
    steady: lives.steady,
    back: lives.back,
    afterBusy: lives.afterBusy,
  })) {
    steady(name, figures);
    must(`${name}: largest second`, figures.writes.largest, unevenness * mean);
  }
  for (const [name, { writes, stored }] of Object.entries({
    install: lives.install,
    rollOut: lives.rollOut,
  })) {
    must(`${name}: writes/s`, writes.mean, atFirst * mostWrites);
    must(`${name}: bytes/s`, stored.mean, atFirst * mostBytes);
    must(`${name}: largest second`, writes.largest, unevenness * mean);
  }
  must('wait for an annotation', lives.installWaits.longest, longestWaitSeconds);
  must('wait of who has none yet', lives.installWaits.bareLongest, longestWaitSeconds);
  for (const { kind, report, annotation } of lives.changes) {
    must(`${kind} in the report`, report ?? Number.POSITIVE_INFINITY, periodSeconds);
    must(`${kind} in the annotation`, annotation ?? Number.POSITIVE_INFINITY, annotatedSeconds[kind]);
  }
  return missed;
}
