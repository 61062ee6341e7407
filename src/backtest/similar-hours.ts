/**
 * Which hours tell of the next one: those at about that time of a day, and those that came after about as much was in use.
 * Only for limits that are set anew each hour.
 */
import { type Steps, sizeStep, stepOf } from '../usage/log-histogram.ts';

interface Hour {
  readonly start: number;
  /** Steps of size. */
  readonly peak: number;
  /** Of the hour before. */
  readonly before: number;
}

const hoursKept = 14 * 24;
/** An hour of the day earlier or later tells .6 times as much; where the hour before had 30 % more or less, as well. */
const wide = { hours: 1, size: 0.3 };
/** Hours that are further off tell next to nothing. */
const farthest = 4;
/** All hours together tell as much as so many that are quite alike. */
const allTell = 3;

export class HoursAlike {
  private readonly kept: Hour[] = [];

  /** @param at when it began @param peak bytes */
  add(peak: number, at: number): void {
    const step = stepOf(peak);
    this.kept.push({ start: at, peak: step, before: this.kept.at(-1)?.peak ?? step });
    if (this.kept.length > hoursKept) this.kept.shift();
  }

  /**
   * All hours, as often as the one that begins at `at` is expected to be like them; their weights add up to the same.
   * @param all must have seen what was added here
   * @param before what the last hour had, in bytes
   */
  weighed({ first, weights }: Steps, at: number, before: number): Steps {
    const now = stepOf(before);
    const alike = new Float64Array(weights.length);
    let sum = 0;
    for (const hour of this.kept) {
      const apart = hoursApart(hour.start, at);
      if (apart > farthest) continue;
      const weight = bell(apart / wide.hours) * bell(((hour.before - now) * sizeStep) / wide.size);
      const index = hour.peak - first;
      alike[index] = (alike[index] ?? 0) + weight;
      sum += weight;
    }
    const total = weights.reduce((one, other) => one + other, 0);
    const allWeigh = allTell / (sum + allTell);
    const aHour = total / (sum + allTell);
    return {
      first,
      weights: weights.map((weight, index) => allWeigh * weight + aHour * (alike[index] ?? 0)),
    };
  }
}

/** By the clock: up to 12. */
function hoursApart(one: number, other: number): number {
  const hours = (Math.abs(other - one) / 3600) % 24;
  return Math.min(hours, 24 - hours);
}

const bell = (x: number): number => Math.exp(-(x ** 2) / 2);
