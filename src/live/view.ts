/** The live view without a terminal: keys and states in, frames out. */
import type { Key } from '../edges/terminal/terminal.ts';
import type { Look } from '../layout/look.ts';
import type { BarOptions } from '../render/bars.ts';
import { type Grouping, groupings, type Row } from '../render/row.ts';
import { type SortKey, sortKeys } from '../render/sort-rows.ts';
import type { ScreenLine } from './cells.ts';
import { footer, header, listFrame } from './frame.ts';
import { type Action, actionOf, hints } from './keys.ts';
import { List, type ListOptions } from './list.ts';
import { Pages, type PagesOptions } from './pages.ts';
import { type RowScope, scopeOf } from './scope.ts';
import type { Size } from './screen.ts';
import { Seen } from './seen.ts';
import type { LiveState } from './source.ts';
import { type LiveTableOptions, Table } from './table.ts';

export interface ViewOptions extends ListOptions, Look, PagesOptions, LiveTableOptions {
  /** The time in milliseconds since 1970. */
  readonly now: () => number;
}

/** What the view asks of the terminal. */
export type Wish = 'draw' | 'draw anew' | 'suspend' | 'quit';

/** Where a scope was opened: Esc goes back there. */
interface Back {
  readonly by: Grouping;
  readonly scope: RowScope | undefined;
  readonly filter: string;
  readonly row: Row;
}

/** `memory` is another name of `real`. */
const cycled = sortKeys.filter((key) => key !== 'memory');
const longestFilter = 100;

export class View {
  private readonly options: ViewOptions;
  private readonly list: List;
  private readonly table: Table;
  private readonly seen = new Seen();
  private readonly backs: Back[] = [];
  private readonly pages: Pages;
  private state: LiveState | undefined;
  private isFiltering = false;
  private columns = 80;

  constructor(options: ViewOptions) {
    this.options = options;
    this.list = new List(options);
    this.table = new Table(options);
    this.pages = new Pages(options);
  }

  show(state: LiveState): void {
    this.state = state;
    this.list.show(state);
    this.seen.take(state.at, this.list);
    this.pages.show((by) => this.list.rowsBy(by), this.columns);
  }

  /** @returns undefined if the key does nothing */
  key(key: Key): Wish | undefined {
    if (this.isFiltering && !(key.ctrl && ['c', 'l', 'z'].includes(key.name))) return this.type(key);
    const action = actionOf(key);
    if (action === undefined) return undefined;
    if (!this.pages.isOpen) return this.act(action);
    return this.pages.turn(action) ? 'draw' : this.common(action);
  }

  frame({ lines, columns }: Size): readonly ScreenLine[] {
    this.columns = columns;
    const { colour, ascii } = this.options;
    const options: BarOptions = { colour, ascii, columns };
    if (this.pages.isOpen) return this.pages.frame(lines, (width) => this.foot(width), this.seen, options);
    return listFrame({
      size: { lines, columns },
      title: this.state?.title ?? [],
      status: header(this.list, this.state?.at, this.options.now(), columns),
      notes: this.notes(),
      foot: this.foot(columns),
      table: (height) => this.table.lines(this.list, columns, height, options),
    });
  }

  private notes(): readonly string[] {
    if (this.state === undefined) return ['Reading …'];
    if (this.list.rows.length > 0) return this.state.notes;
    const none = this.list.filter === '' ? 'No rows.' : 'No name contains the filter. Esc clears it.';
    return [none, ...this.state.notes];
  }

  private foot(columns: number): ScreenLine {
    if (this.isFiltering) return footer(hints.filter, columns, `/${this.list.filter}`);
    if (!this.pages.isOpen) return footer(hints.list, columns);
    return footer(this.pages.isHelp ? hints.help : hints.opened, columns);
  }

  private act(action: Action): Wish | undefined {
    const { list } = this;
    switch (action.kind) {
      case 'move':
        list.move(action.lines);
        return 'draw';
      case 'page':
        list.movePages(action.pages);
        return 'draw';
      case 'first':
        list.move(-list.rows.length);
        return 'draw';
      case 'last':
        list.move(list.rows.length);
        return 'draw';
      case 'sort':
        list.sortByKey(next<SortKey>(cycled, list.sortBy, action.step));
        return 'draw';
      case 'group':
        return this.group(action.by);
      case 'next group':
        return this.group(next(groupings, list.by, action.step));
      case 'filter':
        this.isFiltering = true;
        return 'draw';
      case 'open':
        return this.open();
      case 'back':
        return this.back();
      default:
        return this.common(action);
    }
  }

  private common(action: Action): Wish | undefined {
    switch (action.kind) {
      case 'help':
        this.pages.help();
        return 'draw';
      case 'redraw':
        return 'draw anew';
      case 'quit':
      case 'suspend':
        return action.kind;
      default:
        return undefined;
    }
  }

  private group(by: Grouping): Wish {
    this.backs.splice(0);
    this.list.list(by, undefined);
    return 'draw';
  }

  /** What belongs to the row, or a page on it. */
  private open(): Wish | undefined {
    const { list } = this;
    const row = list.selected;
    if (row === undefined) return undefined;
    const scope = scopeOf(list.by, row);
    if (scope === undefined) this.pages.open(list.by, row, this.columns);
    else {
      this.backs.push({ by: list.by, scope: list.scope, filter: list.filter, row });
      list.filter = '';
      list.list(scope.by, scope);
    }
    return 'draw';
  }

  private back(): Wish | undefined {
    const { list } = this;
    if (list.filter !== '') list.filterBy('');
    else {
      const back = this.backs.pop();
      if (back === undefined) return undefined;
      list.filter = back.filter;
      list.list(back.by, back.scope, back.row);
    }
    return 'draw';
  }

  /** Keys of the filter's line. */
  private type({ name, text, ctrl }: Key): Wish | undefined {
    const { list } = this;
    if (name === 'return' || name === 'enter') this.isFiltering = false;
    else if (name === 'escape') {
      this.isFiltering = false;
      list.filterBy('');
    } else if (name === 'backspace') {
      // On an empty line: as in less and vi.
      if (list.filter === '') this.isFiltering = false;
      else list.filterBy([...list.filter].slice(0, -1).join(''));
    } else if (ctrl && name === 'u') list.filterBy('');
    else if (name === 'up' || name === 'down') list.move(name === 'up' ? -1 : 1);
    else if (text !== '' && list.filter.length + text.length <= longestFilter)
      list.filterBy(list.filter + text);
    else return undefined;
    return 'draw';
  }
}

function next<Item>(items: readonly Item[], item: Item, step: 1 | -1): Item {
  const index = items.indexOf(item) + step;
  return items.at(index % items.length) ?? item;
}
