/** Tells slow readers from cold files of which little is read now and then: both reread pages all the time. */
import { chunkPages } from './forecast.ts';

/** One step, with the pages of all steps until then that were reread in its watch. */
export interface WatchedStep {
  /** Pages. */
  readonly took: number;
  /** Pages. */
  readonly back: number;
  readonly ms: number;
}

export interface Cold {
  /** How many of the steps are cold, from the first on. */
  readonly steps: number;
  /** Pages of these steps that are reread per millisecond. */
  readonly perMs: number;
}

/** All steps until one. */
interface Prefix {
  /** Pages that were not reread. */
  readonly missing: number;
  /** Of one page, per millisecond. */
  readonly rate: number;
}

/** Standard deviations that are not chance. Few: a need that is missed does more harm than one that is too high. */
const significant = 0.5;

/**
 * The kernel first takes what was read longest ago. So the first steps are cold, until pages are reread at a higher rate than those before.
 * @param horizonMs a workload that reads all pages of a step within this time needs them
 */
export function coldSteps(steps: readonly WatchedStep[], horizonMs: number): Cold {
  const prefixes: Prefix[] = [];
  let [prefix, exposure, back]: [Prefix, number, number] = [{ missing: 0, rate: 0 }, 0, 0];
  for (const [index, step] of steps.entries()) {
    prefixes.push(prefix);
    const missing = prefix.missing + step.took;
    exposure += Math.max(0, missing - step.back / 2) * step.ms;
    back += step.back;
    prefix = { missing: Math.max(0, missing - step.back), rate: exposure > 0 ? back / exposure : 0 };
    const warm = firstWarm(steps.slice(0, index + 1), prefixes, horizonMs);
    if (warm !== undefined) return longestCold(prefixes.slice(0, warm + 1), horizonMs);
  }
  return longestCold([...prefixes, prefix], horizonMs);
}

/** The first of the last steps that were reread at a higher rate than all before, and within the horizon. */
function firstWarm(
  steps: readonly WatchedStep[],
  prefixes: readonly Prefix[],
  horizonMs: number,
): number | undefined {
  let [most, found]: [number, number | undefined] = [significant, undefined];
  for (const [first, { missing, rate }] of prefixes.entries()) {
    let [taken, back, expected] = [0, 0, 0];
    for (const step of steps.slice(first)) {
      taken += step.took;
      back += step.back;
      expected += (missing * rate + taken / horizonMs) * step.ms;
    }
    const deviations = (back - expected) / Math.sqrt(chunkPages * (expected + chunkPages));
    if (deviations >= most) [most, found] = [deviations, first];
  }
  return found;
}

/** The most first steps whose rereading would take longer than the horizon. */
function longestCold(prefixes: readonly Prefix[], horizonMs: number): Cold {
  const steps = prefixes.findLastIndex(({ rate }) => rate * horizonMs <= 1);
  const { missing, rate } = prefixes[steps] ?? { missing: 0, rate: 0 };
  return { steps: Math.max(0, steps), perMs: missing * rate };
}
