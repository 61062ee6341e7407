/** Suggestions as a table for people, with reasons (`--why`) and a footer. */

import { type Column, renderColumns } from '../layout/columns.ts';
import { wrap, wrapWords } from '../layout/wrap.ts';
import { formatShare, formatRounded as size } from '../model/bytes.ts';
import type { Learning, Recommendation, Suggestions, UsedProbe } from '../model/recommendation.ts';
import { nearest, printable } from '../model/text.ts';
import { dateOf, daySeconds, formatSpan } from '../model/time.ts';
import { beforeYouApply, doubtOf } from './doubt.ts';
import { needsNow } from './needs.ts';
import {
  changes,
  reasonsOf,
  rowsOfSuggestions,
  type SuggestionRow,
  type SuggestionSort,
  totalsOf,
} from './rows.ts';

export interface SuggestOptions {
  readonly sortBy: SuggestionSort;
  readonly headers: boolean;
  /** Shows the reasons under each row. */
  readonly why: boolean;
  readonly columns?: number;
  /** The footer explains an empty table by it. */
  readonly asked?: Asked;
  /** Seconds since 1970, for the age of the histories. The time of the suggestions unless given: with files that is the newest. */
  readonly now?: number;
}

/** What the user asked for, and what there is instead. */
export interface Asked {
  readonly workload?: string;
  readonly namespace?: string;
  /** Workloads with a history in that namespace: `deployment/cart`. */
  readonly known: readonly string[];
  /** Suggestions that `--min-confidence` left out. */
  readonly unsure: number;
}

/** `512Mi → 212Mi`; `512Mi =` for a value that stays. */
function change(now: number | undefined, then: number | undefined, learning: Learning | undefined): string {
  if (then === undefined) return '-';
  if (now === undefined) return `- → ${size(then)}`;
  // Without `=`: the value stays because the history is too short, not because it is right.
  if (then === now && learning !== undefined) return size(now);
  if (then === now) return `${size(now)} =`;
  // Two sizes that look alike in three digits are shown in mebibytes.
  const inMiB = (amount: number): string => `${Math.round(amount / 2 ** 20)}Mi`;
  return size(now) === size(then) ? `${inMiB(now)} → ${inMiB(then)}` : `${size(now)} → ${size(then)}`;
}

const signed = (amount: number): string => (amount < 0 ? `needs ${size(-amount)}` : size(amount));

/** Those that `rows` fill. */
export const suggestionColumns = (rows: readonly SuggestionRow[]): readonly Column<SuggestionRow>[] => {
  // Outside a cluster there are no namespaces and no pods.
  const inPods = rows.some(({ suggestion }) => suggestion.key.namespace !== '');
  const namespaces = new Set(rows.map(({ suggestion }) => suggestion.key.namespace));
  return [
    ...(inPods
      ? [
          {
            heading: 'NAMESPACE',
            rank: namespaces.size === 1 ? 6 : 1,
            cell: ({ suggestion }: SuggestionRow) => printable(suggestion.key.namespace),
          },
        ]
      : []),
    { heading: 'WORKLOAD', cell: ({ suggestion }) => printable(suggestion.key.workload) },
    ...(inPods
      ? [{ heading: 'CONTAINER', cell: ({ suggestion }: SuggestionRow) => containerName(suggestion) }]
      : []),
    { heading: 'RUN', rank: 5, right: true, cell: ({ suggestion }) => String(suggestion.replicas) },
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
    ...(rows.some((row) => probeThatCounts(row) !== undefined)
      ? [
          {
            heading: 'BEFORE PROBE',
            rank: 7,
            right: true,
            cell: (row: SuggestionRow) => withoutText(probeThatCounts(row)?.without),
          },
        ]
      : []),
    { heading: 'FREES', rank: 3, right: true, cell: ({ frees }) => (frees === 0 ? '-' : signed(frees)) },
    { heading: 'RISK NOW', cell: ({ risk }) => (risk === '' ? '-' : risk) },
    { heading: 'CONFIDENCE', rank: 2, cell: ({ suggestion }) => confidenceText(suggestion.recommendation) },
    {
      heading: 'HISTORY',
      rank: 4,
      right: true,
      cell: ({ suggestion }) =>
        `${formatSpan(suggestion.recommendation.days * daySeconds)}${doubtOf(suggestion) === undefined ? '' : ' *'}`,
    },
  ];
};

/** The probe that the values of a row use. While learning they use none. */
const probeThatCounts = ({ suggestion: { recommendation } }: SuggestionRow): UsedProbe | undefined =>
  recommendation.learning === undefined && !recommendation.probe?.isUnused ? recommendation.probe : undefined;

