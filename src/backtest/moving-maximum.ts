/** The maximum over a sliding window of time. */
export class MovingMaximum {
  private readonly spanSeconds: number;
  /** Only samples that no later sample exceeds, so values fall as times rise. */
  private readonly times: number[] = [];
  private readonly values: number[] = [];
  private first = 0;

  constructor(spanSeconds: number) {
    this.spanSeconds = spanSeconds;
  }

  add(at: number, value: number): void {
    while (this.values.length > this.first && (this.values.at(-1) ?? 0) <= value) {
      this.values.pop();
      this.times.pop();
    }
    this.times.push(at);
    this.values.push(value);
  }

  /** Undefined without a sample. Calls must come in the order of time. */
  at(moment: number): number | undefined {
    while (this.first < this.times.length && (this.times[this.first] ?? 0) < moment - this.spanSeconds)
      this.first++;
    return this.values[this.first];
  }
}
