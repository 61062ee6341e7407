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

/** Of one file, gaps too: a gigabyte as numbers. */
const mostFigures = 50_000_000;
/** Of one file: each is replayed under each policy and margin, which takes milliseconds. */
const mostSeries = 50_000;
/** The year 2100. Time from then on is a mistake, and costs each policy the days between. */
const latest = 4_102_444_800;

/**
 * Lines may come in any order; of two at the same time the larger counts.
 * @throws Fault at the first cell that is no figure, a line of another length, above a limit
 */
export function parseSeries(file: string, text: string, { unit, step }: SeriesOptions): readonly Series[] {
  const { header, rows } = parseCsv(file, text);
  const hasTimes = header[0] === 't';
  if (!hasTimes && step === undefined)
    throw new Fault({
      where: file,
      line: 1,
      expected: 't as the first column',
      got: JSON.stringify(header[0]?.slice(0, 80) ?? ''),
      todo: 'give --step SECONDS for a file without times',
    });
  const first = hasTimes ? 1 : 0;
  const names = header.slice(first);
  if (names.length > mostSeries)
    throw new Fault({
      ...{ where: file, line: 1, expected: `at most ${mostSeries} series`, got: String(names.length) },
      todo: 'give fewer columns',
    });
  const at: number[] = [];
  /** Of each column; an empty cell is a gap. */
  const columns = names.map((): number[] => []);
  for (const { line, cells } of rows) {
    at.push(timeOf(file, line, hasTimes, cells, at.length, step));
    if (at.length * header.length > mostFigures)
      throw new Fault({
        ...{ where: file, line, expected: `at most ${mostFigures} figures`, got: 'more' },
        todo: 'split the file by columns into several',
      });
    for (const [index, name] of names.entries()) {
      const value = figureIn(file, line, name, cells[index + first]) ?? Number.NaN;
      if (value < 0)
        throw new Fault({ where: file, line, expected: `${name} not below zero`, got: String(value) });
      if (value * units[unit] > Number.MAX_SAFE_INTEGER)
        throw new Fault({ where: file, line, expected: `${name} of at most 2^53 bytes`, got: String(value) });
      columns[index]?.push(value * units[unit]);
    }
  }
  // Recorders write late, and twice.
  const order = Uint32Array.from(at.keys()).sort((a, b) => (at[a] ?? 0) - (at[b] ?? 0) || a - b);
  return names.flatMap((name, column) => seriesOf(name, at, columns[column] ?? [], order, step) ?? []);
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
  if (Math.abs(at) > latest)
    throw new Fault({ where: file, line, expected: 'a time in seconds before 2100', got: String(at) });
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
      got: header.join(',').slice(0, 80),
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

/** Lines one after the other: all cells at once would be tens of times as long as the text. */
function parseCsv(
  file: string,
  text: string,
): { readonly header: readonly string[]; readonly rows: Iterable<Row> } {
  const lines = linesOf(text);
  const first = lines.next().value?.text ?? '';
  if (first === '') throw noFigures(file);
  const header = cellsOf(first);
  const known = new Set<string>();
  for (const name of header) {
    if (known.has(name))
      throw new Fault({ where: file, line: 1, expected: 'each column once', got: `${name} twice` });
    known.add(name);
  }
  return { header, rows: rowsOf(file, header.length, lines) };
}

function* rowsOf(
  file: string,
  columns: number,
  lines: Iterable<{ readonly line: number; readonly text: string }>,
): Generator<Row, void, undefined> {
  let count = 0;
  for (const { line, text } of lines) {
    if (text.trim() === '') continue;
    const cells = cellsOf(text);
    if (cells.length !== columns)
      throw new Fault({
        where: file,
        line,
        expected: `${columns} columns as in the first line`,
        got: String(cells.length),
      });
    count++;
    yield { line, cells };
  }
  if (count === 0) throw noFigures(file);
}

const noFigures = (where: string): Fault =>
  new Fault({ where, expected: 'a line of names, and lines of figures', got: 'no figures' });

function* linesOf(
  text: string,
): Generator<{ readonly line: number; readonly text: string }, undefined, undefined> {
  let line = 1;
  for (let from = text.startsWith('\uFEFF') ? 1 : 0; from <= text.length; line++) {
    const at = text.indexOf('\n', from);
    const end = at === -1 ? text.length : at;
    yield { line, text: text.slice(from, text[end - 1] === '\r' ? Math.max(from, end - 1) : end) };
    from = end + 1;
  }
  return undefined;
}

const cellsOf = (line: string): readonly string[] =>
  line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));

function figureIn(file: string, line: number, name: string, cell = ''): number | undefined {
  if (cell === '' || /^nan$/i.test(cell)) return undefined;
  if (!number.test(cell))
    throw new Fault({ where: file, line, expected: `a number for ${name}`, got: cell.slice(0, 80) });
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
