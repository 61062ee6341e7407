/** The lines below a cluster's table: what needs attention, the sums, and what is stale, missing or wrong. */
import type { Tone } from '../layout/look.ts';
import { cutMiddle, widthOf } from '../layout/width.ts';
import { wrapWords } from '../layout/wrap.ts';
import { type Bytes, formatBytes, formatShare, sumOf } from '../model/bytes.ts';
import { compareText, nearest, printable, quoted } from '../model/text.ts';
import { limitInForce } from '../model/usage.ts';
import { realSize } from '../render/node-lines.ts';
import type { Row } from '../render/row.ts';
import { rowTone, shortAge, totalRow } from '../render/row-columns.ts';
import { sortRows } from '../render/sort-rows.ts';
import { countedText } from '../report/conditions.ts';
import { clusterRows } from './rows.ts';
import type { ClusterView, NodeView, Only } from './view.ts';

/** A sentence below the table. A line breaks between its parts. */
export interface Note {
  readonly parts: readonly string[];
  readonly tone?: Tone;
}

export const sentence = (text: string): Note => ({ parts: text.split(' ') });

/** A part that is wider than the screen is cut in the middle, as names in the table are. */
export const noteLines = ({ parts }: Note, columns = Number.POSITIVE_INFINITY): readonly string[] =>
  wrapWords(
    parts.map((part) => cutMiddle(part, columns)),
    columns,
    '',
  );

/** Begins the line with the next command. */
const next = 'Next: ';

/** Rows that the lines below the table name. */
const mostUrgent = 3;

/** The most urgent rows, and what to type next: in a long table they are out of sight. */
function attentionNotes(rows: readonly Row[], columns = Number.POSITIVE_INFINITY): readonly Note[] {
  const urgent = urgentOf(rows);
  const [first] = urgent;
  const text = attentionText(urgent);
  if (first === undefined || text === undefined) return [];
  const explain = `kubectl realmem explain ${printable(first.target)}`;
  return [
    sentence(text),
    // A command to copy stays on one line.
    {
      parts: [
        `${next}${widthOf(next + explain) >= columns ? 'kubectl realmem explain TARGET' : explain},`,
        'or kubectl realmem suggest',
      ],
    },
  ];
}

/** Names of nodes in one line. */
const mostNodes = 5;

export const urgentOf = (rows: readonly Row[]): readonly Row[] =>
  sortRows(
    rows.filter((row) => rowTone(row) === 'bad' && row.staleSeconds === undefined),
    'real%',
  );

/** Undefined: no pod needs attention. */
export function attentionText(urgent: readonly Row[]): string | undefined {
  if (urgent[0]?.labels['POD'] === undefined) return undefined;
  const shown = urgent.slice(0, mostUrgent).map((row) => {
    const { usage, verdict, target } = row;
    const limit = limitInForce(usage);
    const share =
      usage.realBytes === undefined || limit === undefined
        ? []
        : [`${formatShare(usage.realBytes, limit.bytes, 0)} of ${formatBytes(limit.bytes)}`];
    const kills = (usage.oomKills ?? 0) > 0 ? [countedText(usage.oomKills ?? 0, 'OOM kill')] : [];
    return `${printable(target)} (${[...(verdict === undefined ? [] : [verdict]), ...share, ...kills].join(', ')})`;
  });
  const more = urgent.length > mostUrgent ? `, and ${urgent.length - mostUrgent} more (--sort-by real%)` : '';
  return `ATTENTION ${shown.join(', ')}${more}`;
}

/** The one verdict that says something about the history, not about the memory. */
const legend = (rows: readonly Row[]): readonly Note[] =>
  rows.some(({ verdict }) => verdict === 'Learning')
    ? [sentence('Learning: less than a day of history, so realmem suggests no lower values yet.')]
    : [];

/** What needs attention, the sums of the cluster, and what is wrong with its figures. @param columns of the terminal */
export const notesBelow = (
  view: ClusterView,
  rows: readonly Row[],
  columns: number | undefined,
): readonly Note[] => [
  ...attentionNotes(rows, columns),
  ...legend(rows),
  ...noteSums(view).map(figuresNote),
  ...clusterWarnings(view).map((warning): Note => ({ ...sentence(warning), tone: 'warn' })),
  ...view.notes.map((note) => sentence(printable(note))),
];

/** What is stale, missing or wrong, a line each, safe to print. */
export function clusterWarnings({ nodes, missing, at }: ClusterView): readonly string[] {
  const stale = nodes.filter(({ isStale }) => isStale).map((node) => `${node.name} (${ageText(node, at)})`);
  return [
    ...(stale.length === 0 ? [] : [`STALE ${named(stale)}: see kubectl realmem doctor`]),
    ...(missing.length === 0
      ? []
      : [
          `MISSING ${named(missing)}: an agent should run there, and it has not reported; see kubectl realmem doctor`,
        ]),
    ...conditionLines(nodes),
  ];
}

