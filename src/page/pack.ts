/**
 * `PageData` as columns: 5,000 pods take less than half of the bytes that one object for each container takes.
 * A column without any value is left out. A column of texts holds each text once.
 */
import type { PageContainer, PageData, PageOther, PagePod } from './data.ts';

/** A page and its data can come from two versions of the program: a browser tab stays open for days. */
export const packedFormat = 1;

export interface PackedPage extends Omit<PageData, 'pods' | 'others'> {
  readonly format: typeof packedFormat;
  readonly pods: Columns;
  /** Of all pods, one after another. The column `size` of `pods` says how many each pod has. */
  readonly containers: Columns;
  readonly others: Columns;
}

interface Columns {
  readonly length: number;
  readonly columns: Readonly<Record<string, Column>>;
}

/** null: absent in that row. */
type Column = readonly Value[] | Texts;
type Value = number | true | null;

interface Texts {
  readonly texts: readonly string[];
  /** Index into `texts`. */
  readonly at: readonly (number | null)[];
}

type Row = Readonly<Record<string, unknown>>;

export function packPage({ pods, others = [], ...rest }: PageData): PackedPage {
  return {
    format: packedFormat,
    ...rest,
    pods: pack(pods.map(({ containers, ...pod }) => ({ ...pod, size: containers.length }))),
    containers: pack(pods.flatMap(({ containers }) => containers)),
    others: pack(others),
  };
}

/** @throws Error if the document is of another format */
export function unpackPage(packed: unknown): PageData {
  if (!isPacked(packed))
    throw new Error(
      'The data is of another version than this page, or is no data of realmem. Reload the page.',
    );
  const { format: _, pods, containers, others, ...rest } = packed;
  const all = unpack<PageContainer>(containers);
  let from = 0;
  return {
    ...rest,
    pods: unpack<PagePod & { size: number }>(pods).map(({ size, ...pod }) => {
      from += size;
      return { ...pod, containers: all.slice(from - size, from) };
    }),
    others: unpack<PageOther>(others),
  };
}

const isPacked = (packed: unknown): packed is PackedPage =>
  typeof packed === 'object' && packed !== null && 'format' in packed && packed.format === packedFormat;

function pack(rows: readonly object[]): Columns {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  const columns: Record<string, Column> = {};
  for (const name of names) {
    const column = columnOf((rows as readonly Row[]).map((row) => row[name]));
    if (column !== undefined) columns[name] = column;
  }
  return { length: rows.length, columns };
}

function columnOf(cells: readonly unknown[]): Column | undefined {
  const places = new Map<string, number>();
  const column: Value[] = [];
  for (const cell of cells)
    if (typeof cell === 'string') {
      const place = places.get(cell) ?? places.size;
      places.set(cell, place);
      column.push(place);
    } else column.push(typeof cell === 'number' || cell === true ? cell : null);
  if (places.size > 0) return { texts: [...places.keys()], at: column as (number | null)[] };
  return column.every((cell) => cell === null) ? undefined : column;
}

function unpack<Item>({ length, columns }: Columns): readonly Item[] {
  const rows = Array.from({ length }, (): Record<string, unknown> => ({}));
  for (const [name, column] of Object.entries(columns)) {
    const cells: readonly Value[] = 'texts' in column ? column.at : column;
    const texts = 'texts' in column ? column.texts : undefined;
    for (const [index, row] of rows.entries()) {
      const cell = cells[index];
      if (cell === null || cell === undefined) continue;
      row[name] = texts === undefined ? cell : texts[cell as number];
    }
  }
  return rows as readonly Item[];
}
