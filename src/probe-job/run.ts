/** Runs the Job of a probe, from its creation until it is gone. */
import type { ProbeResult } from '../probe/result.ts';
import { type Following, followJob, type Patience, usualPatience } from './follow.ts';
import { createJob, deleteJob } from './job.ts';

export interface Running extends Following {
  readonly manifest: object;
  /** The Job could not be deleted. */
  readonly left: (error: unknown) => void;
}

/** @throws ApiError, LocatedError; the reason of the signal. Whatever happens, it deletes the Job and waits until its pod is gone */
export async function runJob(running: Running, patience: Patience = usualPatience): Promise<ProbeResult> {
  const { kube, job, manifest, left } = running;
  const uid = await createJob(kube, job, manifest);
  try {
    return await followJob(running, patience);
  } finally {
    await deleteJob(kube, job, uid).catch(left);
  }
}
