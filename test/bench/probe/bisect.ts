/** Finds the smallest limit that holds. */

const MiB = 2 ** 20;

/** To how many bytes a limit of this size is found. */
export const precisionOf = (bytes: number): number => Math.max(MiB, 0.02 * bytes);

export interface Bracket {
  /** Holds no workload. */
  readonly low: number;
  /** Where the search begins. */
  readonly guess: number;
  /** Holds, because it is the most that the workload used. */
  readonly high: number;
}

/** Doubles its steps from the guess until one limit holds and a smaller one does not, then halves the interval. Bytes. */
export async function smallestThatHolds(
  { low, guess, high }: Bracket,
  holds: (limit: number) => Promise<boolean>,
): Promise<number> {
  let [below, above] = [low, high];
  const test = async (limit: number): Promise<void> => {
    if (await holds(limit)) above = limit;
    else below = limit;
  };
  const whole = (bytes: number): number => Math.round(bytes / 4096) * 4096;
  let at = whole(Math.min(Math.max(guess, low + precisionOf(low)), high));
  for (let step = 2 * precisionOf(guess); at > below && at < above; step *= 2) {
    await test(at);
    at = whole(above === at ? at - step : at + step);
  }
  while (above - below > precisionOf(above)) await test(whole((below + above) / 2));
  return above;
}
