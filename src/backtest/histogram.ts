/** A histogram that forgets, as the recommenders of VPA, Crane and Koordinator keep it (`pkg/recommender/util` of VPA). */

/** Bucket n holds `startOf(n)` and what is larger, up to, not including, `startOf(n + 1)`; the last one all beyond. */
export interface Buckets {
  readonly count: number;
  indexOf(value: number): number;
  startOf(index: number): number;
}

/** The first `size` wide, each next one wider by `growth` (0.05: 5 %). */
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

/** A bucket that holds less counts as empty. */
const epsilon = 0.0001;
/** From here on weights are brought back to what a double holds. */
const mostHalfLives = 100;

/** A sample's weight is 2^(time / half-life): later ones count more, and nothing has to be aged. */
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

  /** Takes back what was added with the same value, time and weight. */
  subtract(value: number, at: number, weight = 1): void {
    const bucket = this.buckets.indexOf(value);
    const held = this.weights[bucket] ?? 0;
    const decayed = weight * this.decay(at);
    // What is left of sums that should be zero is zero.
    const taken = decayed > held - epsilon ? held : decayed;
    this.weights[bucket] = held - taken;
    this.total -= taken;
    this.narrow();
  }

  /** The upper edge of the bucket in which that share (0 to 1) of the weight is reached; 0 where there is none. */
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

  /** Bucket → weight, as far as a bucket is not empty, as of `referenceSeconds`. */
  held(): ReadonlyMap<number, number> {
    const held = new Map<number, number>();
    for (const [bucket, weight] of this.weights.entries()) if (weight >= epsilon) held.set(bucket, weight);
    return held;
  }

  /** When a sample weighs 1: a multiple of the half-life. */
  get referenceSeconds(): number {
    return this.reference;
  }

  private decay(at: number): number {
    if (at > this.reference + mostHalfLives * this.halfLifeSeconds) this.refer(at);
    return 2 ** ((at - this.reference) / this.halfLifeSeconds);
  }

  private refer(at: number): void {
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
