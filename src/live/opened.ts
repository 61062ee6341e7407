/** The page of an opened row: its figures, a bar, a sparkline, a suggestion, and what the source knows beyond them. */

import { paint } from '../layout/look.ts';
import { widthOf } from '../layout/width.ts';
import { wrap } from '../layout/wrap.ts';
import { type Bytes, bytes, formatBytes, formatShare } from '../model/bytes.ts';
import { printable, printableUpTo } from '../model/text.ts';
import { formatSpan } from '../model/time.ts';
import { limitInForce } from '../model/usage.ts';
import { type BarOptions, glyph } from '../render/bars.ts';
import { realSize } from '../render/node-lines.ts';
import type { Row } from '../render/row.ts';
import { seenMs, sparkline } from './seen.ts';

export interface Opened {
  readonly row: Row;
  /** The row is not in the last state. */
  readonly isGone: boolean;
  /** The largest real of each window of ten seconds. */
  readonly seen: readonly (Bytes | undefined)[];
  /** What the source knows. Absent: nothing more, or not yet. */
  readonly lines: readonly string[] | undefined;
  /** Why the source's lines are missing or old. Not escaped. */
  readonly fault: string | undefined;
}

const tone = (text: string, options: BarOptions, name: 'bold' | 'dim' | 'bad'): string =>
  options.colour ? paint(text, name) : text;

export function openedLines(opened: Opened, options: BarOptions): readonly string[] {
  const { row, isGone, lines, fault } = opened;
  const known = lines ?? [tone(printable(row.target), options, 'bold'), ...figures(row, options)];
  // The first paragraph is the summary. Details come after what the view has seen.
  const end = known.includes('') ? known.indexOf('') : known.length;
  return [
    ...known.slice(0, end),
    '',
    ...trend(opened, options),
    ...suggestion(row, options),
    ...known.slice(end),
    ...(isGone ? ['', tone('It is not in the latest data any more.', options, 'bad')] : []),
    ...(fault === undefined ? [] : ['', ...wrap(printableUpTo(longestFault, fault), options.columns, '')]),
  ];
}

const longestFault = 1_000;

const size = (amount: Bytes | undefined): string => (amount === undefined ? '-' : formatBytes(amount));

/** Figures of the row, and its bar: real, page cache, free up to the limit. */
function figures({ usage, node, pods, kubectlTop }: Row, options: BarOptions): readonly string[] {
  const { realBytes: real, usageBytes: used, peakRealBytes: peak, oomKills } = usage;
  const limit = limitInForce(usage)?.bytes;
  const share = real === undefined ? undefined : formatShare(real, limit, 2);
  const facts = [
    `REAL ${realSize(usage) ?? '-'}${limit === undefined ? '' : ` of ${size(limit)}`}${share === undefined ? '' : ` (${share})`}`,
    ...(limit === undefined ? ['no limit'] : []),
    ...(peak === undefined ? [] : [`PEAK ${size(peak)}`]),
    `kubectl top ${size(kubectlTop)}`,
    ...(oomKills === undefined ? [] : [`OOM kills: ${oomKills}`]),
    ...(pods === undefined ? [] : [`pods: ${pods}`]),
    ...(node === undefined ? [] : [`node ${printable(node)}`]),
  ];
  return [...phrases(facts, options.columns), ...bar(real, used, limit, options)];
}

/** Facts with three spaces between them, as many on a line as fit. */
function phrases(facts: readonly string[], columns: number): readonly string[] {
  const lines: string[] = [];
  for (const fact of facts) {
    const longer = lines.length === 0 ? fact : `${lines.at(-1)}   ${fact}`;
    if (lines.length > 0 && widthOf(longer.replace(colours, '')) <= columns) lines[lines.length - 1] = longer;
    else lines.push(fact);
  }
  return lines;
}

const colours = /\p{Cc}\[[0-9;]*m/gu;

const widestBar = 100;

function bar(
  real: Bytes | undefined,
  usage: Bytes | undefined,
  limit: Bytes | undefined,
  options: BarOptions,
): readonly string[] {
  if (real === undefined) return [];
  const { colour, ascii } = options;
  const width = Math.min(widestBar, options.columns);
  const used = Math.max(usage ?? real, real);
  const whole = Math.max(limit ?? 0, used);
  const cells = (amount: number): number => (whole === 0 ? 0 : Math.round((amount / whole) * width));
  // Every part that is not empty gets at least one cell.
  const realCells = Math.min(width, Math.max(real > 0 ? 1 : 0, cells(real)));
  const cacheCells = Math.min(width - realCells, Math.max(used > real ? 1 : 0, cells(used) - realCells));
  const free = limit === undefined ? undefined : bytes(Math.max(0, limit - used));
  const empty = ascii ? '_' : '·';
  const parts = [
    `${glyph(true, ascii, colour)} real ${size(real)}`,
    ...(usage === undefined
      ? []
      : [`${glyph(false, ascii, colour)} page cache that the kernel can drop ${size(bytes(used - real))}`]),
    ...(free === undefined ? [] : [`${empty} free up to the limit ${size(free)}`]),
  ];
  return [
    `${glyph(true, ascii, colour, realCells)}${glyph(false, ascii, colour, cacheCells)}${empty.repeat(width - realCells - cacheCells)}`,
    ...phrases(parts, options.columns),
  ];
}

function trend({ seen }: Opened, { columns, ascii }: BarOptions): readonly string[] {
  const shown = seen.slice(-Math.max(10, columns));
  const known = shown.filter((amount) => amount !== undefined);
  if (known.length < 2) return ['The trend of its real memory appears after some seconds.'];
  const range = `${size(bytes(Math.min(...known)))} to ${size(bytes(Math.max(...known)))}`;
  const span = formatSpan(Math.min(seenMs / 1000, shown.length * 10));
  const line = sparkline(shown, ascii);
  const hasGaps = line.trim().includes(' ');
  return [`REAL in the last ${span}: ${range}${hasGaps ? ' (gaps: no reading)' : ''}`, line];
}

function suggestion({ usage, suggest }: Row, { columns }: BarOptions): readonly string[] {
  if (suggest === undefined) return [];
  const { requestBytes: request, limitBytes: limit } = suggest;
  const of = (name: string, now: Bytes | undefined, then: Bytes | undefined): readonly string[] =>
    then === undefined ? [] : [`${name} ${size(now)}, suggested ${size(then)}`];
  return phrases(
    [...of('REQUEST', usage.requestBytes, request), ...of('LIMIT', usage.limitBytes, limit)],
    columns,
  );
}
