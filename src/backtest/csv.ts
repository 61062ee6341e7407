/** Reads CSV text record by record. All cells at once would take tens of times the memory of the text. */
import { CsvError, parse } from 'csv-parse/sync';
import { LocatedError } from '../model/located-error.ts';
import { longestQuote, printableUpTo } from '../model/text.ts';

/** The reader calls these as it goes. What they throw ends the reading. Lines count from 1. */
export interface CsvVisitor {
  header(names: readonly string[], line: number): void;
  /** One cell for each column. `line` is where the row starts: a quoted cell may contain line breaks. */
  row(cells: readonly string[], line: number): void;
}

/** A quote that nothing closes would otherwise collect the rest of the file. */
const longestRow = 32 * 2 ** 20;

/**
 * The separator is the most frequent of comma, semicolon and tab in the header. Quoted cells may contain separators, line
 * breaks and doubled quotes: Grafana writes labels like that.
 * @throws LocatedError if the file has no header or no rows, repeats a column, breaks a quote, or has a row of another
 * length
 */
export function readCsv(file: string, text: string, visitor: CsvVisitor): void {
  let from = text.startsWith('\uFEFF') ? 1 : 0;
  let headerLine = 1;
  // Spreadsheets name the separator in a line above the header.
  const named = /^sep=([,;\t])$/.exec(lineAt(text, from))?.[1];
  if (named !== undefined) {
    headerLine++;
    from = nextLine(text, from);
  }
  if (lineAt(text, from) === '') throw noRows(file);
  const delimiter = named ?? separatorAt(text, from);
  let columns = 0;
  let rows = 0;
  /** The parser counts each \r in a quoted cell as a line of its own. */
  let returns = 0;
  let nextStart = headerLine;
  const take = (cells: readonly string[], lines: number): void => {
    const quotedBreaks = cells.filter((cell) => cell.includes('\n') || cell.includes('\r')).join('');
    returns += quotedBreaks.split('\r').length - 1;
    const end = headerLine - 1 + lines - returns;
    const line = end - (quotedBreaks.split('\n').length - 1);
    nextStart = end + 1;
    if (columns === 0) {
      columns = cells.length;
      checkNames(file, cells, line);
      visitor.header(cells, line);
      return;
    }
    // Spaces alone.
    if (cells.length === 1 && cells[0] === '' && columns > 1) return;
    if (cells.length !== columns)
      throw new LocatedError({
        ...{ where: file, line, expected: `${columns} columns as in the first line` },
        got: String(cells.length),
      });
    rows++;
    visitor.row(cells, line);
  };
  try {
    parse(from === 0 ? text : text.slice(from), {
      delimiter,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: longestRow,
      on_record(cells, { lines }) {
        take(cells, lines);
        // The parser keeps no record.
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // Nothing closed the quote, so the fault is where its row starts.
    const isOpen = error.code === 'CSV_QUOTE_NOT_CLOSED' || error.code === 'CSV_MAX_RECORD_SIZE';
    const line = isOpen ? nextStart : headerLine - 1 + Number(error['lines']) - returns;
    const wrong = lineOf(text, line);
    throw new LocatedError({
      ...{ where: file, line, got: wrong.slice(Math.max(0, wrong.indexOf('"'))) },
      expected:
        error.code === 'INVALID_OPENING_QUOTE'
          ? 'quotes around the whole cell, and doubled quotes inside it'
          : `a quote that closes the cell before the next ${nameOf(delimiter)}`,
    });
  }
  if (rows === 0) throw noRows(file);
}

function checkNames(file: string, names: readonly string[], line: number): void {
  const known = new Set<string>();
  for (const name of names) {
    const got = `${printableUpTo(longestQuote - 6, name)} twice`;
    if (known.has(name)) throw new LocatedError({ where: file, line, expected: 'each column once', got });
    known.add(name);
  }
}

const noRows = (where: string): LocatedError =>
  new LocatedError({ where, expected: 'a header and at least one row of numbers', got: 'no rows' });

/** The rest of the line at `from`. */
function lineAt(text: string, from: number): string {
  const at = text.indexOf('\n', from);
  const end = at === -1 ? text.length : at;
  return text.slice(from, text[end - 1] === '\r' ? Math.max(from, end - 1) : end);
}

function nextLine(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at === -1 ? text.length : at + 1;
}

function lineOf(text: string, line: number): string {
  let from = text.startsWith('\uFEFF') ? 1 : 0;
  for (let passed = 1; passed < line; passed++) from = nextLine(text, from);
  return lineAt(text, from);
}

const separators = [',', ';', '\t'] as const;

/** Counts outside quotes, up to the end of the header. */
function separatorAt(text: string, from: number): string {
  const counts = separators.map((one) => ({ one, count: 0 }));
  let isQuoted = false;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === '"') isQuoted = !isQuoted;
    else if (!isQuoted && char === '\n') break;
    else if (!isQuoted) for (const entry of counts) if (entry.one === char) entry.count++;
  }
  return counts.reduce((most, next) => (next.count > most.count ? next : most)).one;
}

const nameOf = (separator: string): string =>
  separator === '\t' ? 'tab' : separator === ';' ? 'semicolon' : 'comma';
