/** CSV text → series. The first column contains times. Without times, `step` is the distance between rows. */

import { LocatedError } from '../model/located-error.ts';
import { longestQuote, printableUpTo, quoted } from '../model/text.ts';
import { daySeconds } from '../model/time.ts';
import { readCsv } from './csv.ts';
import type { UsageSeries } from './policy.ts';
import { isTimeColumn, Times } from './times.ts';

/** Bytes per unit. A ratio is a share of a machine with 64 GiB. */
export const units = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, ratio: 64 * 2 ** 30 } as const;
export type Unit = keyof typeof units;

export interface SeriesOptions {
  readonly unit: Unit;
  /** Seconds between rows, for a file without times. */
  readonly step?: number | undefined;
}

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Cells per file, including gaps. As numbers they take about 1 GB. */
const mostCells = 50_000_000;
/** Series per file. The backtest replays each one under each policy and margin, which takes milliseconds. */
const mostSeries = 50_000;
/** Seconds. Rows farther apart mean that the times are in another unit. */
const longestStep = daySeconds;

/**
 * Rows may come in any order. Of two rows with the same time, the larger value counts.
 * @throws LocatedError at the first cell that is not a number, at a row of another length, and above a size limit
 */
export function parseSeries(
  file: string,
  text: string,
  { unit, step }: SeriesOptions,
): readonly UsageSeries[] {
  const times = new Times(file);
  let hasTimes = false;
  let first = 0;
  let names: readonly string[] = [];
  /** The values of each column. An empty cell is a gap: NaN. */
  let columns: readonly number[][] = [];
  let count = 0;
  readCsv(file, text, {
    header(all, line) {
      hasTimes = isTimeColumn(all[0]);
      if (!hasTimes && step === undefined)
        throw new LocatedError({
          where: file,
          line,
          expected: 't or time as the first column',
          got: quoted(all[0] ?? ''),
          todo: 'pass --step SECONDS for a file without times',
        });
      first = hasTimes ? 1 : 0;
      names = all.slice(first);
      if (names.length > mostSeries)
        throw new LocatedError({
          ...{ where: file, line, got: String(names.length) },
          expected: `at most ${mostSeries} series`,
          todo: 'remove columns',
        });
      columns = names.map((): number[] => []);
    },
    row(cells, line) {
      if (hasTimes) times.add(line, cells[0] ?? '');
      if (++count * cells.length > mostCells)
        throw new LocatedError({
          ...{ where: file, line, expected: `at most ${mostCells} cells`, got: 'more' },
          todo: 'split the file by columns',
        });
      for (const [index, name] of names.entries())
        columns[index]?.push(bytesIn(file, line, name, cells[index + first], unit));
    },
  });
  const at = hasTimes ? times.seconds() : Array.from({ length: count }, (_, index) => index * (step ?? 1));
  // Some recorders write a row late or twice.
  const order = Uint32Array.from(at.keys()).sort((a, b) => (at[a] ?? 0) - (at[b] ?? 0) || a - b);
  if (hasTimes) checkStep(file, at, order);
  return names.flatMap((name, column) => toSeries(name, at, columns[column] ?? [], order, step) ?? []);
}

function bytesIn(file: string, line: number, column: string, cell: string | undefined, unit: Unit): number {
  const name = printableUpTo(longestQuote, column);
  const value = numberIn(file, line, name, cell) ?? Number.NaN;
  if (value < 0)
    throw new LocatedError({ where: file, line, expected: `${name} of at least 0`, got: String(value) });
  if (value * units[unit] > Number.MAX_SAFE_INTEGER)
    throw new LocatedError({
      where: file,
      line,
      expected: `${name} of at most 2^53 bytes`,
      got: String(value),
    });
  return value * units[unit];
}

/** Times that start at 0 do not reveal their unit. Only their distance shows that they are milliseconds. */
function checkStep(file: string, at: readonly number[], order: Uint32Array): void {
  const steps = Float64Array.from(
    order.subarray(1),
    (row, index) => (at[row] ?? 0) - (at[order[index] ?? 0] ?? 0),
  );
  const apart = steps.filter((one) => one > 0).sort();
  const step = apart[apart.length >> 1] ?? 0;
  if (step > longestStep)
    throw new LocatedError({
      ...{ where: file, expected: 'at most one day between rows', got: `${step} s` },
      todo: 'write the times as seconds or milliseconds since 1970, or as seconds since any start',
    });
}

function toSeries(
  name: string,
  at: readonly number[],
  column: readonly number[],
  order: Uint32Array,
  step: number | undefined,
): UsageSeries | undefined {
  const times: number[] = [];
  const values: number[] = [];
  for (const row of order) {
    const [time = 0, value = Number.NaN] = [at[row], column[row]];
    if (Number.isNaN(value)) continue;
    if (times.at(-1) === time) values[values.length - 1] = Math.max(values.at(-1) ?? 0, value);
    else {
      times.push(time);
      values.push(value);
    }
  }
  if (times.length === 0) return undefined;
  const stepSeconds = step ?? medianStep(times);
  return { name, times: Float64Array.from(times), values: Float64Array.from(values), stepSeconds };
}

/**
 * Limits that people had set, by the name of the series. The file needs a column `series` (or `pod`) and a column `limit`,
 * in the unit of the series.
 */
export function parseLimits(file: string, text: string, unit: Unit): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  let [name, limit] = [-1, -1];
  readCsv(file, text, {
    header(all, line) {
      name = all.findIndex((one) => one === 'series' || one === 'pod');
      limit = all.findIndex((one) => /^limit(_median)?(_(mib|kib|b|bytes))?$/i.test(one));
      if (name < 0 || limit < 0)
        throw new LocatedError({
          where: file,
          line,
          expected: 'a column series and a column limit',
          got: all.join(','),
        });
    },
    row(cells, line) {
      const value = numberIn(file, line, 'limit', cells[limit]);
      if (value !== undefined && value > 0) limits.set(cells[name] ?? '', value * units[unit]);
    },
  });
  return limits;
}

function numberIn(file: string, line: number, name: string, cell = ''): number | undefined {
  const text = cell.trim();
  if (text === '' || /^nan$/i.test(text)) return undefined;
  if (!number.test(text))
    throw new LocatedError({ where: file, line, expected: `a number for ${name}`, got: cell });
  return Number(text);
}

/** Seconds: the median distance between times. */
function medianStep(times: readonly number[]): number {
  const steps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  return steps.sort((a, b) => a - b)[steps.length >> 1] ?? 60;
}

/** The maximum of each window of `seconds`, aligned to 1970. Returns a series that is already as coarse unchanged. */
export function resample(series: UsageSeries, seconds: number): UsageSeries {
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