function named(names: readonly string[]): string {
  const shown = names.slice(0, mostNodes).map((name) => printable(name));
  return `${shown.join(', ')}${names.length > mostNodes ? ` and ${names.length - mostNodes} more` : ''}`;
}

/** The sums of all nodes in one line. Where pods are left out, the sums of those that are shown come first. Not escaped. */
export const clusterLines = (view: ClusterView): readonly string[] =>
  noteSums(view).map((figures) => figures.join('   '));

/** A line breaks between two figures only. */
const figuresNote = (figures: readonly string[]): Note => ({
  parts: figures.map((text, index) =>
    index === figures.length - 1 ? printable(text) : `${printable(text)}  `,
  ),
});

export function noteSums({ nodes, only }: ClusterView): readonly (readonly string[])[] {
  const pods = nodes.reduce((sum, node) => sum + node.pods.length, 0);
  const ofNodes = nodeFigures(nodes);
  const cluster = `CLUSTER ${countedText(nodes.length, 'node')}`;
  if (only === undefined) return [[cluster, countedText(pods, 'pod'), ...ofNodes]];
  return [podFigures(nodes, only, pods), ...(ofNodes.length === 0 ? [] : [[cluster, ...ofNodes]])];
}

/** The pods that are shown, where others are left out. */
function podFigures(
  nodes: readonly NodeView[],
  { namespace, selector }: Only,
  pods: number,
): readonly string[] {
  const used = nodes.filter((node) => node.pods.length > 0);
  const rows = clusterRows({ at: 0, nodes: used, missing: [], notes: [] }, 'pod');
  const { usage } = totalRow(rows, []);
  return [
    ...(namespace === undefined ? [] : [`NAMESPACE ${namespace}`]),
    ...(selector === undefined ? [] : [`SELECTOR ${selector}`]),
    `${countedText(pods, 'pod')} on ${countedText(used.length, 'node')}`,
    ...(usage.realBytes === undefined ? [] : [`REAL ${realSize(usage) ?? ''}`]),
    ...(usage.requestBytes === undefined ? [] : [`REQUESTS ${formatBytes(usage.requestBytes)}`]),
  ];
}

function nodeFigures(nodes: readonly NodeView[]): readonly string[] {
  const [capacity, real, used] = [
    sumOf(nodes, (node) => node.capacity),
    sumOf(nodes, (node) => node.real),
    sumOf(nodes, (node) => node.used),
  ];
  const figure = (heading: string, amount: Bytes | undefined): readonly string[] =>
    amount === undefined
      ? []
      : [
          `${heading} ${formatBytes(amount)}${capacity === undefined ? '' : ` (${formatShare(amount, capacity, 0)})`}`,
        ];
  return [
    ...(capacity === undefined ? [] : [`CAPACITY ${formatBytes(capacity)}`]),
    ...figure('REAL', real),
    ...figure('USED with cache', used),
  ];
}

/** Namespaces that a message names. */
const mostNamespaces = 3;

/** A namespace in which no agent saw a pod, with names like it: it may be mistyped. Undefined: it has some. Safe to print. */
export function noPodsNote({ nodes, only, namespaces }: ClusterView): string | undefined {
  const { namespace } = only ?? {};
  if (namespace === undefined || nodes.some(({ pods }) => pods.length > 0)) return undefined;
  // The labels of -l match none of its pods.
  if (namespaces?.includes(namespace)) return undefined;
  if (namespaces === undefined) return `No pods found in namespace ${quoted(namespace)}.`;
  const inside = namespaces.filter((one) => one.includes(namespace)).toSorted(compareText);
  const near = inside.length > 0 ? inside.slice(0, mostNamespaces) : [nearest(namespace, namespaces)];
  const names = near.flatMap((name) => (name === undefined ? [] : [printable(name)]));
  const hint = names.length === 0 ? '.' : `; did you mean ${names.join(', ')}?`;
  return `No pods of namespace ${quoted(namespace)} are in any report${hint}`;
}

/** Conditions that are not true, each once, with the nodes that have it. */
function conditionLines(nodes: readonly NodeView[]): readonly string[] {
  const groups = new Map<string, { message: string; nodes: string[] }>();
  for (const { name, conditions } of nodes)
    for (const { type, status, reason, message } of conditions) {
      if (status === 'True') continue;
      const group = groups.get(`${type} ${reason}`);
      if (group === undefined) groups.set(`${type} ${reason}`, { message, nodes: [name] });
      else group.nodes.push(name);
    }
  return [...groups.values()].map(({ message, nodes }) => `${named(nodes)}: ${printable(message)}`);
}

const ageText = ({ observedAt }: NodeView, at: number): string => {
  if (observedAt === undefined) return 'no time';
  return shortAge((at - observedAt) / 1000);
};
