/** How much of a step will come back, if the workload goes on as it did at the end of the watch. */

export interface Watched {
  /** Pages that the kernel took. */
  readonly took: number;
  /** Pages that came back. */
  readonly back: number;
  /** Pages of these that came back in the last part of the watch, and how long that and the part before it took. */
  readonly late: number;
  readonly lateMs: number;
  readonly earlyMs: number;
}

/** Fewer pages that come back are chance. */
export const leastPages = 16;

/** Pages come back in chunks of about so many, so their number varies by chance. */
export const chunkPages = 16;
/** Standard deviations that are not chance. */
const significant = 1;

export interface Expected {
  /** Pages. */
  readonly least: number;
  /** Pages. */
  readonly most: number;
}

/**
 * At most, each page that is still missing is read as often as those that came back last, so their number decays exponentially. If less comes
 * back than before, then perhaps only a part of the step is read, and the rest is cold.
 * @param aheadMs how long the workload has time to come back for more
 */
export function expectedBack(watched: Watched, aheadMs: number): Expected {
  const { took, back, late, lateMs } = watched;
  const rest = Math.max(0, took - back);
  if (late < leastPages || rest === 0 || lateMs <= 0) return { least: back, most: back };
  const toCome = rest * (1 - Math.exp((-late / lateMs / rest) * aheadMs));
  const until = (chance: number): number => back + Math.min(toCome, fading(watched, chance));
  return { least: until(0), most: until(significant) };
}

/** Pages that come back if what comes back goes on to fade as it did. @param chance standard deviations by which it fades less */
function fading({ back, late, lateMs, earlyMs }: Watched, chance: number): number {
  const early = (back - late) * (lateMs / earlyMs);
  if (early <= 0) return Number.POSITIVE_INFINITY;
  const ratio = (late + chance * Math.sqrt(chunkPages * (early + late))) / early;
  return ratio < 1 ? (late * ratio) / (1 - ratio) : Number.POSITIVE_INFINITY;
}
