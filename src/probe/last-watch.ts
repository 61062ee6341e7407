/** The last watch in thirds: the change of the reread rate shows whether rereads will go on. */
import { leastPages } from './forecast.ts';
import type { Reading } from './reading.ts';

/** Pages that were reread in each third. */
export interface Thirds {
  readonly early: number;
  readonly middle: number;
  readonly late: number;
  readonly thirdMs: number;
}

/** A smaller difference between two rates, as a share of the larger, may be chance. */
const chanceShare = 0.25;

export class LastWatch {
  /** At the beginning of the watch, and at the end of each third. */
  private readonly readings: Reading[] = [];

  get begin(): Reading | undefined {
    return this.readings[0];
  }

  /** @param endAt milliseconds: when the watch will end */
  note(reading: Reading, endAt: number): void {
    const from = this.readings[0]?.at ?? reading.at;
    const third = (endAt - from) / 3;
    // Sums of fractions are not exact.
    if (reading.at >= from + third * this.readings.length - 1) this.readings.push(reading);
  }

  /** Undefined: the probe ended before the last third did. */
  thirds(returned: (from: Reading, to: Reading) => number): Thirds | undefined {
    const [begin, one, two, end] = this.readings;
    if (begin === undefined || one === undefined || two === undefined || end === undefined) return undefined;
    return {
      ...{ early: returned(begin, one), middle: returned(one, two), late: returned(two, end) },
      thirdMs: Math.max(1, (end.at - begin.at) / 3),
    };
  }
}

/** Pages per third that are reread at a constant rate, without the part that decays: reads of cold files go on until the end. */
export function evenPart({ early, middle, late }: Thirds): number {
  const least = Math.min(early, middle, late);
  if (middle <= late || early - late < chanceShare * early) return least;
  const curve = early + late - 2 * middle;
  return curve <= 0 ? 0 : Math.min(least, Math.max(0, (early * late - middle ** 2) / curve));
}

/**
 * How many of the missing pages will still be reread. None if that takes longer than the horizon.
 * @param horizonMs a workload that reads all missing pages within this time needs them
 */
export function stillToCome(missing: number, { middle, late, thirdMs }: Thirds, horizonMs: number): number {
  if (late < leastPages || missing * thirdMs > horizonMs * late) return 0;
  return middle > late ? Math.min(missing, late ** 2 / (middle - late)) : missing;
}
