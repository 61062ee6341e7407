/** Suggestions as people read them. */
import { formatShare, formatRounded as size } from '../model/bytes.ts';
import type { Learning, Recommendation, Suggestions } from '../model/recommendation.ts';
import { printable } from '../model/text.ts';
import { daySeconds, formatSpan } from '../model/time.ts';
import { type Column, renderColumns } from '../render/columns.ts';
import { beforeYouApply, doubtOf } from './doubt.ts';
import { reasonsOf, rowsOfSuggestions, type SuggestionRow, type SuggestionSort, totalsOf } from './rows.ts';

export interface SuggestOptions {
  readonly sortBy: SuggestionSort;
  readonly headers: boolean;
  /** With the reasons under each line. */
  readonly why: boolean;
  readonly columns?: number;
}

/** `512Mi → 212Mi`; one that stays as it is is said once. */
function change(now: number | undefined, then: number | undefined, learning: Learning | undefined): string {
  if (then === undefined) return '-';
  if (now === undefined) return `- → ${size(then)}`;
  // It stays, and nobody knows yet whether it is right.
  if (then === now && learning !== undefined) return size(now);
  if (then === now) return `${size(now)} =`;
  // What looks alike in three figures is told in mebibytes.
  const inMiB = (amount: number): string => `${Math.round(amount / 2 ** 20)}Mi`;
  return size(now) === size(then) ? `${inMiB(now)} → ${inMiB(then)}` : `${size(now)} → ${size(then)}`;
}

const signed = (amount: number): string => (amount < 0 ? `needs ${size(-amount)}` : size(amount));

const columnsOf = (rows: readonly SuggestionRow[]): readonly Column<SuggestionRow>[] => {
  // On a machine without a cluster there are no namespaces.
  const inPods = rows.some(({ suggestion }) => suggestion.key.namespace !== '');
  return [
    ...(inPods
      ? [
          {
            heading: 'NAMESPACE',
            cell: ({ suggestion }: SuggestionRow) => printable(suggestion.key.namespace),
          },
        ]
      : []),
    { heading: 'WORKLOAD', cell: ({ suggestion }) => printable(suggestion.key.workload) },
    ...(inPods
      ? [{ heading: 'CONTAINER', cell: ({ suggestion }: SuggestionRow) => containerName(suggestion) }]
      : []),
    { heading: 'RUN', right: true, cell: ({ suggestion }) => String(suggestion.replicas) },
    {
      heading: 'REQUEST',
      right: true,
      cell: ({ suggestion: { setting, recommendation }, request }) =>
        change(setting.request, request, recommendation.learning),
    },
    {
      heading: 'LIMIT',
      right: true,
      cell: ({ suggestion: { setting, recommendation }, limit }) =>
        change(setting.limit, limit, recommendation.learning),
    },
    { heading: 'FREES', right: true, cell: ({ frees }) => (frees === 0 ? '-' : signed(frees)) },
    { heading: 'RISK NOW', cell: ({ risk }) => (risk === '' ? '-' : risk) },
    { heading: 'CONFIDENCE', cell: ({ suggestion }) => confidenceOf(suggestion.recommendation) },
    {
      heading: 'SEEN',
      right: true,
      cell: ({ suggestion }) =>
        `${formatSpan(suggestion.recommendation.days * daySeconds)}${doubtOf(suggestion) === undefined ? '' : ' *'}`,
    },
  ];
};

const containerName = ({ key, setting, isWholePod }: SuggestionRow['suggestion']): string =>
  isWholePod
    ? '(whole pod)'
    : `${printable(key.container)}${setting.type === 'init' || setting.type === 'sidecar' ? ` (${setting.type})` : ''}`;

/** With what is known so far. */
const confidenceOf = ({ confidence, learning }: Recommendation): string =>
  learning === undefined ? confidence : `learning, peak ${size(learning.peak)}`;

