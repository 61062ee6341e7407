/** Carries out what the search says, step by step. */
import type { Reclaimer } from '../edges/reclaim/reclaimer.ts';
import { type Answer, answerOf } from './answer.ts';
import type { SearchOptions } from './options.ts';
import type { Reading } from './reading.ts';
import { Search } from './search.ts';

export interface Probed {
  /** @throws CgroupGone when the container ended */
  read(): Reading;
  readonly reclaimer: Pick<Reclaimer, 'take'>;
  /** Resolves after so many milliseconds, or at once when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Called after each reading. */
  progress(search: Search): void;
}

/** Bytes that the kernel is asked for at once, so that a signal waits for milliseconds only. */
const atOnce = 16 * 2 ** 20;

/** @param signal ends the probe early. The answer then says what was found so far */
export async function runProbe(probed: Probed, options: SearchOptions, signal: AbortSignal): Promise<Answer> {
  const search = new Search(options, probed.read());
  for (let reading = search.first; !signal.aborted; ) {
    const next = search.next(reading);
    probed.progress(search);
    if (next.kind === 'end') break;
    if (next.kind === 'wait') await probed.sleep(next.ms, signal);
    else await take(probed, next.bytes, options.floorBytes, signal);
    reading = probed.read();
  }
  return answerOf(search, options);
}

/** Takes until so much is gone, or until the kernel takes no more. */
async function take(
  { read, reclaimer, sleep }: Probed,
  amount: number,
  floor: number,
  signal: AbortSignal,
): Promise<void> {
  let now = read();
  const goal = now.cacheBytes - amount;
  while (now.cacheBytes > goal && !signal.aborted) {
    const wanted = Math.min(atOnce, now.cacheBytes - goal);
    await reclaimer.take(wanted, now.realBytes + floor);
    // Lets signals through.
    await sleep(1, signal);
    const then = read();
    if (now.cacheBytes - then.cacheBytes < wanted / 8) return;
    now = then;
  }
}
