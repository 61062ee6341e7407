/** Parses tables that commands print. */

type Row = Readonly<Record<string, string>>;

/** Returns a cell of the first row that matches. Two or more spaces separate columns. */
export function cellOf(table: string, heading: string, isWanted: (row: Row) => boolean): string {
  const [headings = [], ...lines] = table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/));
  const rows = lines.map((cells) =>
    Object.fromEntries(headings.map((name, index): [string, string] => [name, cells[index] ?? ''])),
  );
  return known(rows.find(isWanted)?.[heading], `a row in ${table}`);
}

export function known<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`expected ${what}, got none`);
  return value;
}
