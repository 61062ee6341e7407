/** A metric: its row in docs/reference/metrics.md, and how its value is read. */
import { printable } from '../model/text.ts';

/** The releases that added or deprecated metrics. */
export const first = '0.1.0';
export const second = '0.2.0';

/** Deprecated in the second release: the third one removes it. */
export const renamed = (use: string): { readonly since: string; readonly use: string } => ({
  since: second,
  use,
});

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
export interface MetricValue {
  /** `_bucket`, `_sum` or `_count` of a histogram. */
  readonly suffix?: string;
  /** Values of the metric's own labels, in their order. Sum and count of a histogram have none. */
  readonly labels?: readonly string[];
  readonly value: number;
}

export interface Metric<Item> extends MetricInfo {
  /** Undefined: absent, which is not zero. */
  readonly read: (item: Item) => number | undefined | readonly MetricValue[];
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
  /** Lines like `realmem_passes_total{…} 5`. Each series occurs once: Prometheus rejects a scrape that has one twice. */
  readonly lines: string;
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
      return metrics.map((metric) => ({ metric, lines: linesOf(metric, items) }));
    },
  };
}

function linesOf<Item>({ name, labels = [], read }: Metric<Item>, items: ReadonlyMap<string, Item>): string {
  /** The labels of points, by their values: each item has the same ones. */
  const known = new Map<string, string>();
  const pairsOf = (point: MetricValue): string => {
    const values = point.labels ?? [];
    const key = values.length === 1 ? (values[0] as string) : values.join('\n');
    const text = known.get(key) ?? pairs(labels, values);
    known.set(key, text);
    return text;
  };
  let lines = '';
  for (const [ofItem, item] of items) {
    const value = read(item);
    if (typeof value === 'number') lines += `${name}${braced(ofItem)} ${value}\n`;
    else
      for (const point of value ?? []) {
        const own = pairsOf(point);
        const all = ofItem === '' || own === '' ? ofItem + own : `${ofItem},${own}`;
        lines += `${name}${point.suffix ?? ''}${braced(all)} ${point.value}\n`;
      }
  }
  return lines;
}

const braced = (labels: string): string => (labels === '' ? '' : `{${labels}}`);

const pairs = (names: readonly string[], values: readonly string[]): string =>
  values.map((value, index) => `${names[index]}="${escaped(value)}"`).join(',');

/** Nearly all values need no escape. */
const plain = /^[ !#-[\]-~]*$/;
const escaped = (value: string): string =>
  plain.test(value) ? value : printable(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"');
