/** The rows that the NAME argument chooses. */
import { UsageError } from '../../model/located-error.ts';
import { nearest, printable, quoted } from '../../model/text.ts';
import type { Grouping, Row } from '../../render/row.ts';

/** Names in a message at most. */
const most = 8;

/** The heading of each name that can choose a row: a container also by its pod's name. */
const headings: Readonly<Record<Grouping, readonly string[]>> = {
  container: ['CONTAINER', 'POD', 'NAME'],
  pod: ['POD'],
  workload: ['WORKLOAD'],
  namespace: ['NAMESPACE'],
  node: ['NODE'],
};

interface Choice {
  readonly name: string | undefined;
  readonly by: Grouping;
}

/** Every name that can choose a row, in lower case. */
const namesOf = ({ labels, target }: Row, by: Grouping): readonly string[] => {
  const own = headings[by].flatMap((heading) => labels[heading] ?? []);
  return [target, ...own, ...own.map((label) => label.slice(label.indexOf('/') + 1))].map((text) =>
    text.toLowerCase(),
  );
};

/**
 * Rows whose name is NAME, its TARGET, or, for a workload, its name without the kind. Else rows whose name begins with it, as
 * the pods of a workload do.
 */
export function matching(rows: readonly Row[], { name, by }: Choice): readonly Row[] {
  if (name === undefined) return rows;
  const wanted = name.toLowerCase();
  const exact = rows.filter((row) => namesOf(row, by).includes(wanted));
  if (exact.length > 0) return exact;
  return rows.filter((row) => namesOf(row, by).some((text) => text.startsWith(wanted)));
}

/** The matching rows. @throws UsageError if there is none, with names that are near */
export function namedRows(rows: readonly Row[], choice: Choice): readonly Row[] {
  const { name, by } = choice;
  const found = matching(rows, choice);
  if (name === undefined || found.length > 0) return found;
  const wanted = name.toLowerCase();
  const known = [...new Set(rows.flatMap((row) => namesOf(row, by)))];
  const inside = known.filter((text) => text.includes(wanted)).slice(0, most);
  const near = inside.length > 0 ? inside : [nearest(wanted, known)].filter((text) => text !== undefined);
  throw new UsageError(
    `${by} ${quoted(name)} not found${near.length === 0 ? '' : `; did you mean ${near.map((text) => printable(text)).join(', ')}?`}`,
  );
}
