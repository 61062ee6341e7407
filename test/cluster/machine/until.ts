/** Waits until a condition is true. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Patience {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** A check throws this if waiting longer is pointless. */
export class Hopeless extends Error {}

/** Repeats the check until it returns a value other than undefined, false and ''. An error counts as false. */
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
      if (answer !== undefined && answer !== false && answer !== '') return answer;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      reason = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (performance.now() > deadline)
      throw new Error(`timed out after ${timeoutMs / 1000} s waiting for ${what}${reason}`);
    // If the signal ended the sleep, `throwIfAborted` above throws its reason.
    await sleep(50, undefined, { signal }).catch(() => {});
  }
}
