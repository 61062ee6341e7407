/** The rows that the live view lists: grouped, narrowed, filtered, sorted; and the selected one. */
import { type Grouping, pluralOf, type Row } from '../render/row.ts';
import { type SortKey, sortRows } from '../render/sort-rows.ts';
import type { RowScope } from './scope.ts';
import type { LiveState } from './source.ts';

export interface ListOptions {
  readonly by: Grouping;
  readonly sortBy: SortKey;
  /** Only rows whose names contain this text are listed, until the reader clears it. Default: all. */
  readonly filter?: string;
}

export class List {
  /** Sorted and filtered. */
  rows: readonly Row[] = [];
  /** Index of the selected row, and of the first one on the screen. */
  at = 0;
  top = 0;
  filter: string;
  by: Grouping;
  sortBy: SortKey;
  scope: RowScope | undefined;
  /** What `count` counts. */
  noun = '';
  private state: LiveState | undefined;
  /** Making the rows of a large cluster takes longer than sorting them. */
  private readonly made = new Map<Grouping, readonly Row[]>();
  /** Sorted, before the filter. */
  private sorted: readonly Row[] = [];
  /** Height of the list at its last draw. */
  private height = 1;

  constructor({ by, sortBy, filter = '' }: ListOptions) {
    this.filter = filter;
    this.by = by;
    // Two names of one order: the keys that change the order know one of them.
    this.sortBy = sortBy === 'memory' ? 'real' : sortBy;
  }

  /** Number of rows before the filter. */
  get count(): number {
    return this.sorted.length;
  }

  get selected(): Row | undefined {
    return this.rows[this.at];
  }

  show(state: LiveState): void {
    this.state = state;
    this.made.clear();
    this.arrange(true);
  }

  /** The rows of the current state by any grouping, not sorted. */
  rowsBy(by: Grouping): readonly Row[] {
    const rows = this.made.get(by) ?? this.state?.rows(by) ?? [];
    this.made.set(by, rows);
    return rows;
  }

  sortByKey(key: SortKey): void {
    this.sortBy = key;
    this.arrange(true);
  }

  /** Lists other rows. @param selected the row to select. Default: the first one */
  list(by: Grouping, scope: RowScope | undefined, selected?: Row): void {
    this.by = by;
    this.scope = scope;
    this.arrange(false);
    if (selected !== undefined) this.find(selected);
  }

  filterBy(text: string): void {
    // A longer filter matches fewer of the rows that matched.
    const among = text.includes(this.filter) ? this.rows : this.sorted;
    const { selected } = this;
    this.filter = text;
    this.rows = matching(among, text);
    this.select(selected);
  }

  move(lines: number): void {
    this.at = Math.max(0, Math.min(this.rows.length - 1, this.at + lines));
  }

  movePages(pages: number): void {
    this.move(pages * Math.max(1, this.height - 1));
  }

  /** The rows on a screen with room for `height` of them. */
  visible(height: number): readonly Row[] {
    this.height = height;
    this.move(0);
    const highest = Math.max(0, this.rows.length - height);
    this.top = Math.max(0, Math.min(this.top, this.at, highest));
    if (this.at >= this.top + height) this.top = this.at - height + 1;
    return this.rows.slice(this.top, this.top + height);
  }

  private arrange(keepsSelected: boolean): void {
    const { scope, selected } = this;
    const all = this.rowsBy(this.by);
    this.sorted = sortRows(scope === undefined ? all : all.filter(scope.holds), this.sortBy);
    this.noun = nounOf(this.by, this.sorted);
    this.rows = matching(this.sorted, this.filter);
    this.select(keepsSelected ? selected : undefined);
  }

  /**
   * Keeps the same row selected when rows move. If the first row was selected, the new first row is: the reader watches the
   * largest one.
   */
  private select(row: Row | undefined): void {
    if (row === undefined) this.at = 0;
    else if (this.at > 0) this.find(row);
    this.move(0);
  }

  private find({ target }: Row): void {
    const found = this.rows.findIndex((one) => one.target === target);
    if (found >= 0) this.at = found;
  }
}

/** Rows by container can be services, slices and other cgroups outside pods. */
function nounOf(by: Grouping, rows: readonly Row[]): string {
  const isOne = rows.length === 1;
  const plain = isOne ? by : pluralOf[by];
  if (by !== 'container' || rows.every(isContainer)) return plain;
  if (rows.some(isContainer)) return `${plain} and cgroups`;
  return isOne ? 'cgroup' : 'cgroups';
}

/** Rows of a cluster have no cgroup. There are too many of them to make labels for each. */
const isContainer = (row: Row): boolean =>
  row.cgroup === undefined || (row.labels['TYPE'] ?? 'container') === 'container';

const matching = (rows: readonly Row[], filter: string): readonly Row[] => {
  const wanted = filter.toLowerCase();
  return wanted === '' ? rows : rows.filter((row) => namesOf(row).includes(wanted));
};

/** What the filter searches, in lower case. */
const namesOf = ({ target, node = '', labels }: Row): string =>
  `${target} ${node} ${labels['NAME'] ?? ''}`.toLowerCase();
