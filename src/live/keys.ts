/** The keys of the live view, and what they do. */
import type { Key } from '../edges/terminal/terminal.ts';
import { markOf } from '../layout/look.ts';
import { wrap } from '../layout/wrap.ts';
import type { Verdict } from '../model/report.ts';
import { type Grouping, groupings } from '../render/row.ts';

export type Action =
  | { readonly kind: 'move'; readonly lines: number }
  | { readonly kind: 'page'; readonly pages: number }
  | { readonly kind: 'first' | 'last' | 'open' | 'back' | 'filter' | 'help' | 'quit' | 'redraw' | 'suspend' }
  | { readonly kind: 'sort'; readonly step: 1 | -1 }
  | { readonly kind: 'group'; readonly by: Grouping }
  | { readonly kind: 'next group'; readonly step: 1 | -1 };

const named: Readonly<Record<string, Action>> = {
  up: { kind: 'move', lines: -1 },
  down: { kind: 'move', lines: 1 },
  pageup: { kind: 'page', pages: -1 },
  pagedown: { kind: 'page', pages: 1 },
  home: { kind: 'first' },
  end: { kind: 'last' },
  return: { kind: 'open' },
  enter: { kind: 'open' },
  right: { kind: 'open' },
  left: { kind: 'back' },
  escape: { kind: 'back' },
  f1: { kind: 'help' },
};

const typed: Readonly<Record<string, Action>> = {
  k: { kind: 'move', lines: -1 },
  j: { kind: 'move', lines: 1 },
  g: { kind: 'first' },
  G: { kind: 'last' },
  ' ': { kind: 'page', pages: 1 },
  '/': { kind: 'filter' },
  s: { kind: 'sort', step: 1 },
  S: { kind: 'sort', step: -1 },
  '?': { kind: 'help' },
  h: { kind: 'help' },
  q: { kind: 'quit' },
};

const withCtrl: Readonly<Record<string, Action>> = {
  c: { kind: 'quit' },
  l: { kind: 'redraw' },
  z: { kind: 'suspend' },
  b: { kind: 'page', pages: -1 },
  f: { kind: 'page', pages: 1 },
  p: { kind: 'move', lines: -1 },
  n: { kind: 'move', lines: 1 },
};

/** Undefined for a key that does nothing. */
export function actionOf({ name, text, ctrl, shift }: Key): Action | undefined {
  if (ctrl) return withCtrl[name];
  if (name === 'tab') return { kind: 'next group', step: shift ? -1 : 1 };
  const by = groupings[Number(text) - 1];
  if (text !== '' && by !== undefined) return { kind: 'group', by };
  return text === '' ? named[name] : typed[text];
}

/** What the footer offers, the most important first. */
export const hints = {
  list: ['q quit', '? help', '/ filter', 's sort', 'Enter open', '1-5 or Tab rows by', 'Esc back'],
  opened: ['Esc back', 'q quit', '? help', 'j k scroll'],
  help: ['Esc back', 'q quit', 'j k scroll'],
  filter: ['Enter keep', 'Esc clear'],
} as const;

/** The keys and the words of the screen: terms with their texts, '' before a heading. */
const help: readonly (readonly [term: string, text: string])[] = [
  ['', 'Keys'],
  ['up, down, k, j', 'select a row'],
  ['PgUp, PgDn, Space', 'one page'],
  ['g, G, Home, End', 'first row, last row'],
  ['Enter', 'open the row: its pods, its containers, or its figures'],
  ['Esc', 'back; clears the filter'],
  ['/', 'filter names; Enter keeps the filter, Esc clears it'],
  ['s, S', 'sort by the next column, by the one before'],
  ['1 2 3 4 5, Tab', 'containers, pods, workloads, namespaces, nodes'],
  ['Ctrl-L', 'draw the screen anew'],
  ['Ctrl-Z', 'stop; fg continues'],
  ['q, Ctrl-C', 'quit'],
  ['', 'Figures'],
  ['REAL', 'memory that the kernel cannot take back, without page cache'],
  ['LIMIT', 'the memory limit that applies first'],
  ['REAL%', 'real as a share of the limit'],
  ['REQUEST', 'the memory request'],
  ['%REQ', 'real as a share of the request; of a node: real of its pods'],
  ['PEAK', 'the largest real that the agent saw'],
  ['KUBECTL-TOP', 'what kubectl top shows: with some page cache'],
  ['OOMS', 'OOM kills'],
  ['', 'Marks'],
  ['bad', 'act now: OOM killed, or near the limit'],
  ['warn', 'look at it: throttled, or leaking'],
  ['', 'Verdicts'],
  ...Object.entries({
    OOMKilled: 'an OOM kill within a day',
    Throttled: 'memory.high slows it down',
    NearLimit: 'real is 90 % of a limit or more',
    Leaking: 'real has risen for a day or more',
    Oversized: 'the request is far above the need',
    NoLimit: 'no limit is set',
    Learning: 'less than a day of history',
    OK: 'none of these',
  } satisfies Readonly<Record<Verdict, string>>),
];

const termWidth = 19;
/** Below this width a text stands below its term. */
const roomBeside = 50;

/** The help. No line is longer than the screen is wide. */
export function helpLines(columns: number, ascii: boolean): readonly string[] {
  const isBeside = columns >= roomBeside;
  const lines = help.flatMap(([term, text]): readonly string[] => {
    if (term === '') return ['', text, ''];
    const shown = term === 'bad' || term === 'warn' ? markOf(term, ascii) : term;
    const indent = ' '.repeat(isBeside ? termWidth : 2);
    const [first = '', ...others] = wrap(text, columns, indent);
    return isBeside
      ? [`${shown.padEnd(termWidth)}${first.trimStart()}`, ...others]
      : [shown, first, ...others];
  });
  return lines.slice(1);
}
