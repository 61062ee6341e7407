/** Text of CSV → series. The first column is `t`, in seconds since 1970, or a step says how far rows are apart. */
import { Fault } from '../model/fault.ts';
import type { Series } from '../model/policy.ts';

/** What a figure of 1 is in bytes. Of a ratio, 1 is all memory of a machine with 64 GiB. */
export const units = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, ratio: 64 * 2 ** 30 } as const;
export type Unit = keyof typeof units;

export interface SeriesOptions {
  readonly unit: Unit;
  /** Seconds; for a file without `t`. */
  readonly step?: number | undefined;
}

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Lines may come in any order; of two at the same time the larger counts.
 * @throws Fault at the first cell that is no figure, a line of another length
 */
export function parseSeries(file: string, text: string, { unit, step }: SeriesOptions): readonly Series[] {
  const { header, rows } = parseCsv(file, text);
  const hasTimes = header[0] === 't';
  if (!hasTimes && step === undefined)
    throw new Fault({
      where: file,
      line: 1,
      expected: 't as the first column',
      got: JSON.stringify(header[0] ?? ''),
      todo: 'give --step SECONDS for a file without times',
    });
  const first = hasTimes ? 1 : 0;
  const timed = rows.map(({ line, cells }, index) => ({
    line,
    cells,
    at: timeOf(file, line, hasTimes, cells, index, step),
  }));
  // Recorders write late, and twice.
  timed.sort((a, b) => a.at - b.at);
  return header.slice(first).flatMap((name, column) => {
    const times: number[] = [];
    const values: number[] = [];
    for (const { line, cells, at } of timed) {
      const value = figureIn(file, line, name, cells[column + first]);
      // An empty cell is a gap.
      if (value === undefined) continue;
      if (value < 0)
        throw new Fault({ where: file, line, expected: `${name} not below zero`, got: String(value) });
      if (times.at(-1) === at) values[values.length - 1] = Math.max(values.at(-1) ?? 0, value * units[unit]);
      else {
        times.push(at);
        values.push(value * units[unit]);
      }
    }
    if (times.length === 0) return [];
    const stepSeconds = step ?? usualStep(times);
    return [{ name, times: Float64Array.from(times), values: Float64Array.from(values), stepSeconds }];
  });
}

function timeOf(
  file: string,
  line: number,
  hasTimes: boolean,
  [cell]: readonly string[],
  index: number,
  step = 1,
): number {
  if (!hasTimes) return index * step;
  const at = figureIn(file, line, 't', cell);
  if (at === undefined) throw new Fault({ where: file, line, expected: 'a time in seconds', got: 'nothing' });
  return at;
}

/** Limits set by hand, by the series' name: a column `series` (or `pod`), and one `limit`, in the unit of the series. */
export function parseLimits(file: string, text: string, unit: Unit): ReadonlyMap<string, number> {
  const { header, rows } = parseCsv(file, text);
  const name = header.findIndex((one) => one === 'series' || one === 'pod');
  const limit = header.findIndex((one) => /^limit(_median)?(_(mib|kib|b|bytes))?$/i.test(one));
  if (name < 0 || limit < 0)
    throw new Fault({
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

interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

function parseCsv(
  file: string,
  text: string,
): { readonly header: readonly string[]; readonly rows: readonly Row[] } {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const cellsOf = (line: string): readonly string[] =>
    line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
  const header = cellsOf(lines[0] ?? '');
  const twice = header.find((name, index) => header.indexOf(name) !== index);
  if (twice !== undefined)
    throw new Fault({ where: file, line: 1, expected: 'each column once', got: `${twice} twice` });
  const rows: Row[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === '') continue;
    const cells = cellsOf(line);
    if (cells.length !== header.length)
      throw new Fault({
        where: file,
        line: index + 1,
        expected: `${header.length} columns as in the first line`,
        got: String(cells.length),
      });
    rows.push({ line: index + 1, cells });
  }
  if (rows.length === 0)
    throw new Fault({ where: file, expected: 'a line of names, and lines of figures', got: 'no figures' });
  return { header, rows };
}

function figureIn(file: string, line: number, name: string, cell = ''): number | undefined {
  if (cell === '' || /^nan$/i.test(cell)) return undefined;
  if (!number.test(cell)) throw new Fault({ where: file, line, expected: `a number for ${name}`, got: cell });
  return Number(cell);
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
