/** Pages over the list: opened rows, and the help. */
import { messageOf } from '../model/located-error.ts';
import type { BarOptions } from '../render/bars.ts';
import type { Grouping, Row } from '../render/row.ts';
import type { ScreenLine } from './cells.ts';
import { pageFrame } from './frame.ts';
import { type Action, helpLines } from './keys.ts';
import { openedLines } from './opened.ts';
import type { Seen } from './seen.ts';
import type { LiveSource } from './source.ts';

/** An opened row. */
interface Opened {
  readonly by: Grouping;
  row: Row;
  isGone: boolean;
  lines: readonly string[] | undefined;
  fault: string | undefined;
  /** The source has not answered yet. `again`: a new state has come since it was asked. */
  asked: 'no' | 'once' | 'again';
}

interface Page {
  /** Absent: the help. */
  readonly opened: Opened | undefined;
  /** First line on the screen. */
  top: number;
  /** Number of lines at the last draw, and room for them. */
  length: number;
  height: number;
}

export interface PagesOptions {
  readonly detail: LiveSource['detail'];
  /** Called when the source has answered. */
  readonly changed: () => void;
}

export class Pages {
  private readonly options: PagesOptions;
  private readonly pages: Page[] = [];

  constructor(options: PagesOptions) {
    this.options = options;
  }

  get isOpen(): boolean {
    return this.pages.length > 0;
  }

  get isHelp(): boolean {
    return this.isOpen && this.pages.at(-1)?.opened === undefined;
  }

  help(): void {
    this.pages.push({ opened: undefined, top: 0, length: 0, height: 1 });
  }

  /** @param columns width of the screen */
  open(by: Grouping, row: Row, columns: number): void {
    const opened: Opened = { by, row, isGone: false, lines: undefined, fault: undefined, asked: 'no' };
    this.pages.push({ opened, top: 0, length: 0, height: 1 });
    this.ask(opened, columns);
  }

  /** Shows opened rows of a new state. */
  show(rowsBy: (by: Grouping) => readonly Row[], columns: number): void {
    for (const { opened } of this.pages) {
      if (opened === undefined) continue;
      const { target } = opened.row;
      const row = rowsBy(opened.by).find((one) => one.target === target);
      opened.isGone = row === undefined;
      if (row === undefined) continue;
      opened.row = row;
      this.ask(opened, columns);
    }
  }

  /** @returns whether the page knows the key */
  turn(action: Action): boolean {
    const page = this.pages.at(-1);
    if (page === undefined) return false;
    const last = Math.max(0, page.length - page.height);
    const to = (top: number): void => {
      page.top = Math.max(0, Math.min(last, top));
    };
    if (action.kind === 'move') to(page.top + action.lines);
    else if (action.kind === 'page') to(page.top + action.pages * Math.max(1, page.height - 1));
    else if (action.kind === 'first') to(0);
    else if (action.kind === 'last') to(last);
    else if (action.kind === 'back' || (action.kind === 'help' && page.opened === undefined))
      this.pages.pop();
    else return false;
    return true;
  }

  /** @param foot the footer of a width */
  frame(
    lines: number,
    foot: (columns: number) => ScreenLine,
    seen: Seen,
    options: BarOptions,
  ): readonly ScreenLine[] {
    const page = this.pages.at(-1);
    if (page === undefined) return [];
    const { opened } = page;
    const text =
      opened === undefined
        ? helpLines(options.columns, options.ascii)
        : openedLines({ ...opened, seen: seen.of(opened.by, opened.row) }, options);
    const frame = pageFrame(text, page.top, { lines, columns: options.columns }, foot);
    page.length = text.length;
    page.height = frame.height;
    page.top = frame.top;
    return frame.lines;
  }

  /** Asks the source for lines, one call at a time. Old lines stay until new ones come. */
  private ask(opened: Opened, columns: number): void {
    if (opened.asked !== 'no') {
      opened.asked = 'again';
      return;
    }
    opened.asked = 'once';
    const { detail, changed } = this.options;
    detail(opened.row, columns)
      .then(
        (lines) => {
          opened.lines = lines;
          opened.fault = undefined;
        },
        (error) => {
          opened.fault = messageOf(error);
        },
      )
      .then(() => {
        const isOld = opened.asked === 'again';
        opened.asked = 'no';
        changed();
        if (isOld && !opened.isGone) this.ask(opened, columns);
      });
  }
}
