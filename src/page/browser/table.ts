/** A sortable grid of any number of rows. Only those in view are elements; a printer gets more. */
import { type ComponentChild, h } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { PageColumn } from '../view/columns.ts';
import type { Sorting } from '../view/scope.ts';
import { narrow, trackOf, visibleColumns } from './column-room.ts';
import { button, name, useWidth } from './element.ts';

interface Keyed {
  readonly key: string;
  readonly name: string;
  readonly detail: string;
}

export interface TableProps<Row extends Keyed> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly PageColumn<Row>[];
  readonly sort: Sorting;
  readonly onSort: (sort: Sorting) => void;
  readonly onOpen: (row: Row) => void;
  readonly barOf?: (row: Row) => ComponentChild;
  readonly badge?: (row: Row) => ComponentChild;
  /** What to say when no row is left. */
  readonly empty: ComponentChild;
}

const rowHeight = 44;
/** Rows above and below the window. */
const spare = 8;
/** More rows take too many sheets of paper. */
const printed = 1000;

export function DataTable<Row extends Keyed>(props: TableProps<Row>): ComponentChild {
  const { label, rows, columns, sort, onSort, onOpen, empty } = props;
  const [box, width] = useWidth<HTMLDivElement>();
  const body = useRef<HTMLDivElement>(null);
  const [from, to] = useWindow(body, rows.length);
  const [active, setActive] = useState(0);
  const moved = useRef(false);
  const at = Math.min(active, Math.max(0, rows.length - 1));

  useLayoutEffect(() => {
    if (!moved.current) return;
    // A row far away becomes an element only after the page has scrolled to it.
    const row = body.current?.querySelector<HTMLElement>(`[data-index="${at}"]`);
    if (row === null || row === undefined) return;
    moved.current = false;
    row.focus({ preventScroll: true });
  });

  const isSuggestion = columns.some(({ heading }) => heading === 'FREES');
  const shown = visibleColumns(columns, width, isSuggestion);
  const isNarrow = width < narrow;
  const template = shown.map((column) => trackOf(column, width, isSuggestion)).join(' ');

  const move = (next: number): void => {
    const to = Math.max(0, Math.min(rows.length - 1, next));
    moved.current = true;
    setActive(to);
    scrollToRow(body.current, to);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const target = keyTarget(event.key, at, rows.length);
    if (target !== undefined) {
      event.preventDefault();
      move(target);
    } else if (
      event.key === 'Enter' &&
      event.target instanceof HTMLElement &&
      event.target.dataset['index']
    ) {
      const row = rows[at];
      if (row !== undefined) onOpen(row);
    }
  };

  const cell = (row: Row, column: PageColumn<Row>): ComponentChild => {
    const isBad = column.isBad?.(row) === true;
    if (column.kind === 'name')
      return h(
        'span',
        { role: 'rowheader', class: 'cell of-name', key: column.heading },
        h('span', { class: 'first' }, name(row.name), props.badge?.(row)),
        h('span', { class: 'second' }, row.detail),
        isNarrow && props.barOf?.(row),
      );
    return h(
      'span',
      { role: 'gridcell', class: `cell of-${column.kind}${isBad ? ' bad' : ''}`, key: column.heading },
      column.kind === 'bar' ? props.barOf?.(row) : column.text(row),
    );
  };
  const visible = rows.slice(from, to);
  return h(
    'div',
    {
      ref: box,
      class: `table${isNarrow ? ' narrow' : ''}`,
      role: 'grid',
      'aria-label': label,
      'aria-rowcount': rows.length + 1,
      'data-testid': 'table',
      style: { '--columns': template },
      onKeyDown,
    },
    h(
      'div',
      { role: 'rowgroup', class: 'thead' },
      h(
        'div',
        { role: 'row', class: 'row', 'aria-rowindex': 1 },
        shown.map((column) => headingCell(column, sort, onSort)),
      ),
    ),
    rows.length === 0
      ? h(
          'div',
          { role: 'rowgroup' },
          h('div', { role: 'row' }, h('div', { role: 'gridcell', class: 'empty' }, empty)),
        )
      : h(
          'div',
          { role: 'rowgroup', class: 'tbody', ref: body, style: { height: `${rows.length * rowHeight}px` } },
          visible.map((row, offset) => {
            const index = from + offset;
            return h(
              'div',
              {
                key: row.key,
                role: 'row',
                class: 'row',
                'aria-rowindex': index + 2,
                'data-index': index,
                'data-key': row.key,
                tabIndex: index === at ? 0 : -1,
                style: { transform: `translateY(${index * rowHeight}px)` },
                onClick: () => onOpen(row),
                onFocus: () => setActive(index),
              },
              shown.map((column) => cell(row, column)),
            );
          }),
        ),
    rows.length > printed &&
      h(
        'p',
        { class: 'only-print' },
        `The first ${printed} of ${rows.length} rows. Filter them before you print.`,
      ),
  );
}

