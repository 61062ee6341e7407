/** Columns of the tables: their headings as in `kubectl realmem top` and `suggest`, their text and their order. */

import { risks } from '../../model/recommendation.ts';
import { verdicts } from '../../model/report.ts';
import { compareText } from '../../model/text.ts';
import { nearLimit } from '../../model/usage.ts';
import type { PageSuggestion } from '../data.ts';
import { type Entry, shareOf } from './entries.ts';
import type { Level, Sorting } from './scope.ts';
import { absent, kubectlSize, percent, size } from './words.ts';

export interface PageColumn<Row> {
  readonly heading: string;
  /** What it means, for the tooltip of the heading. */
  readonly meaning: string;
  /** Rows without a value come last, in both directions. */
  readonly order: (row: Row) => number | string | undefined;
  readonly text: (row: Row) => string;
  /** The column is left out where there is less room: 0 always stays. */
  readonly rank: 0 | 1 | 2 | 3;
  readonly kind: 'name' | 'bar' | 'number' | 'word';
  readonly isBad?: (row: Row) => boolean;
  /** The first click sorts from the smallest. */
  readonly isAscending?: true;
}

const sized = (
  heading: string,
  rank: PageColumn<Entry>['rank'],
  meaning: string,
  of: (entry: Entry) => number | undefined,
): PageColumn<Entry> => ({
  heading,
  rank,
  meaning,
  kind: 'number',
  order: of,
  text: (entry) => size(of(entry)),
});

/** As in the verdict NearLimit. */
export const isNearLimit = (entry: Pick<Entry, 'real' | 'limit'>): boolean =>
  (shareOf(entry) ?? 0) >= nearLimit;

const nameColumn = (heading: string): PageColumn<Entry> => ({
  ...{ heading, meaning: 'Name, and where it runs', rank: 0, kind: 'name', isAscending: true },
  order: ({ namespace = '', name }) => `${namespace}/${name}`,
  text: ({ name }) => name,
});

const nameHeading: Readonly<Record<Level, string>> = {
  node: 'NODE',
  namespace: 'NAMESPACE',
  workload: 'WORKLOAD',
  pod: 'POD',
  container: 'CONTAINER',
};

/** @param hasPods without pods the rows are cgroups, and kubectl shows none of them */
export function memoryColumns(by: Level, hasPods: boolean): readonly PageColumn<Entry>[] {
  const isNode = by === 'node';
  const limit = isNode ? 'CAPACITY' : 'LIMIT';
  return [
    nameColumn(hasPods ? nameHeading[by] : 'CGROUP'),
    {
      ...{ heading: 'MEMORY', rank: 2, kind: 'bar', order: shareOf, text: () => '' },
      meaning: `Real and page cache as shares of the ${limit.toLowerCase()}; the line marks the request`,
    },
    sized('REAL', 0, 'Memory in use that the kernel cannot give back', ({ real }) => real),
    sized(
      limit,
      1,
      isNode ? 'Memory of the node' : 'The limit that growing usage reaches first',
      (one) => one.limit,
    ),
    {
      ...{ heading: 'REAL%', rank: 0, kind: 'number', order: shareOf },
      ...{ meaning: `Real as a share of the ${limit.toLowerCase()}`, isBad: isNearLimit },
      text: (entry) => percent(shareOf(entry)),
    },
    sized('REQUEST', 2, 'Requested memory: what the scheduler counts', ({ request }) => request),
    ...(by === 'container'
      ? [sized('PEAK', 3, 'The largest real that the agent saw', ({ peak }) => peak)]
      : []),
    {
      ...{
        heading: hasPods ? 'KUBECTL-TOP' : 'WORKING-SET',
        rank: 1,
        kind: 'number',
        order: ({ workingSet }) => workingSet,
      },
      meaning: 'What kubectl top and docker stats show: with active page cache',
      text: ({ workingSet }) => kubectlSize(workingSet),
    },
    {
      ...{ heading: 'OOMS', rank: 2, kind: 'number', order: ({ ooms }) => ooms },
      meaning: 'OOM kills, across restarts',
      text: ({ ooms }) => (ooms === undefined ? '–' : String(ooms)),
      isBad: ({ ooms = 0 }) => ooms > 0,
    },
    ...(isNode
      ? []
      : [
          {
            ...{ heading: 'VERDICT', rank: 1, kind: 'word', isAscending: true },
            meaning: 'The first condition that matches, the most urgent first',
            order: ({ verdict }) => (verdict === undefined ? undefined : verdicts.indexOf(verdict)),
            text: ({ verdict }) => verdict ?? '–',
            isBad: ({ verdict }) => isUrgent(verdict),
          } satisfies PageColumn<Entry>,
        ]),
    ...(isNode || by === 'namespace'
      ? []
      : [
          sized('SUGGEST-REQ', 3, 'The request to set', ({ suggestRequest }) => suggestRequest),
          sized('SUGGEST-LIM', 3, 'The limit to set', ({ suggestLimit }) => suggestLimit),
        ]),
  ];
}

