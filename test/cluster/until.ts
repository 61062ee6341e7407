/** Waiting for something to become true. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Patience {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Thrown by a check that knows that waiting longer is of no use. */
export class Hopeless extends Error {}

/** Asks until there is an answer that is neither undefined nor false. An error of the check counts as none. */
export async function until<T>(
  what: string,
  check: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs = 60_000, signal }: Patience = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let reason = '';
  for (;;) {
    signal?.throwIfAborted();
    try {
      const answer = await check();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      reason = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (performance.now() > deadline) throw new Error(`${what}: not within ${timeoutMs / 1000} s${reason}`);
    // What ended the sleep early is thrown above, in the words of whoever asked for it.
    await sleep(50, undefined, { signal }).catch(() => {});
  }
}
