/** Text of CSV → a header and rows, one line after the other: all cells at once would be tens of times as long as the text. */
import { LocatedError } from '../model/located-error.ts';
import { longestQuote, printableUpTo } from '../model/text.ts';

export interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

interface Csv {
  /** The line of the header: rows come after it. */
  readonly line: number;
  readonly header: readonly string[];
  readonly rows: Iterable<Row>;
}

interface Line {
  readonly line: number;
  readonly text: string;
}

/**
 * Cells are separated by what the header has most of: commas, semicolons or tabs. Quoted cells may hold any of them, and
 * quotes twice, as Grafana writes labels.
 * @throws Fault for what has no header or no rows, where a column comes twice, and at a line of another length
 */
export function parseCsv(file: string, text: string): Csv {
  const lines = linesOf(text);
  let first = lines.next().value;
  // What spreadsheets write above the header to tell each other the separator.
  const told = /^sep=([,;\t])$/.exec(first?.text ?? '')?.[1];
  if (told !== undefined) first = lines.next().value;
  if (first === undefined || first.text === '') throw noFigures(file);
  const separator = told ?? separatorOf(first.text);
  const header = cellsOf(file, first, separator);
  const known = new Set<string>();
  for (const name of header) {
    const got = `${printableUpTo(longestQuote - 6, name)} twice`;
    if (known.has(name))
      throw new LocatedError({ where: file, line: first.line, expected: 'each column once', got });
    known.add(name);
  }
  return { line: first.line, header, rows: rowsOf(file, header.length, lines, separator) };
}

function* rowsOf(
  file: string,
  columns: number,
  lines: Iterable<Line>,
  separator: string,
): Generator<Row, void, undefined> {
  let count = 0;
  for (const one of lines) {
    if (one.text.trim() === '') continue;
    const { line } = one;
    const cells = cellsOf(file, one, separator);
    if (cells.length !== columns)
      throw new LocatedError({
        ...{ where: file, line, expected: `${columns} columns as in the first line` },
        got: String(cells.length),
      });
    count++;
    yield { line, cells };
  }
  if (count === 0) throw noFigures(file);
}

const noFigures = (where: string): LocatedError =>
  new LocatedError({ where, expected: 'a line of names, and lines of figures', got: 'no figures' });

function* linesOf(text: string): Generator<Line, undefined, undefined> {
  let line = 1;
  for (let from = text.startsWith('\uFEFF') ? 1 : 0; from <= text.length; line++) {
    const at = text.indexOf('\n', from);
    const end = at === -1 ? text.length : at;
    yield { line, text: text.slice(from, text[end - 1] === '\r' ? Math.max(from, end - 1) : end) };
    from = end + 1;
  }
  return undefined;
}

const separators = [',', ';', '\t'] as const;

function separatorOf(header: string): string {
  const bare = header.replaceAll(/"[^"]*"/g, '');
  const counts = separators.map((one) => ({ one, count: bare.split(one).length }));
  return counts.reduce((most, next) => (next.count > most.count ? next : most)).one;
}

/** Spaces around a cell are not its own, those between quotes are. @throws Fault where a quote does not end its cell */
function cellsOf(file: string, { line, text }: Line, separator: string): readonly string[] {
  if (!text.includes('"')) return text.split(separator).map((cell) => cell.trim());
  const cells: string[] = [];
  for (let from = 0; from <= text.length; ) {
    const quote = spacesFrom(text, from, separator);
    if (text[quote] !== '"') {
      const end = endOf(text, from, separator);
      cells.push(text.slice(from, end).trim());
      from = end + 1;
      continue;
    }
    const close = closingQuote(text, quote);
    const end = spacesFrom(text, close + 1, separator);
    if (close === -1 || (end < text.length && text[end] !== separator))
      throw new LocatedError({
        ...{ where: file, line, got: text.slice(quote) },
        expected: `a quote that closes the cell before the next ${nameOf(separator)}`,
      });
    cells.push(text.slice(quote + 1, close).replaceAll('""', '"'));
    from = end + 1;
  }
  return cells;
}

const nameOf = (separator: string): string =>
  separator === '\t' ? 'tab' : separator === ';' ? 'semicolon' : 'comma';

/** Where the spaces that begin there end. */
function spacesFrom(text: string, from: number, separator: string): number {
  let at = from;
  while (text[at] === ' ' || (text[at] === '\t' && separator !== '\t')) at++;
  return at;
}

function endOf(text: string, from: number, separator: string): number {
  const at = text.indexOf(separator, from);
  return at === -1 ? text.length : at;
}

/** Two quotes are one of the text. -1: none closes it. */
function closingQuote(text: string, open: number): number {
  let at = text.indexOf('"', open + 1);
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}
