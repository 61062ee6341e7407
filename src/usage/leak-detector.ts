/** Leak detector: keeps the lowest real of each span of a lifetime. A leak is growth that never returns to an earlier level. */
import { daySeconds } from '../model/time.ts';
import { packNumbers, unpackNumbers } from './packed/numbers.ts';

/** Number of spans. With more, pairs of spans merge into one. */
export const spansKept = 24;
/** Seconds. At the longest span, old spans drop out instead of merging: a week ago explains no leak of today. */
export const spans: readonly number[] = [3_600, 7_200, 14_400];
const [firstSpan = 0] = spans;
const longestSpan = Math.max(...spans);

/** Times are seconds since 1970, memory is in bytes. */
export interface LeakDetectorState {
  readonly span: number;
  /** Start of the first span. */
  readonly start: number;
  readonly values: readonly number[];
}

export interface Growth {
  readonly perDay: number;
  readonly since: number;
  readonly from: number;
  readonly until: number;
  readonly to: number;
}

/** Least share of rising minus falling pairs among all pairs of spans. */
const steadiness = 0.8;
/** Smaller growth is noise: below a sixteenth of real, or below 4 MiB. */
const leastShare = 1 / 16;
const leastBytes = 4 * 2 ** 20;
/** A slope of the recent half below this share of the whole slope means that a cache fills up and ends. */
const leastLately = 0.5;

/** How values are packed. Whole pages change little from span to span, so steps between them are shorter. */
const [asValues, asSteps] = [0, 1];
const pageBytes = 4096;
const isPages = (value: number): boolean => Number.isSafeInteger(value) && value % pageBytes === 0;

export class LeakDetector {
  private span: number;
  private start: number;
  private readonly values: number[];

  constructor(
    { span, start, values }: LeakDetectorState = { span: firstSpan, start: Number.NaN, values: [] },
  ) {
    this.span = span;
    this.start = start;
    this.values = [...values];
  }

  /** @param least the lowest real of the hour that begins at `at` */
  add(least: number, at: number): void {
    for (;;) {
      if (this.values.length === 0) this.start = Math.floor(at / this.span) * this.span;
      const index = Math.floor((at - this.start) / this.span);
      if (index < 0) return;
      if (index < spansKept) {
        // Hours without a sample repeat the one before.
        const { length } = this.values;
        for (let gap = length; gap < index; gap++) this.values.push(this.values[length - 1] ?? least);
        this.values[index] = Math.min(this.values[index] ?? least, least);
        return;
      }
      if (this.span < longestSpan) this.widen();
      else this.drop(index - spansKept + 1);
    }
  }

  /** @param packed undefined: it has no value yet */
  static unpack(packed: string | undefined): LeakDetector {
    if (packed === undefined) return new LeakDetector();
    const [form, span = firstSpan, start = Number.NaN, ...rest] = unpackNumbers(packed);
    return new LeakDetector({ span, start, values: form === asSteps ? valuesOf(rest) : rest });
  }

  /** A text of about 60 bytes. Undefined: it has no value yet. */
  get packed(): string | undefined {
    const { span, start, values } = this;
    if (values.length === 0) return undefined;
    return packNumbers(
      values.every(isPages) ? [asSteps, span, start, ...stepsOf(values)] : [asValues, span, start, ...values],
    );
  }

  get state(): LeakDetectorState {
    return { span: this.span, start: this.start, values: this.values };
  }

  /** Undefined: no growth, or less than a day of data. Skips the last span, which is open, and the first, with the start-up. */
  growth(): Growth | undefined {
    const values = this.values.slice(1, -1);
    if (values.length < 6 || values.length * this.span < daySeconds - 2 * this.span) return undefined;
    const slopes: number[] = [];
    let rising = 0;
    for (let i = 0; i < values.length; i++)
      for (let j = i + 1; j < values.length; j++) {
        const rise = (values[j] ?? 0) - (values[i] ?? 0);
        rising += Math.sign(rise);
        slopes.push(rise / (j - i));
      }
    if (rising < steadiness * slopes.length) return undefined;
    const slope = medianOf(slopes);
    const grown = slope * (values.length - 1);
    const [from = 0, to = 0] = [values[0], values.at(-1)];
    if (grown < Math.max(leastBytes, leastShare * to)) return undefined;
    const half = values[values.length >> 1] ?? 0;
    const lately = (to - half) / (values.length - 1 - (values.length >> 1));
    if (lately < leastLately * slope) return undefined;
    const since = this.start + this.span;
    return {
      perDay: (slope * daySeconds) / this.span,
      since,
      from,
      until: since + values.length * this.span,
      to,
    };
  }

  private widen(): void {
    // Spans stay aligned to the clock: a pair begins at a multiple of the new span.
    const span = 2 * this.span;
    const start = Math.floor(this.start / span) * span;
    const paired: number[] = [];
    for (const [index, value] of this.values.entries()) {
      const to = Math.floor((this.start + index * this.span - start) / span);
      paired[to] = Math.min(paired[to] ?? value, value);
    }
    this.values.splice(0, this.values.length, ...paired);
    this.span = span;
    this.start = start;
  }

  private drop(count: number): void {
    this.values.splice(0, count);
    this.start += count * this.span;
  }
}

function medianOf(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

/** Numbers of pages without a sign: twice the step up, or twice the step down less one. */
const stepsOf = (values: readonly number[]): readonly number[] =>
  values.map((value, index) => {
    const step = (value - (values[index - 1] ?? 0)) / pageBytes;
    return step < 0 ? -2 * step - 1 : 2 * step;
  });

function valuesOf(steps: readonly number[]): readonly number[] {
  let value = 0;
  return steps.map((step) => (value += pageBytes * (step % 2 === 0 ? step / 2 : -(step + 1) / 2)));
}