/** `12Mi, 101Mi`: request and limit. */
const withoutText = (without: UsedProbe['without'] | undefined): string =>
  without === undefined ? '-' : `${size(without.request)}, ${size(without.limit)}`;

const containerName = ({ key, setting, isWholePod }: SuggestionRow['suggestion']): string =>
  isWholePod
    ? '(whole pod)'
    : `${printable(key.container)}${setting.type === 'init' || setting.type === 'sidecar' ? ` (${setting.type})` : ''}`;

/** While learning, the peak so far is all that is certain. */
const confidenceText = ({ confidence, learning }: Recommendation): string =>
  learning === undefined ? confidence : `learning, peak ${size(learning.peak)}`;

export function renderSuggestions(suggestions: Suggestions, options: SuggestOptions): string {
  const rows = rowsOfSuggestions(suggestions, options.sortBy);
  const table =
    rows.length === 0 ? '' : renderColumns(suggestionColumns(rows), rows, options.headers, options.columns);
  const body = options.why ? withReasons(table, rows, options) : table;
  if (!options.headers) return body;
  const { columns = Number.POSITIVE_INFINITY } = options;
  return `${body}${body === '' ? '' : '\n'}${footer(suggestions, rows, options)
    .flatMap((line) => wrapNote(line, columns))
    .map((line) => `${line}\n`)
    .join('')}`;
}

/** A command at the end of a note stays in one piece, to copy. */
function wrapNote(note: string, columns: number): readonly string[] {
  const [before, command] = note.split(/(?<=: )(?=kubectl )/, 2);
  const words = (before ?? '').trim().split(' ');
  return wrapWords(command === undefined ? words : [...words, command], columns, '');
}

