/** The last watch in thirds: how what comes back changes shows whether it will go on. */
import { leastPages } from './forecast.ts';
import type { Reading } from './reading.ts';

/** Pages that came back in each third. */
export interface Thirds {
  readonly early: number;
  readonly middle: number;
  readonly late: number;
  readonly thirdMs: number;
}

/** Rates that differ by less than this share may differ by chance. */
const chanceShare = 0.25;

export class LastWatch {
  /** The begin of the watch, and the end of each third of it. */
  private readonly readings: Reading[] = [];

  /** @param endAt milliseconds: when the watch will end */
  note(reading: Reading, endAt: number): void {
    const from = this.readings[0]?.at ?? reading.at;
    const third = (endAt - from) / 3;
    // Sums of fractions are not exact.
    if (reading.at >= from + third * this.readings.length - 1) this.readings.push(reading);
  }

  /** Undefined: the probe ended before. */
  thirds(returned: (from: Reading, to: Reading) => number): Thirds | undefined {
    const [begin, one, two, end] = this.readings;
    if (begin === undefined || one === undefined || two === undefined || end === undefined) return undefined;
    return {
      ...{ early: returned(begin, one), middle: returned(one, two), late: returned(two, end) },
      thirdMs: Math.max(1, (end.at - begin.at) / 3),
    };
  }
}

/** Pages per third that come back evenly, without what decays: whoever reads cold files now and then goes on until the end. */
export function evenPart({ early, middle, late }: Thirds): number {
  const least = Math.min(early, middle, late);
  if (middle <= late || early - late < chanceShare * early) return least;
  const curve = early + late - 2 * middle;
  return curve <= 0 ? 0 : Math.min(least, Math.max(0, (early * late - middle ** 2) / curve));
}

/**
 * Of the missing pages, those that will come back later. None if that takes longer than the horizon.
 * @param horizonMs who reads all missing pages within this time needs them
 */
export function stillToCome(missing: number, { middle, late, thirdMs }: Thirds, horizonMs: number): number {
  if (late < leastPages || missing * thirdMs > horizonMs * late) return 0;
  return middle > late ? Math.min(missing, late ** 2 / (middle - late)) : missing;
}
