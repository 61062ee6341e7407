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

/**
 * Rows whose name is NAME, its TARGET, or, for a workload, its name without the kind. Else rows whose name begins with it, as
 * the pods of a workload do.
 * @throws UsageError if there is none, with names that are near
 */
export function named(
  rows: readonly Row[],
  { name, by }: { readonly name: string | undefined; readonly by: Grouping },
): readonly Row[] {
  if (name === undefined) return rows;
  const wanted = name.toLowerCase();
  const namesOf = ({ labels, target }: Row): readonly string[] => {
    const own = headings[by].flatMap((heading) => labels[heading] ?? []);
    return [target, ...own, ...own.map((label) => label.slice(label.indexOf('/') + 1))].map((text) =>
      text.toLowerCase(),
    );
  };
  const exact = rows.filter((row) => namesOf(row).includes(wanted));
  if (exact.length > 0) return exact;
  const begun = rows.filter((row) => namesOf(row).some((text) => text.startsWith(wanted)));
  if (begun.length > 0) return begun;
  const known = [...new Set(rows.flatMap(namesOf))];
  const inside = known.filter((text) => text.includes(wanted)).slice(0, most);
  const near = inside.length > 0 ? inside : [nearest(wanted, known)].filter((text) => text !== undefined);
  throw new UsageError(
    `${by} ${quoted(name)} not found${near.length === 0 ? '' : `; did you mean ${near.map((text) => printable(text)).join(', ')}?`}`,
  );
}
