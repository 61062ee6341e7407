/** The write budget of a cluster, and its deadlines. */
import type { ChangeKind } from './changes.ts';
import type { Figures } from './figures.ts';
import type { Results } from './simulate.ts';

export const mostWrites = 100;
export const mostBytes = 1_000_000;
/** The largest second may have this many times the mean of the steady state. */
export const unevenness = 2.5;
export const longestWaitSeconds = 9_000;
export const periodSeconds = 60;
/**
 * Seconds. An agent may write a new verdict or limit each period, at the next report. A drifting figure waits until it is
 * steady, for five minutes at most, and until its annotation is ten minutes old.
 */
export const annotatedSeconds: Readonly<Record<ChangeKind, number>> = {
  'a figure': 915,
  'a verdict': 75,
  'a limit': 75,
};

/** @returns one line for each missed requirement */
export function misses(results: Results): readonly string[] {
  const missed: string[] = [];
  const must = (name: string, value: number, most: number): void => {
    if (!(value <= most))
      missed.push(`${name}: expected at most ${most.toFixed(1)}, got ${value.toFixed(1)}`);
  };
  const withinBudget = (name: string, { writes, stored }: Figures): void => {
    must(`${name}: writes/s`, writes.mean, mostWrites);
    must(`${name}: bytes/s`, stored.mean, mostBytes);
  };
  const { mean } = results.steady.writes;
  withinBudget('two hours', results.long);
  for (const [name, figures] of Object.entries({
    steady: results.steady,
    install: results.install,
    rollOut: results.rollOut,
    back: results.back,
    afterBusy: results.afterBusy,
  })) {
    withinBudget(name, figures);
    must(`${name}: largest second`, figures.writes.largest, unevenness * mean);
  }
  must('wait for an annotation', results.installWaits.longest, longestWaitSeconds);
  must('wait of pods without an annotation', results.installWaits.bareLongest, longestWaitSeconds);
  for (const { kind, report, annotation } of results.changes) {
    must(`${kind} in the report`, report ?? Number.POSITIVE_INFINITY, periodSeconds);
    must(`${kind} in the annotation`, annotation ?? Number.POSITIVE_INFINITY, annotatedSeconds[kind]);
  }
  return missed;
}
