/**
 * A histogram of memory sizes. Buckets grow by 2 %, and weights decay with a half-life. Two histograms with the same half-life
 * add up to the histogram of all values, in any order.
 */
import { daySeconds } from '../model/time.ts';

/** Upper end of the first bucket: nobody sets a lower limit. */
const smallest = 2 ** 20;
/** Width of a bucket, as a natural logarithm. */
export const sizeStep = 0.02;
/** Weights are relative to 2025-01-01, so they need no ageing. Doubles reach 1,000 half-lives in both directions. */
const referenceSeconds = 1_735_689_600;

/** Largest encoded weight. */
const mostWeight = 1_500;
/** Number of buckets: the last one ends above 2^53 bytes. */
const mostSteps = 1_150;

/** Index of the bucket that holds the size, counted from 1 MiB. Smaller sizes are in the first. */
export const stepOf = (bytes: number): number =>
  Math.min(mostSteps - 1, Math.max(0, Math.ceil(Math.log(bytes / smallest) / sizeStep - 1e-9)));

/** Weight of a value at that time, in seconds since 1970. */
export const weightAt = (at: number, halfLifeDays: number): number =>
  2 ** ((at - referenceSeconds) / (daySeconds * halfLifeDays));

/** The upper end of a bucket: the largest value in it. */
export const bytesOf = (index: number): number => smallest * Math.exp(sizeStep * index);

/** The weights of the bucket `first` and of those after it. */
export interface Steps {
  readonly first: number;
  readonly weights: readonly number[];
}

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
  /** Weights of `first` and the buckets after it; empty without values. Not a typed array, which takes 300 more bytes. */
  private weights: number[] = [];
  private first = 0;

  constructor(halfLifeDays: number) {
    this.halfLifeDays = halfLifeDays;
  }

  /** @param at seconds since 1970 */
  add(bytes: number, at: number, weight = 1): void {
    if (Number.isNaN(bytes)) return;
    this.addTo(stepOf(bytes), weight * this.decay(at));
  }

  /** Removes one of two equal values. At least half of the bucket's weight stays. */
  takeBack(bytes: number, at: number): void {
    const index = stepOf(bytes) - this.first;
    const weight = this.weights[index];
    if (weight !== undefined) this.weights[index] = Math.max(weight / 2, weight - this.decay(at));
  }

  /** Adds another histogram. @param share factor on each of its weights */
  merge(other: LogHistogram, share = 1): void {
    const isSome = (weight: number): boolean => weight * share > 0;
    const [from, to] = [other.weights.findIndex(isSome), other.weights.findLastIndex(isSome)];
    if (from === -1) return;
    this.reach(other.first + from, other.first + to + 1);
    for (let index = from; index <= to; index++) {
      const weight = other.weights[index] ?? 0;
      if (isSome(weight)) this.addTo(other.first + index, weight * share);
    }
  }

  clear(): void {
    this.weights = [];
    this.first = 0;
  }

  /** Weights as of that time, from the bucket of the smallest value to that of the largest. */
  at(time: number): Steps {
    const now = this.decay(time);
    return { first: this.first, weights: this.weights.map((weight) => weight / now) };
  }

  /** Total weight as of that time. */
  totalAt(time: number): number {
    return this.total() / this.decay(time);
  }

  /** @param share 0.95 for the p95 @returns undefined without values */
  percentile(share: number): number | undefined {
    const threshold = share * this.total();
    let reached = 0;
    for (const [index, weight] of this.weights.entries()) {
      reached += weight;
      if (reached > 0 && reached >= threshold) return bytesOf(this.first + index);
    }
    return undefined;
  }

  /**
   * As integers: the first bucket, then the logarithm of each weight as of that time. A negative number is a count of empty
   * buckets.
   */
  encode(time: number, { least, weightStep, most, coarseBelow = 0 }: Precision): readonly number[] {
    const { first, weights } = this;
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
    if (end > first) this.reach(first, end);
    index = start;
    for (const count of counts) {
      if (count > 0) this.addTo(index, least * Math.exp(weightStep * (count - 1 + age)));
      index += count > 0 ? 1 : -count;
    }
    if (this.totalAt(time) > most * Math.exp(weightStep))
      throw new RangeError(
        `expected a total weight of at most ${Math.round(most)}, which no node can exceed`,
      );
  }

  private total(): number {
    return this.weights.reduce((sum, weight) => sum + weight, 0);
  }

  private addTo(index: number, weight: number): void {
    this.reach(index, index + 1);
    this.weights[index - this.first] = (this.weights[index - this.first] ?? 0) + weight;
  }

  /** Extends the buckets to `first` … `end` − 1 in one step, without spare capacity. */
  private reach(first: number, end: number): void {
    const { length } = this.weights;
    if (length === 0) this.first = first;
    const before = Math.max(0, this.first - first);
    const after = Math.max(0, end - this.first - length);
    if (before > 0 || after > 0) this.weights = none(before).concat(this.weights, none(after));
    this.first -= before;
  }

  /** In whole steps of the weight, so that encoding a decoded histogram does not round again. */
  private age(time: number, weightStep: number): number {
    return Math.round(Math.log(this.decay(time)) / weightStep);
  }

  private decay(at: number): number {
    return weightAt(at, this.halfLifeDays);
  }
}

const none = (steps: number): number[] => new Array<number>(steps).fill(0);