export function renderSuggestions(suggestions: Suggestions, options: SuggestOptions): string {
  const rows = rowsOfSuggestions(suggestions, options.sortBy);
  const table =
    rows.length === 0 ? '' : renderColumns(columnsOf(rows), rows, options.headers, options.columns);
  const body = options.why ? withReasons(table, rows, options.headers) : table;
  if (!options.headers) return body;
  return `${body}${body === '' ? '' : '\n'}${footer(suggestions, rows, options)
    .map((line) => `${line}\n`)
    .join('')}`;
}

function withReasons(table: string, rows: readonly SuggestionRow[], headers: boolean): string {
  const lines = table.split('\n');
  const first = headers ? 1 : 0;
  return [
    ...lines.slice(0, first),
    ...rows.flatMap(({ suggestion }, index) => [
      lines[first + index] ?? '',
      ...reasonsOf(suggestion).map((why) => `    ${printable(why)}`),
    ]),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function footer(
  suggestions: Suggestions,
  rows: readonly SuggestionRow[],
  { why }: SuggestOptions,
): readonly string[] {
  const { at, nodes, oldestAt, stale, capacityBytes, faults } = suggestions;
  const total = totalsOf(rows);
  const ofAll =
    capacityBytes === undefined ? undefined : formatShare(Math.abs(total.frees), capacityBytes, 1);
  const where = nodes === 1 ? 'this node' : `the ${nodes} nodes`;
  const share = ofAll === undefined ? '' : ` (${ofAll} of the ${size(capacityBytes ?? 0)} of ${where})`;
  const lines = [
    rows.length === 0
      ? 'Nothing to size is remembered: no container and no service was there while an agent looked.'
      : total.frees === 0
        ? `REQUESTS ${size(total.now)} =`
        : `REQUESTS ${size(total.now)} → ${size(total.after)}   ${total.frees < 0 ? 'NEEDS' : 'FREES'} ${size(Math.abs(total.frees))}${share}`,
  ];
  const low = rows.filter(({ suggestion }) => suggestion.recommendation.confidence === 'low').length;
  const young = rows.filter(({ suggestion }) => suggestion.recommendation.learning !== undefined).length;
  if (young > 0)
    lines.push(
      `Learning (${young} of ${rows.length} lines): watched for less than a day. Until then nothing is lowered, and only an OOM kill raises. --min-confidence low shows what little was seen.`,
    );
  else if (low > 0)
    lines.push(
      `Low confidence (${low} of ${rows.length} lines): watched for less than a day, so nights, peaks and jobs may be still to come.`,
    );
  if (oldestAt !== undefined)
    lines.push(
      `From what ${nodes === 1 ? 'one node remembers' : `${nodes} nodes remember`}, written up to ${ageOf(at - oldestAt)} ago.`,
    );
  if (stale.length > 0)
    lines.push(
      `Of ${stale.length} of them what they saw counts, and what they ran does not: nothing was written for 3 hours (${stale.slice(0, 3).map(printable).join(', ')}${stale.length > 3 ? ', …' : ''}).`,
    );
  const doubts = rows.flatMap(({ suggestion }) => doubtOf(suggestion) ?? []);
  if (doubts.length > 0)
    lines.push(
      `* One node alone decides (${doubts.length} of ${rows.length} lines), and -o patch prints no command: --why names it.`,
    );
  for (const fault of faults.slice(0, 3)) lines.push(`Left out: ${printable(fault)}`);
  if (faults.length > 3) lines.push(`Left out: ${faults.length - 3} more`);
  if (rows.some(({ suggestion }) => suggestion.key.namespace !== '')) lines.push(`${beforeYouApply(rows)}.`);
  if (rows.length > 0)
    lines.push(`Nothing is applied: -o patch prints what to run.${why ? '' : ' --why says why.'}`);
  return lines;
}

const ageOf = (seconds: number): string =>
  seconds < 120
    ? `${Math.max(0, Math.round(seconds))} s`
    : seconds < 7200
      ? `${Math.round(seconds / 60)} min`
      : `${Math.round(seconds / 3600)} h`;
