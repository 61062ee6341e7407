/** The watch after a step: how long it takes, and how many pages the workload rereads. */
import { type Expected, expectedBack, leastPages } from './forecast.ts';
import type { Timing } from './options.ts';
import type { Reading } from './reading.ts';

/** A step is needed if this share of it is reread, or may soon be. */
export const neededShare = 0.6;
/** The watch ends early if this share is reread. */
const wholeShare = 0.9;

/** @param back pages of the step that are reread */
export const isNeeded = (took: number, back: number): boolean =>
  back >= Math.max(leastPages, neededShare * took);

/** Pages that were reread between two readings. */
type Returned = (from: Reading, to: Reading) => number;

export class StepWatch {
  private readonly timing: Timing;
  private after: Reading;
  /** Pages of the step: 1 at least. */
  took = 1;
  private readings: Reading[] = [];
  /** The last step, and the silent ones before it: nothing was reread since. */
  private silent: { readonly since: number; readonly took: number }[] = [];
  private longestGap = 0;

  constructor(timing: Timing, first: Reading) {
    this.timing = timing;
    this.after = first;
  }

  /** @param after directly after a step @param took pages of the step */
  begin(after: Reading, took: number): void {
    this.after = after;
    this.took = Math.max(1, took);
    this.readings = [];
    this.silent.push({ since: after.at, took });
  }

  /** Milliseconds until the next reading. */
  untilNext(at: number): number {
    const left = this.windowMs - (at - this.after.at);
    return left > 0 ? left : this.timing.pollMs;
  }

  /** @param back pages reread since the reading before */
  note({ at }: Reading, back: number): void {
    const { took } = this;
    if (back < Math.max(leastPages, took / 32)) return;
    if (back >= took / 8) this.longestGap = Math.max(this.longestGap, at - this.sinceFor(back));
    this.silent = [{ since: at, took }];
  }

  /** When the reader was last there, who rereads so many pages: before all steps that these pages can be from. */
  private sinceFor(back: number): number {
    let [since, later] = [this.after.at, 0];
    for (const step of this.silent.toReversed()) {
      if (later >= back) break;
      since = step.since;
      later += step.took;
    }
    return since;
  }

  /**
   * How many pages of the step are reread, now or soon. Undefined: watch on.
   * @param isConfirming the step decides the answer, so it is watched until it is needed without a forecast, or for as long as a step can be
   */
  expected(reading: Reading, returned: Returned, isConfirming: boolean): Expected | undefined {
    const { after, took, readings, timing } = this;
    const back = returned(after, reading);
    if (back >= Math.max(leastPages, wholeShare * took)) return { least: back, most: Math.max(back, took) };
    const watchedMs = reading.at - after.at;
    const middle = readings.find(({ at }) => at >= after.at + watchedMs / 2);
    readings.push(reading);
    if (watchedMs < this.windowMs || middle === undefined) return undefined;
    const late = returned(middle, reading);
    const times = { lateMs: reading.at - middle.at, earlyMs: middle.at - after.at };
    const expected = expectedBack({ took, back, late, ...times }, timing.takingMs);
    const certain = isConfirming ? back : expected.least;
    const isInDoubt = isNeeded(took, expected.most) && !isNeeded(took, certain);
    return isInDoubt && watchedMs < timing.longestStepMs ? undefined : expected;
  }

  /** Workloads that reread in bursts are watched for longer than the pause between two bursts. */
  private get windowMs(): number {
    const { stepMs, longestStepMs } = this.timing;
    return Math.min(longestStepMs, Math.max(stepMs, 1.5 * this.longestGap));
  }
}
