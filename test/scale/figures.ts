/** Statistics of the counts over a range of seconds. */
import { type CountingApi, type Counts, type WriteKind, writeKinds } from './simulation/api.ts';

export interface Rate {
  readonly mean: number;
  readonly p99: number;
  readonly largest: number;
}

export interface Figures {
  /** Accepted writes per second. */
  readonly writes: Rate;
  /** Bytes per second. */
  readonly bodies: Rate;
  readonly stored: Rate;
  /** Mean per second. */
  readonly by: Readonly<Record<WriteKind, number>>;
  /** Mean size of a body. */
  readonly sizes: Readonly<Record<WriteKind, number>>;
  /** Refused writes. */
  readonly refused: Rate;
}

/** @param times the factor from the simulated part to the whole cluster */
export function figuresIn(api: CountingApi, from: number, to: number, times = 1): Figures {
  const row = (kind: WriteKind, of: keyof Counts): readonly number[] => [
    ...api.counts[kind][of].subarray(from, to),
  ];
  const taken = (of: keyof Counts): readonly number[] => {
    const rows = (['report', 'heartbeat', 'annotation', 'history'] as const).map((kind) => row(kind, of));
    return Array.from({ length: to - from }, (_, at) => rows.reduce((all, one) => all + (one[at] ?? 0), 0));
  };
  const rateOf = (values: readonly number[]): Rate => {
    const sorted = values.map((value) => value * times).sort((a, b) => a - b);
    return {
      mean: (times * sum(values)) / values.length,
      p99: sorted[Math.ceil(0.99 * sorted.length) - 1] ?? 0,
      largest: sorted.at(-1) ?? 0,
    };
  };
  const each = (of: (kind: WriteKind) => number) =>
    Object.fromEntries(writeKinds.map((kind) => [kind, of(kind)])) as Record<WriteKind, number>;
  return {
    writes: rateOf(taken('writes')),
    bodies: rateOf(taken('bytes')),
    stored: rateOf(taken('stored')),
    by: each((kind) => (times * sum(row(kind, 'writes'))) / (to - from)),
    sizes: each((kind) => sum(row(kind, 'bytes')) / Math.max(1, sum(row(kind, 'writes')))),
    refused: rateOf(row('refused', 'writes')),
  };
}

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
