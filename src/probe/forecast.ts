/** How much of a step will come back, if the workload goes on as it did at the end of the watch. */

export interface Watched {
  /** Pages that the kernel took. */
  readonly took: number;
  /** Pages that came back. */
  readonly back: number;
  /** Pages of these that came back in the last part of the watch. */
  readonly late: number;
  readonly lateMs: number;
}

/** Fewer pages that come back are chance. */
export const leastPages = 16;

/**
 * Each page that is still missing is read as often as those that came back last, so their number decays exponentially. If it decays faster, only
 * a part of the step is read at all.
 * @param aheadMs how long the workload has time to come back for more
 * @returns pages
 */
export function expectedBack({ took, back, late, lateMs }: Watched, aheadMs: number): number {
  const rest = Math.max(0, took - back);
  if (late < leastPages || rest === 0 || lateMs <= 0) return back;
  const more = Math.min(rest, moreOf(back - late, late));
  return back + more * (1 - Math.exp((-late / lateMs / more) * aheadMs));
}

/** How many pages come back after two halves of a watch, from how much fewer came in the second. */
function moreOf(early: number, late: number): number {
  // A difference within the noise says nothing.
  if (early - late < 2 * Math.sqrt((early + late) * leastPages)) return Number.POSITIVE_INFINITY;
  return (late * late) / (early - late);
}
