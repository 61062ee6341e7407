/** Takes page cache on cgroup v1, which has no `memory.reclaim`: it lowers the limit for a moment. */
import { describeErrno, LocatedError } from '../../model/located-error.ts';
import { type Guard, startGuard } from './guard.ts';
import { LimitFiles, type LimitState } from './limit-files.ts';
import type { Reclaimer } from './reclaimer.ts';

/** @param usage the current usage in bytes @throws LocatedError if the limit is not writable, or no guard starts */
export async function openLimit(
  directory: string,
  usage: () => number,
  start: typeof startGuard = startGuard,
): Promise<Reclaimer> {
  const files = new LimitFiles(directory);
  const before = files.state();
  let guard: Guard;
  try {
    guard = await start(directory, before);
  } catch (error) {
    files.close();
    throw error;
  }
  const step = (to: number): void => {
    try {
      files.dip(to, before);
    } catch (error) {
      throw new LocatedError({
        where: files.where,
        expected: `the limit ${before.limit} again`,
        got: { message: describeErrno(error) },
        todo: `write it yourself: echo ${before.limit} > ${files.where}`,
      });
    }
  };
  const mustBeUnchanged = (): void => {
    const now = files.state();
    if (isSame(now, before)) return;
    throw new LocatedError({
      where: files.where,
      expected: `the limit that it had at first, ${before.limit}`,
      got: now.limit,
      todo: 'try again: something else changed the limit',
    });
  };
  return {
    async take(amount, keep) {
      await guard.arm();
      let to: number;
      try {
        // From here to the step nothing waits, so hardly anything else can change the limit meanwhile.
        mustBeUnchanged();
        to = Math.max(usage() - amount, keep);
      } catch (error) {
        guard.disarm();
        throw error;
      }
      // If the step fails, the guard restores the limit.
      if (to < Number(before.limit)) step(Math.round(to));
      guard.disarm();
    },
    async close() {
      await guard.close();
      files.close();
    },
  };
}

const isSame = (a: LimitState, b: LimitState): boolean =>
  a.limit === b.limit && a.oomKillDisable === b.oomKillDisable;
