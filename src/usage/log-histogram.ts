/**
 * How often which size of memory was seen, in steps of 2 %. What was seen counts half as much each so many days. Two
 * histograms of the same half-lifetime add up to the one that had seen it all, in whatever order.
 */

/** Nobody sets a limit below. */
const smallest = 2 ** 20;
/** Of sizes, as logarithms. */
export const sizeStep = 0.02;
/** Weights count from here, so that they need no ageing: 2025-01-01. Doubles reach 1,000 half-lives to either side. */
const referenceSeconds = 1_735_689_600;

/** No weight is written by a larger number. */
const mostWeight = 1_500;
/** 2^53 bytes. */
const mostSteps = 1_150;

/** Of the step that holds it, counted from 1 MiB; what is smaller is in the first. */
export const stepOf = (bytes: number): number =>
  Math.min(mostSteps - 1, Math.max(0, Math.ceil(Math.log(bytes / smallest) / sizeStep - 1e-9)));

/** Of what is seen at that time, in seconds since 1970. */
export const weightAt = (at: number, halfLifeDays: number): number =>
  2 ** ((at - referenceSeconds) / (86_400 * halfLifeDays));

/** The upper end of a step: nothing in it is larger. */
export const bytesOf = (index: number): number => smallest * Math.exp(sizeStep * index);

/** Step → weight, for `first` and the steps after it. */
export interface Steps {
  readonly first: number;
  readonly weights: readonly number[];
}

/** How exactly one is written down. */
export interface Precision {
  /** Of a weight: less is none. */
  readonly least: number;
  /** A weight is written to half of that share of itself. */
  readonly weightStep: number;
  /** No more weight than this was ever seen, as of the time it is written. */
  readonly most: number;
  /** Below this share of the weight five steps are written as their last: nobody asks there exactly. */
  readonly coarseBelow?: number;
}

export class LogHistogram {
  readonly halfLifeDays: number;
  /** Of `first` and the steps after it; none before anything was seen. No typed array: each has 300 bytes beside it. */
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

  /** Takes out one of two that were added for the same: half of the weight stays in any case. */
  takeBack(bytes: number, at: number): void {
    const index = stepOf(bytes) - this.first;
    const weight = this.weights[index];
    if (weight !== undefined) this.weights[index] = Math.max(weight / 2, weight - this.decay(at));
  }

  /** Takes in what another one has seen, or a part of each weight. */
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

  /** Step → weight as of that time, for each step from the smallest that was seen to the largest. */
  at(time: number): Steps {
    const now = this.decay(time);
    return { first: this.first, weights: this.weights.map((weight) => weight / now) };
  }

  /** All that was seen, as of that time. */
  totalAt(time: number): number {
    return this.total() / this.decay(time);
  }

  /** The size that such a share of the weight does not exceed; undefined where nothing was seen. */
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
   * As whole numbers: the first step, then the weight of each as of that time, as a logarithm; of steps without weight how
   * many there are, below zero.
   */
  encode(time: number, { least, weightStep, most, coarseBelow = 0 }: Precision): readonly number[] {
    const { first, weights } = this;
    // More than can have been seen would not be read again.
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

  /** @throws RangeError for numbers that `encode` cannot have written */
  decode(encoded: readonly number[], time: number, { least, weightStep, most }: Precision): void {
    const age = this.age(time, weightStep);
    const [start = 0] = encoded;
    if (!(Number.isInteger(start) && start >= 0)) throw new RangeError('a step that is none');
    const counts = encoded.slice(1);
    let [index, first, end] = [start, start, start];
    for (const count of counts) {
      if (!Number.isSafeInteger(count) || count === 0) throw new RangeError('a weight that is none');
      if (count > mostWeight) throw new RangeError('a weight beyond all time');
      if (count > 0) {
        if (end === start) first = index;
        end = index + 1;
      }
      index += count > 0 ? 1 : -count;
      if (index > mostSteps) throw new RangeError('a step beyond all memory');
    }
    if (end > first) this.reach(first, end);
    index = start;
    for (const count of counts) {
      if (count > 0) this.addTo(index, least * Math.exp(weightStep * (count - 1 + age)));
      index += count > 0 ? 1 : -count;
    }
    if (this.totalAt(time) > most * Math.exp(weightStep))
      throw new RangeError(`more weight than ${most}, which no node can have seen`);
  }

  private total(): number {
    return this.weights.reduce((sum, weight) => sum + weight, 0);
  }

  private addTo(index: number, weight: number): void {
    this.reach(index, index + 1);
    this.weights[index - this.first] = (this.weights[index - this.first] ?? 0) + weight;
  }

  /** Makes room up to the step before `end`, for all steps that come at once, and for no more. */
  private reach(first: number, end: number): void {
    const { length } = this.weights;
    if (length === 0) this.first = first;
    const before = Math.max(0, this.first - first);
    const after = Math.max(0, end - this.first - length);
    if (before > 0 || after > 0) this.weights = none(before).concat(this.weights, none(after));
    this.first -= before;
  }

  /** In whole steps: what was rounded once, and read and written again, is not rounded again. */
  private age(time: number, weightStep: number): number {
    return Math.round(Math.log(this.decay(time)) / weightStep);
  }

  private decay(at: number): number {
    return weightAt(at, this.halfLifeDays);
  }
}

const none = (steps: number): number[] => new Array<number>(steps).fill(0);
