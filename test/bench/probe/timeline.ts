/** What a workload does and what its cgroup holds, second by second. */

export interface Counts {
  /** Since the workload started. */
  readonly operations: number;
  /** File pages that these accessed. */
  readonly pages: number;
}

export interface CgroupFigures {
  readonly usageBytes: number;
  readonly activeFileBytes: number;
  readonly inactiveFileBytes: number;
  /** File pages that were read again after the kernel dropped them, since the cgroup was created. */
  readonly refaults: number;
}

export interface Sample extends Counts, CgroupFigures {
  /** Milliseconds of a monotonic clock. */
  readonly at: number;
}

/** What happened between two samples. */
export interface Span {
  readonly seconds: number;
  readonly operationsPerSecond: number;
  readonly pagesPerSecond: number;
  readonly refaults: number;
  readonly pages: number;
  /** With the first sample, and the last. */
  readonly samples: readonly Sample[];
}

/** A workload prints its counts each second. It stalls if it prints none for so long. */
const longestSilenceMs = 30_000;

export class Timeline {
  readonly samples: Sample[] = [];
  private isOver = false;
  private wake: () => void = () => {};

  push(sample: Sample): void {
    this.samples.push(sample);
    this.wake();
  }

  /** The workload ended. */
  end(): void {
    this.isOver = true;
    this.wake();
  }

  get isEnded(): boolean {
    return this.isOver;
  }

  /** @returns the next sample; undefined if the workload ended or stalls */
  async next(): Promise<Sample | undefined> {
    const { length } = this.samples;
    if (!this.isOver)
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, longestSilenceMs);
        this.wake = () => {
          clearTimeout(late);
          resolve();
        };
      });
    return this.isOver ? undefined : this.samples[length];
  }

  /**
   * Watches for so many seconds of the workload.
   * @param isEnough ends the watch early @returns undefined if the workload ended or stalls
   */
  async watch(seconds: number, isEnough: (span: Span) => boolean = () => false): Promise<Span | undefined> {
    const first = await this.next();
    if (first === undefined) return undefined;
    const samples = [first];
    for (;;) {
      const sample = await this.next();
      if (sample === undefined) return undefined;
      samples.push(sample);
      const span = spanOf(samples);
      if (samples.length > seconds || isEnough(span)) return span;
    }
  }

  /** Watches until the work is done. @returns whole multiples of 5 s, because some workloads read in bursts */
  async during<Value>(work: () => Promise<Value>): Promise<{ readonly value: Value; readonly span: Span }> {
    await this.next();
    const from = this.samples.length - 1;
    const value = await work();
    const all = this.samples.slice(from);
    const whole = all.length - ((all.length - 1) % 5);
    return { value, span: spanOf(all.slice(0, Math.max(2, whole))) };
  }
}

export function spanOf(samples: readonly Sample[]): Span {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || last.at <= first.at)
    throw new Error(`expected two samples or more, got ${samples.length}`);
  const seconds = (last.at - first.at) / 1000;
  const pages = last.pages - first.pages;
  return {
    seconds,
    operationsPerSecond: (last.operations - first.operations) / seconds,
    pagesPerSecond: pages / seconds,
    refaults: last.refaults - first.refaults,
    pages,
    samples,
  };
}
