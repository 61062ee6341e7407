/** What the view saw of each row's real memory in the last ten minutes. */
import { type Bytes, bytes } from '../model/bytes.ts';
import { type Grouping, groupings, type Row } from '../render/row.ts';
import type { List } from './list.ts';

export const seenMs = 600_000;
const windowMs = 10_000;
const windows = seenMs / windowMs;

/** Rows that are remembered for each state. Of a large cluster: the first ones on the list. */
const mostRows = 5_000;

interface Trace {
  /** Number of the last window: milliseconds since 1970 by `windowMs`. */
  last: number;
  /** The largest real of each window, the last window last. */
  readonly peaks: (Bytes | undefined)[];
}

export class Seen {
  private readonly traces = new Map<string, Trace>();

  /** @param at milliseconds since 1970 */
  take(at: number, list: List): void {
    const window = Math.floor(at / windowMs);
    // Making the rows of all groupings of a large cluster takes a second.
    if (list.rowsBy('container').length > mostRows)
      this.takeRows(window, list.by, list.rows.slice(0, mostRows));
    else for (const by of groupings) this.takeRows(window, by, list.rowsBy(by));
    for (const [key, { last }] of this.traces) if (window - last >= windows) this.traces.delete(key);
  }

  /** The largest real of each window of ten seconds, the latest last; undefined where nothing was seen. */
  of(by: Grouping, { target }: Row): readonly (Bytes | undefined)[] {
    return this.traces.get(`${by} ${target}`)?.peaks ?? [];
  }

  private takeRows(window: number, by: Grouping, rows: readonly Row[]): void {
    for (const { target, usage } of rows) {
      const { realBytes: real } = usage;
      if (real === undefined) continue;
      const key = `${by} ${target}`;
      const trace = this.traces.get(key);
      if (trace === undefined) this.traces.set(key, { last: window, peaks: [real] });
      else add(trace, window, real);
    }
  }
}

function add(trace: Trace, window: number, real: Bytes): void {
  const { peaks } = trace;
  // A clock that was set back stays in the last window.
  const gap = Math.min(windows, Math.max(0, window - trace.last));
  for (let empty = 0; empty < gap; empty++) peaks.push(undefined);
  peaks.splice(0, peaks.length - windows);
  peaks[peaks.length - 1] = bytes(Math.max(peaks.at(-1) ?? 0, real));
  trace.last += gap;
}

const blocks = '▁▂▃▄▅▆▇█';
const asciiBlocks = '_.-=+*%#';

/**
 * One character for each amount. The highest block is the largest amount, the lowest the smallest, or 95 % of the largest
 * if the amounts differ by less: noise must not look like a trend.
 * @param amounts an absent one is a space
 */
export function sparkline(amounts: readonly (Bytes | undefined)[], ascii: boolean): string {
  const levels = ascii ? asciiBlocks : blocks;
  const known = amounts.filter((amount) => amount !== undefined);
  const most = Math.max(...known);
  const least = Math.min(...known, 0.95 * most);
  return amounts
    .map((amount) =>
      amount === undefined
        ? ' '
        : levels[most === least ? 0 : Math.round(((amount - least) / (most - least)) * (levels.length - 1))],
    )
    .join('');
}