export const isUrgent = (verdict: string | undefined): boolean =>
  verdict === 'OOMKilled' || verdict === 'NearLimit' || verdict === 'Throttled' || verdict === 'Leaking';

export interface SuggestionEntry extends PageSuggestion {
  readonly key: string;
  readonly workloadKey: string;
  readonly name: string;
  readonly detail: string;
  /** In lower case, for the filter. */
  readonly search: string;
}

const change = (
  heading: string,
  meaning: string,
  of: (row: SuggestionEntry) => readonly [now: number | undefined, then: number | undefined],
): PageColumn<SuggestionEntry> => ({
  ...{ heading, meaning, rank: heading === 'REQUEST' ? 0 : 1, kind: 'number' },
  order: (row) => of(row)[1],
  text: (row) => changeText(...of(row), row.learningPeak !== undefined),
});

/** `128Mi → 64Mi`, `128Mi =`. @param isLearning a value stays because the history is too short, not because it is right */
export function changeText(now: number | undefined, then: number | undefined, isLearning = false): string {
  if (now !== then) return `${size(now)} → ${size(then)}`;
  return now === undefined || isLearning ? size(now) : `${size(now)} =`;
}

/** As in the table of `suggest`: `41Mi`, `needs 30Mi`. */
const freesText = (frees: number): string =>
  frees === 0 ? absent : frees < 0 ? `needs ${size(-frees)}` : size(frees);

/** As in the table of `suggest`. */
const confidenceText = ({ confidence, learningPeak }: SuggestionEntry): string =>
  learningPeak === undefined ? (confidence ?? absent) : `learning, peak ${size(learningPeak)}`;

export const suggestedColumns: readonly PageColumn<SuggestionEntry>[] = [
  {
    ...{ heading: 'CONTAINER', meaning: 'Container of a workload', rank: 0, kind: 'name', isAscending: true },
    order: ({ key }) => key,
    text: ({ name }) => name,
  },
  {
    ...{ heading: 'RUN', meaning: 'Replicas that run now', rank: 2, kind: 'number' },
    ...{ order: ({ replicas }) => replicas, text: ({ replicas }) => String(replicas) },
  },
  change('REQUEST', 'Request now → to set', ({ requestNow, request }) => [requestNow, request]),
  change('LIMIT', 'Limit now → to set', ({ limitNow, limit }) => [limitNow, limit]),
  {
    ...{ heading: 'FREES', meaning: 'Request freed by all replicas together', rank: 1, kind: 'number' },
    ...{ order: ({ frees }) => frees, text: ({ frees }) => freesText(frees) },
  },
  {
    ...{ heading: 'RISK NOW', meaning: 'What is wrong with the values now', rank: 1, kind: 'word' },
    ...{ isAscending: true, isBad: ({ risk }) => risk !== '' && risk !== 'too much' },
    order: ({ risk }) => risks.indexOf(risk),
    text: ({ risk }) => (risk === '' ? '–' : risk),
  },
  {
    ...{ heading: 'CONFIDENCE', meaning: 'By length of the history', rank: 2, kind: 'word' },
    ...{ order: ({ days }) => days, text: confidenceText },
  },
];

/** Leaves out columns that have no value in any row. */
export const filled = <Row>(
  columns: readonly PageColumn<Row>[],
  rows: readonly Row[],
): readonly PageColumn<Row>[] =>
  columns.filter((column) => column.rank === 0 || rows.some((row) => column.order(row) !== undefined));

/** Ties keep the order of `rows`. */
export function sorted<Row>(
  rows: readonly Row[],
  columns: readonly PageColumn<Row>[],
  { column, isDescending }: Sorting,
): readonly Row[] {
  const by = columns.find(({ heading }) => heading === column);
  if (by === undefined) return rows;
  // Each key is computed once, not once for each comparison.
  const keyed = rows.map((row) => ({ row, key: by.order(row) }));
  const sign = isDescending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.key === undefined || b.key === undefined)
      return Number(a.key === undefined) - Number(b.key === undefined);
    return sign * compared(a.key, b.key);
  });
  return keyed.map(({ row }) => row);
}

const compared = (a: number | string, b: number | string): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : compareText(String(a), String(b));
