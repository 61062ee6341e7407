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
 * Each page that is still missing is read as often as those that came back last, so their number decays exponentially.
 * @param aheadMs how long the workload has time to come back for more
 * @returns pages
 */
export function expectedBack({ took, back, late, lateMs }: Watched, aheadMs: number): number {
  const rest = Math.max(0, took - back);
  if (late < leastPages || rest === 0 || lateMs <= 0) return back;
  return back + rest * (1 - Math.exp((-late / lateMs / rest) * aheadMs));
}
