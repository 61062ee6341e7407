/** A metric: its row in docs/reference/metrics.md, and how its value is read. */
import { printable } from '../model/text.ts';

export type MetricType = 'gauge' | 'counter' | 'info' | 'histogram';

/** What the reference says of a metric. */
export interface MetricInfo {
  /** As Prometheus stores it: a counter ends in `_total`, an info in `_info`. */
  readonly name: string;
  readonly type: MetricType;
  /** A constant: it needs no escaping. */
  readonly help: string;
  /** The release that added it. */
  readonly since: string;
  /** Labels of this metric beside those of its group. */
  readonly labels?: readonly string[];
  /** The release that deprecated it. The release after that removes it. */
  readonly deprecated?: { readonly since: string; readonly use: string };
}

/** One value of a metric with more than one. */
export interface Point {
  /** `_bucket`, `_sum` or `_count` of a histogram. */
  readonly suffix?: string;
  /** Values of the metric's own labels, in their order. Sum and count of a histogram have none. */
  readonly labels?: readonly string[];
  readonly value: number;
}

export interface Metric<Item> extends MetricInfo {
  /** Undefined: absent, which is not zero. */
  readonly read: (item: Item) => number | undefined | readonly Point[];
}

/** Metrics about the same kind of thing, with the same labels. */
export interface Group<Source> {
  readonly labels: readonly string[];
  readonly metrics: readonly MetricInfo[];
  families(source: Source): readonly Family[];
}

/** A metric with its samples. */
export interface Family {
  readonly metric: MetricInfo;
  /** `_bucket{le="0.1"}` → value. Each key occurs once, because Prometheus rejects a scrape that has a series twice. */
  readonly samples: ReadonlyMap<string, number>;
}

/**
 * @param labels names of the labels of every series
 * @param of the things in a source, each with the values of these labels
 */
export function group<Source, Item>(
  labels: readonly string[],
  of: (source: Source) => Iterable<readonly [values: readonly string[], item: Item]>,
  metrics: readonly Metric<Item>[],
): Group<Source> {
  return {
    labels,
    metrics,
    families(source) {
      // Two names can become equal when `printable` escapes them. The last one counts.
      const items = new Map<string, Item>();
      for (const [values, item] of of(source)) items.set(pairs(labels, values), item);
      return metrics.map((metric) => ({ metric, samples: samplesOf(metric, items) }));
    },
  };
}

function samplesOf<Item>(metric: Metric<Item>, items: ReadonlyMap<string, Item>): Family['samples'] {
  const samples = new Map<string, number>();
  for (const [ofItem, item] of items) {
    const read = metric.read(item);
    const points = typeof read === 'number' ? [{ value: read }] : (read ?? []);
    for (const { suffix = '', labels = [], value } of points) {
      const all = [ofItem, pairs(metric.labels ?? [], labels)].filter((text) => text !== '').join(',');
      samples.set(all === '' ? suffix : `${suffix}{${all}}`, value);
    }
  }
  return samples;
}

const pairs = (names: readonly string[], values: readonly string[]): string =>
  values.map((value, index) => `${names[index]}="${escaped(value)}"`).join(',');

const escaped = (value: string): string => printable(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"');