function withReasons(
  table: string,
  rows: readonly SuggestionRow[],
  { headers, columns = Number.POSITIVE_INFINITY }: SuggestOptions,
): string {
  const lines = table.split('\n');
  const first = headers ? 1 : 0;
  return [
    ...lines.slice(0, first),
    ...rows.flatMap((row, index) => [
      lines[first + index] ?? '',
      ...reasonsFor(row).flatMap((why) => wrap(printable(why), columns, '    ')),
    ]),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

export const reasonsFor = (row: SuggestionRow): readonly string[] => [
  ...reasonsOf(row.suggestion),
  ...whyKept(row),
];

/** Explains `256Mi =` after a reason that says another size. */
function whyKept({ suggestion: { setting, recommendation }, request, limit }: SuggestionRow): string[] {
  if (recommendation.learning !== undefined) return [];
  const kept = (name: string, now: number | undefined, then: number | undefined, target: number) =>
    now === undefined || then !== now || size(now) === size(target)
      ? []
      : [`The ${name} stays at ${size(now)}: it differs from ${size(target)} by at most 10 %`];
  return [
    ...kept('request', setting.request, request, recommendation.request.target),
    ...kept('limit', setting.limit, limit, recommendation.limit.target),
  ];
}

function footer(
  suggestions: Suggestions,
  rows: readonly SuggestionRow[],
  options: SuggestOptions,
): readonly string[] {
  const lines = summaryOf(suggestions, rows, options);
  if (rows.length === 0) return lines;
  const commands = rows.some(changes) ? 'realmem applies nothing: -o patch prints the commands to run.' : '';
  const reasons = options.why ? '' : '--why shows the reasons.';
  const last = [commands, reasons].filter((part) => part !== '').join(' ');
  return last === '' ? lines : [...lines, last];
}

/** Sentences about all rows. The first one has the total, or says why there is no row. */
export function summaryOf(
  suggestions: Suggestions,
  rows: readonly SuggestionRow[],
  { asked, now = suggestions.at }: Pick<SuggestOptions, 'asked' | 'now'>,
): readonly string[] {
  const { nodes, oldestAt, stale, capacityBytes, faults } = suggestions;
  const total = totalsOf(rows);
  const ofAll =
    capacityBytes === undefined ? undefined : formatShare(Math.abs(total.frees), capacityBytes, 1);
  const where = nodes === 1 ? 'this node' : `the ${nodes} nodes`;
  const share = ofAll === undefined ? '' : ` (${ofAll} of the ${size(capacityBytes ?? 0)} of ${where})`;
  const lines = [
    rows.length === 0
      ? whyEmpty(asked)
      : total.frees === 0
        ? `REQUESTS ${size(total.now)}, unchanged`
        : `REQUESTS ${size(total.now)} → ${size(total.after)}   ${total.frees < 0 ? 'NEEDS' : 'FREES'} ${size(Math.abs(total.frees))}${share}`,
  ];
  lines.push(...needsNow(rows));
  const low = rows.filter(({ suggestion }) => suggestion.recommendation.confidence === 'low').length;
  const young = rows.filter(({ suggestion }) => suggestion.recommendation.learning !== undefined).length;
  if (young > 0)
    lines.push(
      `Learning (${young} of ${rows.length} rows): less than a day of history. Until then realmem suggests no cut, and a raise only after an OOM kill. --min-confidence low shows raises and cuts from less than a day.`,
    );
  else if (low > 0)
    lines.push(
      `Low confidence (${low} of ${rows.length} rows): less than a day of history. It may not include nights, peaks or jobs.`,
    );
  if (oldestAt !== undefined)
    lines.push(
      nodes === 1
        ? `From the history of one node, written ${whenOf(oldestAt, now)}.`
        : `From the histories of ${nodes} nodes. The oldest was written ${whenOf(oldestAt, now)}.`,
    );
  if (oldestAt !== undefined && (young > 0 || low > 0))
    lines.push(
      'A history counts up to its last write. Agents write it to the cluster about hourly, and when they end.',
    );
  if (stale.length > 0)
    lines.push(
      `Stale (${stale.length} of ${nodes} nodes): no write for 3 hours. Their history counts, their running replicas do not: ${stale.slice(0, 3).map(printable).join(', ')}${stale.length > 3 ? ', …' : ''}`,
    );
  const doubts = rows.flatMap(({ suggestion }) => doubtOf(suggestion) ?? []);
  if (doubts.length > 0)
    lines.push(
      `* One node decides alone (${doubts.length} of ${rows.length} rows): -o patch comments the command out, and --why names the node.`,
    );
  const old = rows.filter(({ suggestion }) => suggestion.recommendation.probe?.old !== undefined).length;
  if (old > 0)
    lines.push(
      `Old probe (${old} of ${rows.length} rows): from more than 30 days ago, or from before a roll-out. --why names it; probe again.`,
    );
  for (const fault of faults.slice(0, 3)) lines.push(`Left out: ${printable(fault)}`);
  if (faults.length > 3) lines.push(`Left out: ${faults.length - 3} more`);
  // It applies to values that somebody sets.
  const inPods = rows.filter((row) => row.suggestion.key.namespace !== '' && changes(row));
  if (inPods.length > 0) lines.push(`${beforeYouApply(inPods)}.`);
  return lines;
}

const listed = 5;

/** The first line of the footer of an empty table. */
function whyEmpty({ workload, namespace, known, unsure }: Asked = { known: [], unsure: 0 }): string {
  if (unsure > 0)
    return `${unsure === 1 ? 'The only suggestion has' : `All ${unsure} suggestions have`} less confidence. --min-confidence low shows ${unsure === 1 ? 'it' : 'them'}.`;
  const where = namespace === undefined ? '' : ` in namespace ${printable(namespace)}`;
  if (workload === undefined)
    return `No history${where}: no agent has observed a container or a service${where === '' ? ' yet' : ' there'}.`;
  const none = `No history for ${printable(workload)}${where}.`;
  if (known.length === 0) return none;
  const near = similarTo(workload.toLowerCase(), known);
  const some = known.slice(0, listed).map(printable).join(', ');
  const hint = near === undefined ? '' : ` Did you mean ${printable(near)}?`;
  return `${none}${hint} Known workloads: ${some}${known.length > listed ? ', …' : ''}`;
}

/** Compares names first, without the kind: `deploy/cart` means `deployment/cart`. */
function similarTo(workload: string, known: readonly string[]): string | undefined {
  const nameIn = (text: string): string => text.slice(text.indexOf('/') + 1).toLowerCase();
  const name = nameIn(workload);
  return (
    known.find((one) => nameIn(one) === name) ??
    known.find((one) => name !== '' && nameIn(one).startsWith(name)) ??
    nearest(workload, known)
  );
}

/** An age up to two days, then the day. */
const whenOf = (at: number, now: number): string =>
  now - at < 2 * daySeconds ? `${ageOf(now - at)} ago` : `on ${dateOf(at * 1000).slice(0, 10)}`;

const ageOf = (seconds: number): string =>
  seconds < 120
    ? `${Math.max(0, Math.round(seconds))} s`
    : seconds < 7200
      ? `${Math.round(seconds / 60)} min`
      : `${Math.round(seconds / 3600)} h`;
