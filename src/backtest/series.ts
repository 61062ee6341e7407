/** Text of CSV → series. The first column has times, or a step says how far rows are apart. */

import { LocatedError } from '../model/located-error.ts';
import { longestQuote, printableUpTo, quoted } from '../model/text.ts';
import { daySeconds } from '../model/time.ts';
import { parseCsv } from './csv.ts';
import type { Series } from './policy.ts';
import { isTimeColumn, Times } from './times.ts';

/** What a figure of 1 is in bytes. Of a ratio, 1 is all memory of a machine with 64 GiB. */
export const units = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, ratio: 64 * 2 ** 30 } as const;
export type Unit = keyof typeof units;

export interface SeriesOptions {
  readonly unit: Unit;
  /** Seconds; for a file without times. */
  readonly step?: number | undefined;
}

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Of one file, gaps too: a gigabyte as numbers. */
const mostFigures = 50_000_000;
/** Of one file: each is replayed under each policy and margin, which takes milliseconds. */
const mostSeries = 50_000;
/** Rows farther apart are no record of memory, but of times in another unit. */
const longestStep = daySeconds;

/**
 * Lines may come in any order; of two at the same time the larger counts.
 * @throws Fault at the first cell that is no figure, a line of another length, above a limit
 */
export function parseSeries(file: string, text: string, { unit, step }: SeriesOptions): readonly Series[] {
  const { header, rows, line: headerLine } = parseCsv(file, text);
  const hasTimes = isTimeColumn(header[0]);
  if (!hasTimes && step === undefined)
    throw new LocatedError({
      where: file,
      line: headerLine,
      expected: 't or time as the first column',
      got: quoted(header[0] ?? ''),
      todo: 'give --step SECONDS for a file without times',
    });
  const first = hasTimes ? 1 : 0;
  const names = header.slice(first);
  if (names.length > mostSeries)
    throw new LocatedError({
      ...{ where: file, line: headerLine, got: String(names.length) },
      expected: `at most ${mostSeries} series`,
      todo: 'give fewer columns',
    });
  const times = new Times(file);
  let count = 0;
  /** Of each column; an empty cell is a gap. */
  const columns = names.map((): number[] => []);
  for (const { line, cells } of rows) {
    if (hasTimes) times.add(line, cells[0] ?? '');
    if (++count * header.length > mostFigures)
      throw new LocatedError({
        ...{ where: file, line, expected: `at most ${mostFigures} figures`, got: 'more' },
        todo: 'split the file by columns into several',
      });
    for (const [index, column] of names.entries()) {
      const name = printableUpTo(longestQuote, column);
      const value = figureIn(file, line, name, cells[index + first]) ?? Number.NaN;
      if (value < 0)
        throw new LocatedError({ where: file, line, expected: `${name} not below zero`, got: String(value) });
      if (value * units[unit] > Number.MAX_SAFE_INTEGER)
        throw new LocatedError({
          where: file,
          line,
          expected: `${name} of at most 2^53 bytes`,
          got: String(value),
        });
      columns[index]?.push(value * units[unit]);
    }
  }
  const at = hasTimes ? times.seconds() : Array.from({ length: count }, (_, index) => index * (step ?? 1));
  // Recorders write late, and twice.
  const order = Uint32Array.from(at.keys()).sort((a, b) => (at[a] ?? 0) - (at[b] ?? 0) || a - b);
  if (hasTimes) checkStep(file, at, order);
  return names.flatMap((name, column) => seriesOf(name, at, columns[column] ?? [], order, step) ?? []);
}

/** Times that begin at 0 do not tell their unit: that they are milliseconds shows in how far they are apart. */
function checkStep(file: string, at: readonly number[], order: Uint32Array): void {
  const steps = Float64Array.from(
    order.subarray(1),
    (row, index) => (at[row] ?? 0) - (at[order[index] ?? 0] ?? 0),
  );
  const apart = steps.filter((one) => one > 0).sort();
  const step = apart[apart.length >> 1] ?? 0;
  if (step > longestStep)
    throw new LocatedError({
      ...{ where: file, expected: 'at most a day from one line to the next', got: `${step} s` },
      todo: 'give times since 1970 in seconds or milliseconds, or others in seconds',
    });
}

function seriesOf(
  name: string,
  at: readonly number[],
  figures: readonly number[],
  order: Uint32Array,
  step: number | undefined,
): Series | undefined {
  const times: number[] = [];
  const values: number[] = [];
  for (const row of order) {
    const [time = 0, value = Number.NaN] = [at[row], figures[row]];
    if (Number.isNaN(value)) continue;
    if (times.at(-1) === time) values[values.length - 1] = Math.max(values.at(-1) ?? 0, value);
    else {
      times.push(time);
      values.push(value);
    }
  }
  if (times.length === 0) return undefined;
  const stepSeconds = step ?? usualStep(times);
  return { name, times: Float64Array.from(times), values: Float64Array.from(values), stepSeconds };
}

/** Limits set by hand, by the series' name: a column `series` (or `pod`), and one `limit`, in the unit of the series. */
export function parseLimits(file: string, text: string, unit: Unit): ReadonlyMap<string, number> {
  const { header, rows } = parseCsv(file, text);
  const name = header.findIndex((one) => one === 'series' || one === 'pod');
  const limit = header.findIndex((one) => /^limit(_median)?(_(mib|kib|b|bytes))?$/i.test(one));
  if (name < 0 || limit < 0)
    throw new LocatedError({
      where: file,
      line: 1,
      expected: 'a column series and a column limit',
      got: header.join(','),
    });
  const limits = new Map<string, number>();
  for (const { line, cells } of rows) {
    const value = figureIn(file, line, 'limit', cells[limit]);
    if (value !== undefined && value > 0) limits.set(cells[name] ?? '', value * units[unit]);
  }
  return limits;
}

function figureIn(file: string, line: number, name: string, cell = ''): number | undefined {
  const text = cell.trim();
  if (text === '' || /^nan$/i.test(text)) return undefined;
  if (!number.test(text))
    throw new LocatedError({ where: file, line, expected: `a number for ${name}`, got: cell });
  return Number(text);
}

/** The median way from one time to the next. */
function usualStep(times: readonly number[]): number {
  const steps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  return steps.sort((a, b) => a - b)[steps.length >> 1] ?? 60;
}

/** The largest of each so many seconds, counted from 1970; the series itself where it is no finer. */
export function resample(series: Series, seconds: number): Series {
  if (series.stepSeconds >= seconds) return series;
  const times: number[] = [];
  const values: number[] = [];
  for (const [index, at] of series.times.entries()) {
    const start = Math.floor(at / seconds) * seconds;
    const value = series.values[index] ?? 0;
    if (times.at(-1) === start) values[values.length - 1] = Math.max(values.at(-1) ?? 0, value);
    else {
      times.push(start);
      values.push(value);
    }
  }
  return {
    ...series,
    times: Float64Array.from(times),
    values: Float64Array.from(values),
    stepSeconds: seconds,
  };
}
