/** What the user allows a probe, and the timing that follows from it. */

export interface SearchOptions {
  readonly durationMs: number;
  /** Share of the time in which a task may wait for memory, from 0 to 1, beyond what it waits without the probe. */
  readonly maxStall: number;
  /** Pages that the workload may reread, per second. */
  readonly maxRereads: number;
  /** The probe takes no more page cache than this, in bytes. */
  readonly depthBytes: number;
  /** Page cache that the probe leaves, in bytes. */
  readonly floorBytes: number;
  /** The probe ends at this much real memory, which is near the limit. Absent: no limit. */
  readonly mostRealBytes?: number;
  readonly pageBytes: number;
  /** How far the kernel's counters may lag behind, in bytes. */
  readonly lagBytes: number;
}

/** All in milliseconds. */
export interface Timing {
  /** Watch before the first step, to know how much the workload rereads and waits by itself. */
  readonly baselineMs: number;
  /** Watch after a step. */
  readonly stepMs: number;
  /** The same for a workload that rereads in bursts. */
  readonly longestStepMs: number;
  /** Between two readings. */
  readonly pollMs: number;
  /** No step begins later than this. In the rest of the time slow readers reread what they need. */
  readonly takingMs: number;
}

/** Two minutes give a baseline of 5 s, steps of 3 s in the first minute, and a minute to watch. */
export function timingOf(durationMs: number): Timing {
  const stepMs = durationMs / 40;
  return {
    baselineMs: durationMs / 24,
    stepMs,
    longestStepMs: durationMs / 8,
    pollMs: Math.min(1000, Math.max(200, stepMs / 3)),
    takingMs: durationMs / 2,
  };
}
