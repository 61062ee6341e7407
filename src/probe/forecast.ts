/** How much of a step the workload will reread, if it goes on as it did at the end of the watch. */

export interface Watched {
  /** Pages that the kernel took. */
  readonly took: number;
  /** Pages that were reread. */
  readonly back: number;
  /** Those of them that were reread in the last part of the watch. */
  readonly late: number;
  /** Length of the last part. */
  readonly lateMs: number;
  /** Length of the part before it. */
  readonly earlyMs: number;
}

/** Fewer rereads are chance. */
export const leastPages = 16;

/** The kernel reads about this many pages at once, so the number of rereads varies by chance. */
export const chunkPages = 16;
/** A difference of this many standard deviations is not chance. */
const significant = 1;

export interface Expected {
  /** Pages. */
  readonly least: number;
  /** Pages. */
  readonly most: number;
}

/**
 * At most, the workload reads each missing page as often as it read the last ones, so their number decays exponentially. If the rate falls,
 * perhaps the workload reads only a part of the step, and the rest is cold.
 * @param aheadMs how long the workload has to reread more
 */
export function expectedBack(watched: Watched, aheadMs: number): Expected {
  const { took, back, late, lateMs } = watched;
  const rest = Math.max(0, took - back);
  if (late < leastPages || rest === 0 || lateMs <= 0) return { least: back, most: back };
  const toCome = rest * (1 - Math.exp((-late / lateMs / rest) * aheadMs));
  const until = (chance: number): number => back + Math.min(toCome, fading(watched, chance));
  return { least: until(0), most: until(significant) };
}

/** Pages still to be reread if the rate goes on to fall as it did. @param chance standard deviations by which it falls less */
function fading({ back, late, lateMs, earlyMs }: Watched, chance: number): number {
  const early = (back - late) * (lateMs / earlyMs);
  if (early <= 0) return Number.POSITIVE_INFINITY;
  const ratio = (late + chance * Math.sqrt(chunkPages * (early + late))) / early;
  return ratio < 1 ? (late * ratio) / (1 - ratio) : Number.POSITIVE_INFINITY;
}
