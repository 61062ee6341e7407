/**
 * How often which size of memory was seen, in steps of 2 %. What was seen counts half as much each so many days. Two
 * histograms of the same half-life add up to the one that had seen it all, in whatever order.
 */

/** Nobody sets a limit below. */
const smallest = 2 ** 20;
/** Of sizes, as logarithms. */
export const sizeStep = 0.02;
/** Weights count from here, so that they need no ageing: 2025-01-01. Doubles reach 1,000 half-lives to either side. */
const referenceSeconds = 1_735_689_600;

/** Of the step that holds it, counted from 1 MiB; what is smaller is in the first. */
const stepOf = (bytes: number): number =>
  Math.max(0, Math.ceil(Math.log(bytes / smallest) / sizeStep - 1e-9));

/** The upper end of a step: nothing in it is larger. */
export const bytesOf = (index: number): number => smallest * Math.exp(sizeStep * index);

export class LogHistogram {
  readonly halfLifeDays: number;
  /** Of `first` and the steps after it; none before anything was seen. */
  private weights = new Float64Array(0);
  private first = 0;

  constructor(halfLifeDays: number) {
    this.halfLifeDays = halfLifeDays;
  }

  /** @param at seconds since 1970 */
  add(bytes: number, at: number, weight = 1): void {
    this.addTo(stepOf(bytes), weight * this.decay(at));
  }

  /** Takes in what another one has seen. */
  merge(other: LogHistogram): void {
    for (const [index, weight] of other.weights.entries())
      if (weight > 0) this.addTo(other.first + index, weight);
  }

  /** Step → weight as of that time, for each step from the smallest that was seen to the largest. */
  at(time: number): { readonly first: number; readonly weights: Float64Array } {
    const now = this.decay(time);
    return { first: this.first, weights: this.weights.map((weight) => weight / now) };
  }

  /** The size that such a share of the weight does not exceed; undefined where nothing was seen. */
  percentile(share: number): number | undefined {
    const threshold = share * this.weights.reduce((sum, weight) => sum + weight, 0);
    let reached = 0;
    for (const [index, weight] of this.weights.entries()) {
      reached += weight;
      if (reached > 0 && reached >= threshold) return bytesOf(this.first + index);
    }
    return undefined;
  }

  private addTo(index: number, weight: number): void {
    const { length } = this.weights;
    const at = index - this.first;
    if (length === 0 || at < 0 || at >= length) {
      const first = length === 0 ? index : Math.min(this.first, index);
      const end = length === 0 ? index + 1 : Math.max(this.first + length, index + 1);
      const wider = new Float64Array(end - first);
      wider.set(this.weights, length === 0 ? 0 : this.first - first);
      this.weights = wider;
      this.first = first;
    }
    this.weights[index - this.first] = (this.weights[index - this.first] ?? 0) + weight;
  }

  private decay(at: number): number {
    return 2 ** ((at - referenceSeconds) / (86_400 * this.halfLifeDays));
  }
}
