/**
 * A histogram of memory sizes. Buckets grow by 2 %, and weights decay with a half-life. Two histograms with the same half-life
 * add up to the histogram of all values, in any order.
 */
import { daySeconds } from '../model/time.ts';
import { mostSteps, packWeights, type Steps, unpackWeights } from './packed/weights.ts';

/** Upper end of the first bucket: nobody sets a lower limit. */
const smallest = 2 ** 20;
/** Width of a bucket, as a natural logarithm. */
export const sizeStep = 0.02;
/** Weights are relative to 2025-01-01, so they need no ageing. Doubles reach 1,000 half-lives in both directions. */
const referenceSeconds = 1_735_689_600;

/** Largest encoded weight. */
const mostWeight = 1_500;

/** Index of the bucket that holds the size, counted from 1 MiB. Smaller sizes are in the first, the last ends above 2^53. */
export const stepOf = (bytes: number): number =>
  Math.min(mostSteps - 1, Math.max(0, Math.ceil(Math.log(bytes / smallest) / sizeStep - 1e-9)));

/** Weight of a value at that time, in seconds since 1970. */
export const weightAt = (at: number, halfLifeDays: number): number =>
  2 ** ((at - referenceSeconds) / (daySeconds * halfLifeDays));

/** The upper end of a bucket: the largest value in it. */
export const bytesOf = (index: number): number => smallest * Math.exp(sizeStep * index);

/** Precision of the encoded form. */
export interface Precision {
  /** A smaller weight is encoded as none. */
  readonly least: number;
  /** An encoded weight is exact to half of this share. */
  readonly weightStep: number;
  /** Largest possible total weight at the time of encoding. */
  readonly most: number;
  /** Below this percentile, five buckets are encoded as one: no formula needs precision there. */
  readonly coarseBelow?: number;
}

export class LogHistogram {
  readonly halfLifeDays: number;
  /** Empty without values. Most are written once in five minutes, and as an array they would take three times the memory. */
  private packed = '';

  constructor(halfLifeDays: number) {
    this.halfLifeDays = halfLifeDays;
  }

  /** @param at seconds since 1970 */
  add(bytes: number, at: number, weight = 1): void {
    if (Number.isNaN(bytes)) return;
    const index = stepOf(bytes);
    const buckets = this.reaching(index, index + 1);
    addTo(buckets, index, weight * this.decay(at));
    this.packed = packWeights(buckets);
  }

  /** Removes one of two equal values. At least half of the bucket's weight stays. */
  takeBack(bytes: number, at: number): void {
    const buckets = unpackWeights(this.packed);
    const index = stepOf(bytes) - buckets.first;
    const weight = buckets.weights[index];
    if (weight === undefined) return;
    buckets.weights[index] = Math.max(weight / 2, weight - this.decay(at));
    this.packed = packWeights(buckets);
  }

  /** Adds another histogram. @param share factor on each of its weights */
  merge(other: LogHistogram, share = 1): void {
    const isSome = (weight: number): boolean => weight * share > 0;
    const { first, weights } = unpackWeights(other.packed);
    const [from, to] = [weights.findIndex(isSome), weights.findLastIndex(isSome)];
    if (from === -1) return;
    if (this.packed === '' && share === 1 && from === 0 && to === weights.length - 1) {
      this.packed = other.packed;
      return;
    }
    const buckets = this.reaching(first + from, first + to + 1);
    for (let index = from; index <= to; index++) {
      const weight = weights[index] ?? 0;
      if (isSome(weight)) addTo(buckets, first + index, weight * share);
    }
    this.packed = packWeights(buckets);
  }

  clear(): void {
    this.packed = '';
  }

  /** Weights as of that time, from the bucket of the smallest value to that of the largest. */
  at(time: number): Steps {
    const now = this.decay(time);
    const { first, weights } = unpackWeights(this.packed);
    return { first, weights: weights.map((weight) => weight / now) };
  }

  /** Total weight as of that time. */
  totalAt(time: number): number {
    return sumOf(unpackWeights(this.packed).weights) / this.decay(time);
  }

