/** A cluster's table in the formats that programs read. */
import { apiVersion } from '../model/product.ts';
import { rfc3339 } from '../model/time.ts';
import { csvLine, tsvLine } from '../render/csv.ts';
import { type Item, itemFields, itemOf } from '../render/items.ts';
import type { Grouping, Row } from '../render/row.ts';
import { staleSeconds } from './rows.ts';
import type { ClusterView } from './view.ts';

/** What `kubectl realmem top -o json` prints. Sizes in bytes. */
export interface MemoryTable<Items extends Iterable<Item> = Iterable<Item>> {
  readonly apiVersion: string;
  readonly kind: 'MemoryTable';
  /** What a row stands for. */
  readonly by: Grouping;
  /** When the reports were read. */
  readonly at: string;
  readonly nodes: {
    readonly reporting: number;
    readonly stale: readonly { readonly name: string; readonly seconds: number }[];
    readonly missing: readonly string[];
  };
  readonly notes: readonly string[];
  readonly items: Items;
}

/** @param items of the rows: a generator for those of a large cluster */
export const memoryTable = <Items extends Iterable<Item>>(
  view: ClusterView,
  by: Grouping,
  items: Items,
): MemoryTable<Items> => ({
  apiVersion,
  kind: 'MemoryTable',
  by,
  at: rfc3339(view.at) ?? '',
  nodes: {
    reporting: view.nodes.length,
    stale: view.nodes.flatMap((node) => {
      const seconds = staleSeconds(node, view.at);
      return seconds === undefined ? [] : [{ name: node.name, seconds }];
    }),
    missing: view.missing,
  },
  notes: view.notes,
  items,
});

const ofNodes = ['allocatableBytes', 'podsRealBytes'] as const;
const ofContainers = ['container', 'peakRealBytes', 'suggestRequestBytes', 'suggestLimitBytes'] as const;

/** Columns that no row of this grouping fills are left out. */
const unused: Readonly<Record<Grouping, ReadonlySet<keyof Item>>> = {
  container: new Set([...ofNodes, 'workload', 'pods']),
  pod: new Set([...ofNodes, ...ofContainers, 'workload', 'pods']),
  workload: new Set([...ofNodes, ...ofContainers, 'node', 'pod']),
  namespace: new Set([...ofNodes, ...ofContainers, 'node', 'pod', 'workload']),
  node: new Set([...ofContainers, 'namespace', 'workload', 'pod', 'verdict']),
};

/** Lines for spreadsheets, one row each. @param separator of the cells */
export function* delimitedLines(
  rows: readonly Row[],
  by: Grouping,
  separator: 'comma' | 'tab',
  headers: boolean,
): Generator<string> {
  const line = separator === 'comma' ? csvLine : tsvLine;
  const fields = itemFields.filter((field) => !unused[by].has(field));
  if (headers) yield line(fields);
  for (const row of rows) {
    const item = itemOf(row);
    yield line(fields.map((field) => item[field]));
  }
}
