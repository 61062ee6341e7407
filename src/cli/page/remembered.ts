/** Reads something that is asked for often: one read at a time, and with a rest between two. */

/** A read may take this share of the time, however often it is asked for. */
const mostBusy = 0.1;

/**
 * A failed read is not remembered.
 * @param mostAgeMs how long to remember a value
 * @param ticks milliseconds of the monotonic clock
 * @returns what was read last, or what a new read returns
 */
export function remembered<Value>(
  read: () => Promise<Value>,
  mostAgeMs: number | ((value: Value) => number),
  ticks: () => number,
): () => Promise<Value> {
  let kept: { readonly value: Value; readonly until: number } | undefined;
  let reading: Promise<Value> | undefined;
  const again = async (): Promise<Value> => {
    const startedAt = ticks();
    try {
      const value = await read();
      const endedAt = ticks();
      const age = typeof mostAgeMs === 'number' ? mostAgeMs : mostAgeMs(value);
      kept = { value, until: endedAt + Math.max(age, (endedAt - startedAt) / mostBusy) };
      return value;
    } finally {
      reading = undefined;
    }
  };
  return async () => {
    if (kept !== undefined && ticks() < kept.until) return kept.value;
    reading ??= again();
    return reading;
  };
}
