/** Draws the parts of a cgroup's usage as bars. Each bar begins where the one before ends, and the last ends at the usage. */

import type { Look } from '../layout/look.ts';
import { type Bytes, formatBytes, formatShare } from '../model/bytes.ts';
import type { Part } from './tool-reading.ts';

export interface BarOptions extends Look {
  /** Maximum width of a line in characters. */
  readonly columns: number;
}

/** The full width stands for the limit, or for the usage if there is no limit or usage is larger. */
export interface Scale {
  readonly usage: Bytes;
  readonly limit: Bytes | undefined;
}

const sizeWidth = 7;
const shareWidth = 6;
const gaps = 6;
const narrowest = 10;
const green = '\u001b[32m';
const yellow = '\u001b[33m';
const cyan = '\u001b[36m';
const plain = '\u001b[0m';

export function renderBars(parts: readonly Part[], { usage, limit }: Scale, options: BarOptions): string {
  const whole = Math.max(limit ?? 0, usage);
  const nameWidth = Math.max(...parts.map(({ name }) => name.length), 'usage'.length);
  const room = Math.max(narrowest, options.columns - nameWidth - sizeWidth - shareWidth - gaps);
  const cell = (at: number): number => (whole === 0 ? 0 : Math.min(room, Math.max(0, (at / whole) * room)));
  let end = 0;
  const line = (name: string, size: Bytes | undefined, bar: string): string =>
    [
      name.padEnd(nameWidth),
      (size === undefined ? '-' : formatBytes(size)).padStart(sizeWidth),
      (size === undefined ? '-' : (formatShare(size, whole, 1) ?? '-')).padStart(shareWidth),
      bar,
    ]
      .join('  ')
      .trimEnd();
  const lines = parts.map(({ name, bytes, real, note }) => {
    // A missing part has no length to draw: its line describes the part instead.
    if (bytes === undefined) return line(name, undefined, `unknown: ${note}`.slice(0, room));
    const from = cell(end);
    end += bytes;
    return line(name, bytes, bar(from, cell(end), real, room, options));
  });
  const edge = `${limit === undefined ? 'usage, no limit' : 'limit'} ${options.ascii ? '|' : '▕'}`;
  return `${lines.join('\n')}\n${edge.padStart(nameWidth + sizeWidth + shareWidth + gaps + room)}\n`;
}

function bar(from: number, to: number, real: boolean, room: number, { colour, ascii }: BarOptions): string {
  if (to <= from) return '';
  const start = Math.min(Math.round(from), room - 1);
  // Every part that is not empty gets at least one character.
  const length = Math.max(1, Math.round(to) - start);
  return `${' '.repeat(start)}${glyph(real, ascii, colour, length)}`;
}

/** The same for page cache that a probe found needed. */
export function neededGlyph({ ascii, colour }: Pick<BarOptions, 'ascii' | 'colour'>, length = 1): string {
  const drawn = (ascii ? ':' : '▒').repeat(length);
  return colour ? `${cyan}${drawn}${plain}` : drawn;
}

/** A piece of a bar, such as for the legend. */
export function glyph(real: boolean, ascii: boolean, colour: boolean, length = 1): string {
  const drawn = (ascii ? (real ? '#' : '.') : real ? '█' : '░').repeat(length);
  return colour ? `${real ? green : yellow}${drawn}${plain}` : drawn;
}