function headingCell<Row>(
  column: PageColumn<Row>,
  sort: Sorting,
  onSort: (sort: Sorting) => void,
): ComponentChild {
  const { heading, meaning, kind, isAscending } = column;
  const isSorted = sort.column === heading;
  const direction = sort.isDescending ? 'descending' : 'ascending';
  return h(
    'span',
    {
      role: 'columnheader',
      class: `cell of-${kind}`,
      key: heading,
      'aria-sort': isSorted ? direction : 'none',
    },
    button(
      {
        title: meaning,
        'data-testid': `sort-${heading}`,
        onClick: () =>
          onSort({ column: heading, isDescending: isSorted ? !sort.isDescending : isAscending !== true }),
      },
      heading,
      h('span', { class: 'arrow', 'aria-hidden': 'true' }, isSorted ? (sort.isDescending ? '▾' : '▴') : ''),
    ),
  );
}

function keyTarget(key: string, at: number, count: number): number | undefined {
  const page = Math.max(1, Math.floor(innerHeight / rowHeight) - 4);
  switch (key) {
    case 'ArrowDown':
      return at + 1;
    case 'ArrowUp':
      return at - 1;
    case 'PageDown':
      return at + page;
    case 'PageUp':
      return at - page;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}

/** Height of what sticks to the top of the window. */
const covered = 130;

function scrollToRow(body: HTMLElement | null, index: number): void {
  if (body === null) return;
  const top = body.getBoundingClientRect().top + index * rowHeight;
  if (top < covered) scrollBy(0, top - covered);
  else if (top + rowHeight > innerHeight - 8) scrollBy(0, top + rowHeight - innerHeight + 8);
}

/** The rows in view, from and to. All of them, up to a limit, for a printer. */
function useWindow(body: { readonly current: HTMLElement | null }, count: number): readonly [number, number] {
  const [range, setRange] = useState<readonly [number, number]>([0, 40]);
  const [isPrinting, setPrinting] = useState(false);
  useLayoutEffect(() => {
    const look = (): void => {
      const top = body.current?.getBoundingClientRect().top ?? 0;
      // Steps of several rows: not each pixel of scrolling needs another render.
      const first = Math.floor(Math.max(0, -top / rowHeight - spare) / spare) * spare;
      const last = first + Math.ceil(innerHeight / rowHeight) + 3 * spare;
      setRange((now) => (now[0] === first && now[1] === last ? now : [first, last]));
    };
    look();
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', look);
    return () => {
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
    };
  }, [count, body]);
  useEffect(() => {
    const media = matchMedia('print');
    const change = (): void => setPrinting(media.matches);
    const before = (): void => setPrinting(true);
    const after = (): void => setPrinting(false);
    media.addEventListener('change', change);
    addEventListener('beforeprint', before);
    addEventListener('afterprint', after);
    return () => {
      media.removeEventListener('change', change);
      removeEventListener('beforeprint', before);
      removeEventListener('afterprint', after);
    };
  }, []);
  if (isPrinting) return [0, Math.min(count, printed)];
  // A filter can shorten the list below the place where the window is.
  const first = Math.min(range[0], Math.max(0, count - (range[1] - range[0])));
  return [first, Math.min(count, first + range[1] - range[0])];
}