  /** @param share 0.95 for the p95 @returns undefined without values */
  percentile(share: number): number | undefined {
    const { first, weights } = unpackWeights(this.packed);
    // Sums of packed weights are exact to nine digits.
    const threshold = (share < 1 ? share * (1 - 1e-9) : share) * sumOf(weights);
    let reached = 0;
    for (const [index, weight] of weights.entries()) {
      reached += weight;
      if (reached > 0 && reached >= threshold) return bytesOf(first + index);
    }
    return undefined;
  }

  /**
   * As integers: the first bucket, then the logarithm of each weight as of that time. A negative number is a count of empty
   * buckets.
   */
  encode(time: number, { least, weightStep, most, coarseBelow = 0 }: Precision): readonly number[] {
    const { first, weights } = unpackWeights(this.packed);
    // `decode` refuses more weight than possible.
    const scale = Math.min(1, most / this.totalAt(time));
    const coarse = coarseBelow === 0 ? 0 : stepOf((this.percentile(coarseBelow) ?? 0) * (1 - 1e-9)) - first;
    const age = this.age(time, weightStep);
    const counts: number[] = [];
    for (const [index, weight] of weights.entries()) {
      const to = index < coarse ? Math.min(coarse, index + 4 - ((first + index + 4) % 5)) : index;
      counts[to] = (counts[to] ?? 0) + weight;
    }
    const encoded: number[] = [first];
    let gap = 0;
    for (let index = 0; index < weights.length; index++) {
      const code = 1 + Math.round(Math.log((scale * (counts[index] ?? 0)) / least) / weightStep) - age;
      if (!(code > 0)) {
        gap++;
        continue;
      }
      if (gap > 0) encoded.push(-gap);
      gap = 0;
      encoded.push(code);
    }
    return encoded;
  }

  /** @throws RangeError for numbers that `encode` cannot produce */
  decode(encoded: readonly number[], time: number, { least, weightStep, most }: Precision): void {
    const age = this.age(time, weightStep);
    const [start = 0] = encoded;
    if (!(Number.isInteger(start) && start >= 0))
      throw new RangeError(`expected a bucket index, got ${start}`);
    const counts = encoded.slice(1);
    let [index, first, end] = [start, start, start];
    for (const count of counts) {
      if (!Number.isSafeInteger(count) || count === 0)
        throw new RangeError(`expected a weight, got ${count}`);
      if (count > mostWeight)
        throw new RangeError(`expected a weight of at most ${mostWeight}, got ${count}`);
      if (count > 0) {
        if (end === start) first = index;
        end = index + 1;
      }
      index += count > 0 ? 1 : -count;
      if (index > mostSteps) throw new RangeError(`expected at most ${mostSteps} buckets, got ${index}`);
    }
    if (end > first) {
      const buckets = this.reaching(first, end);
      index = start;
      for (const count of counts) {
        if (count > 0) addTo(buckets, index, least * Math.exp(weightStep * (count - 1 + age)));
        index += count > 0 ? 1 : -count;
      }
      this.packed = packWeights(buckets);
    }
    if (this.totalAt(time) > most * Math.exp(weightStep))
      throw new RangeError(
        `expected a total weight of at most ${Math.round(most)}, which no node can exceed`,
      );
  }

  /** A copy of the buckets. It reaches at least `first` and `end` − 1. */
  private reaching(first: number, end: number): Buckets {
    const { first: known, weights } = unpackWeights(this.packed);
    if (weights.length === 0) return { first, weights: none(end - first) };
    const before = Math.max(0, known - first);
    const after = Math.max(0, end - known - weights.length);
    if (before === 0 && after === 0) return { first: known, weights };
    return { first: known - before, weights: none(before).concat(weights, none(after)) };
  }

  /** In whole steps of the weight, so that encoding a decoded histogram does not round again. */
  private age(time: number, weightStep: number): number {
    return Math.round(Math.log(this.decay(time)) / weightStep);
  }

  private decay(at: number): number {
    return weightAt(at, this.halfLifeDays);
  }
}

interface Buckets extends Steps {
  readonly weights: number[];
}

function addTo({ first, weights }: Buckets, index: number, weight: number): void {
  weights[index - first] = (weights[index - first] ?? 0) + weight;
}

const sumOf = (weights: readonly number[]): number => weights.reduce((sum, weight) => sum + weight, 0);
const none = (steps: number): number[] => new Array<number>(steps).fill(0);
