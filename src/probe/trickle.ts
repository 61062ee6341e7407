/** Tells slow readers from cold files of which little is read now and then: both reread pages all the time. */
import { chunkPages } from './forecast.ts';
import { evenPart, type Thirds } from './last-watch.ts';

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

/** Rereads of cold files, which go on evenly until the end. */
export interface Trickle {
  /** Pages per millisecond. */
  readonly perMs: number;
  /** The part of them that may be of a needed file, from 0 to 1. */
  readonly doubt: number;
}

export const noTrickle: Trickle = { perMs: 0, doubt: 1 };

interface StepsBefore {
  readonly watched: readonly WatchedStep[];
  readonly cold: Cold;
  /** Pages that are gone. */
  readonly missing: number;
  /** Who reads all of a file within this time needs it. */
  readonly neededMs: number;
  /** A file that takes longer to read is cold. */
  readonly horizonMs: number;
}

/** The trickle in the last watch: as much of the rereads that go on as the steps before explain. */
export function trickleAfter(
  thirds: Thirds,
  { watched, cold, missing, neededMs, horizonMs }: StepsBefore,
): Trickle {
  const even = evenPart(thirds);
  const perMs = even / thirds.thirdMs;
  const ofFirstSteps = Math.min(cold.perMs, perMs);
  const { likely, counted } = coldPart(watched, { perMs, missing, mostNeeded: perMs * neededMs }, horizonMs);
  if (likely * perMs <= ofFirstSteps) return { perMs: ofFirstSteps, doubt: 1 };
  // Rereads that become fewer are of a slow reader. How many of the even ones are of it too, nobody knows.
  const evenness = even / Math.max(1, thirds.middle, thirds.late);
  return { perMs: likely * perMs, doubt: 1 - (counted / likely) * evenness };
}

/** Rereads that go on evenly after the last step. */
interface LastTrickle {
  /** Pages per millisecond. */
  readonly perMs: number;
  /** Pages that are gone. */
  readonly missing: number;
  /** A workload that reads so many of them within a time that counts needs them. */
  readonly mostNeeded: number;
}

/** Parts of a trickle, from 0 to 1. */
interface ColdPart {
  /** That cold files may be the reason of, within chance. */
  readonly likely: number;
  /** That they are the reason of by the count alone. */
  readonly counted: number;
}

/**
 * How much of an even trickle is of cold files, read here and there. Such a reader reads the more of the missing pages the more are missing,
 * from the first step on. A slow reader of a needed file rereads nothing before its own pages are gone, and these went last.
 */
function coldPart(
  steps: readonly WatchedStep[],
  { perMs, missing, mostNeeded }: LastTrickle,
  horizonMs: number,
): ColdPart {
  const none = { likely: 0, counted: 0 };
  if (perMs <= 0 || missing < perMs * horizonMs) return none;
  let [gone, back, expected] = [0, 0, 0];
  for (const step of steps) {
    gone += step.took;
    if (gone > missing - mostNeeded) break;
    back += step.back;
    expected += perMs * (gone / missing) * step.ms;
    gone = Math.max(0, gone - step.back);
  }
  const chance = 2 * Math.sqrt(chunkPages * expected);
  // Too little to be told from chance, or something else reads these pages too.
  if (expected < chunkPages || back > expected + chance) return none;
  const likely = (back + Math.sqrt(chunkPages * back)) / expected;
  return { likely: Math.min(1, likely), counted: Math.min(1, back / expected) };
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
