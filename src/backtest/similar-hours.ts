/**
 * Weighs past hours by their similarity to the next hour: similar time of day, and similar usage in the hour before. Only
 * for limits that change every hour.
 */
import { sizeStep, stepOf } from '../usage/log-histogram.ts';
import type { Steps } from '../usage/packed/weights.ts';

interface Hour {
  readonly start: number;
  /** In steps of the histogram. */
  readonly peak: number;
  /** The peak of the hour before, in steps. */
  readonly before: number;
}

const hoursKept = 14 * 24;
/**
 * Widths of the Gaussian weights. An hour earlier or later in the day has .6 of the weight, and so has an hour after 30 %
 * more or less usage.
 */
const widths = { hours: 1, size: 0.3 };
/** Hours. At a larger distance the weight is almost 0. */
const farthest = 4;
/** The prior: all hours together weigh as much as this many identical hours. */
const priorHours = 3;

export class SimilarHours {
  private readonly kept: Hour[] = [];

  /** @param peak in bytes @param at the start of the hour */
  add(peak: number, at: number): void {
    const step = stepOf(peak);
    this.kept.push({ start: at, peak: step, before: this.kept.at(-1)?.peak ?? step });
    if (this.kept.length > hoursKept) this.kept.shift();
  }

  /**
   * Shifts the weights of all hours towards those that are similar to the hour that starts at `at`. The sum stays.
   * @param all all hours, including those added here
   * @param before the peak of the last hour, in bytes
   */
  weigh({ first, weights }: Steps, at: number, before: number): Steps {
    const now = stepOf(before);
    const similar = new Float64Array(weights.length);
    let sum = 0;
    for (const hour of this.kept) {
      const apart = hoursApart(hour.start, at);
      if (apart > farthest) continue;
      const weight = bell(apart / widths.hours) * bell(((hour.before - now) * sizeStep) / widths.size);
      const index = hour.peak - first;
      similar[index] = (similar[index] ?? 0) + weight;
      sum += weight;
    }
    const total = weights.reduce((one, other) => one + other, 0);
    const priorShare = priorHours / (sum + priorHours);
    const perHour = total / (sum + priorHours);
    return {
      first,
      weights: weights.map((weight, index) => priorShare * weight + perHour * (similar[index] ?? 0)),
    };
  }
}

/** Distance by the clock: 0 to 12. */
function hoursApart(one: number, other: number): number {
  const hours = (Math.abs(other - one) / 3600) % 24;
  return Math.min(hours, 24 - hours);
}

const bell = (x: number): number => Math.exp(-(x ** 2) / 2);
