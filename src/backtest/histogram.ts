/** The decaying histogram of VPA, Crane and Koordinator (`pkg/recommender/util` of VPA). */

/** Bucket n contains the values ≥ `startOf(n)` and < `startOf(n + 1)`. The last bucket has no upper end. */
export interface Buckets {
  readonly count: number;
  indexOf(value: number): number;
  startOf(index: number): number;
}

/** The first bucket is `size` wide. Each next one is wider by `growth` (0.05: 5 %). */
export function exponentialBuckets(most: number, size: number, growth: number): Buckets {
  const ratio = 1 + growth;
  const scale = (ratio - 1) / size;
  const perLog = 1 / Math.log(ratio);
  const count = Math.ceil(Math.log(most * scale + 1) * perLog) + 1;
  return {
    count,
    indexOf: (value) =>
      value < size ? 0 : Math.min(Math.trunc(Math.log(value * scale + 1) * perLog), count - 1),
    startOf: (index) => (index === 0 ? 0 : (ratio ** index - 1) / scale),
  };
}

export function linearBuckets(most: number, size: number): Buckets {
  const count = Math.ceil(most / size) + 1;
  return {
    count,
    indexOf: (value) => Math.min(Math.trunc(value / size), count - 1),
    startOf: (index) => index * size,
  };
}

/** A bucket with less weight counts as empty. */
const epsilon = 0.0001;
/** After this many half-lives all weights are rescaled, because a double would overflow. */
const mostHalfLives = 100;

/** The weight of a sample is 2^(time / half-life). Later samples count more, so old ones need no update. */
export class DecayingHistogram {
  private readonly buckets: Buckets;
  private readonly halfLifeSeconds: number;
  private readonly weights: Float64Array;
  private total = 0;
  private min: number;
  private max = 0;
  private reference = Number.NEGATIVE_INFINITY;

  constructor(buckets: Buckets, halfLifeSeconds: number) {
    this.buckets = buckets;
    this.halfLifeSeconds = halfLifeSeconds;
    this.weights = new Float64Array(buckets.count);
    this.min = buckets.count - 1;
  }

  add(value: number, at: number, weight = 1): void {
    const bucket = this.buckets.indexOf(value);
    const decayed = weight * this.decay(at);
    const sum = (this.weights[bucket] ?? 0) + decayed;
    this.weights[bucket] = sum;
    this.total += decayed;
    if (sum < epsilon) return;
    if (bucket < this.min) this.min = bucket;
    if (bucket > this.max) this.max = bucket;
  }

  /** Reverts `add` with the same arguments. */
  subtract(value: number, at: number, weight = 1): void {
    const bucket = this.buckets.indexOf(value);
    const held = this.weights[bucket] ?? 0;
    const decayed = weight * this.decay(at);
    // Rounding leaves a small rest of a sum that should be 0.
    const taken = decayed > held - epsilon ? held : decayed;
    this.weights[bucket] = held - taken;
    this.total -= taken;
    this.narrow();
  }

  /** The upper end of the bucket that reaches this share (0 to 1) of the weight. 0 for an empty histogram. */
  percentile(share: number): number {
    if (this.isEmpty) return 0;
    const threshold = share * this.total;
    let bucket = this.min;
    for (let sum = 0; bucket < this.max; bucket++) {
      sum += this.weights[bucket] ?? 0;
      if (sum >= threshold) break;
    }
    return this.buckets.startOf(Math.min(bucket + 1, this.buckets.count - 1));
  }

  get isEmpty(): boolean {
    return (this.weights[this.min] ?? 0) < epsilon;
  }

  /** The weight of each bucket that is not empty, relative to `referenceSeconds`. */
  held(): ReadonlyMap<number, number> {
    const held = new Map<number, number>();
    for (const [bucket, weight] of this.weights.entries()) if (weight >= epsilon) held.set(bucket, weight);
    return held;
  }

  /** The time at which a sample weighs 1: a multiple of the half-life. */
  get referenceSeconds(): number {
    return this.reference;
  }

  private decay(at: number): number {
    if (at > this.reference + mostHalfLives * this.halfLifeSeconds) this.rescale(at);
    return 2 ** ((at - this.reference) / this.halfLifeSeconds);
  }

  private rescale(at: number): void {
    const reference = Math.round(at / this.halfLifeSeconds) * this.halfLifeSeconds;
    if (this.total > 0) {
      const factor = 2 ** Math.round((this.reference - reference) / this.halfLifeSeconds);
      for (let bucket = this.min; bucket <= this.max; bucket++)
        this.weights[bucket] = (this.weights[bucket] ?? 0) * factor;
      this.total *= factor;
      this.narrow();
    }
    this.reference = reference;
  }

  private narrow(): void {
    while (this.min < this.buckets.count - 1 && (this.weights[this.min] ?? 0) < epsilon) this.min++;
    while (this.max > 0 && (this.weights[this.max] ?? 0) < epsilon) this.max--;
  }
}
