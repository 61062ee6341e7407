/** The text of --help. No line is longer than the terminal is wide. */
import type { Io } from '../edges/process.ts';
import { wrap, wrapWords } from '../layout/wrap.ts';
import { clusterFlags } from './cluster-flags.ts';
import type { Command } from './command.ts';
import type { Flag } from './flags.ts';
import { hostFlags, screen } from './source-flags.ts';

type HelpIo = Pick<Io, 'isPlugin' | 'output' | 'env'>;

const margin = '  ';
const gap = 3;
/** A longer name of a flag gets lines of its own. */
const longestTerm = 30;

export function overview(commands: readonly Command[], io: HelpIo): string {
  const { columns } = screen(io);
  const program = programOf(io);
  return linesOf([
    ...wrap('realmem: how much memory containers really use', columns, ''),
    '',
    ...hanging('Usage: ', [program, 'COMMAND', '[flags]'], columns),
    '',
    ...entries(
      commands.map(({ name, about }) => ({ term: name, text: about })),
      columns,
    ),
    '',
    ...wrap(
      `Use "${program} COMMAND --help" for the flags of a command, and "${program} --version" for the version.`,
      columns,
      '',
    ),
    ...(io.isPlugin
      ? wrap('Commands with cluster flags read the cluster, or this machine with --local.', columns, '')
      : []),
    ...wrap(
      'Exit codes: 0 success; 1 the command failed or found a fault; 2 wrong command line or configuration; 3 cannot read the host or the cluster.',
      columns,
      '',
    ),
  ]);
}

export function commandHelp({ name, takes, about, notes, flags, examples }: Command, io: HelpIo): string {
  const { columns } = screen(io);
  const program = programOf(io);
  const groups = groupsOf(flags);
  const usage = [
    `${program} ${name}`,
    ...(takes === undefined ? [] : takes.split(' ')),
    ...(groups.length === 0 ? [] : ['[flags]']),
  ];
  return linesOf([
    ...wrap(`${about.charAt(0).toUpperCase()}${about.slice(1)}.`, columns, ''),
    '',
    ...hanging('Usage: ', usage, columns),
    '',
    ...(notes === undefined ? [] : [...notes.flatMap((note) => wrap(note, columns, '')), '']),
    ...groups.flatMap(({ heading, entries: all }) => [`${heading}:`, ...entries(all, columns), '']),
    'Examples:',
    ...examplesFor(examples, io).flatMap((example) => continued(example, columns)),
  ]);
}

const programOf = ({ isPlugin }: HelpIo): string => (isPlugin ? 'kubectl realmem' : 'realmem');

interface Entry {
  readonly term: string;
  readonly text: string;
}

/** Flags of the command itself, then those that many commands share. */
function groupsOf(
  flags: Command['flags'],
): readonly { readonly heading: string; readonly entries: readonly Entry[] }[] {
  const shared = [
    { heading: 'Cluster flags', of: new Set(Object.values(clusterFlags)) },
    { heading: 'Host flags', of: new Set(Object.values(hostFlags)) },
  ];
  const all = Object.entries(flags);
  const own = all.filter(([, flag]) => !shared.some(({ of }) => of.has(flag)));
  return [
    { heading: 'Flags', entries: own.map(entryOf) },
    ...shared.map(({ heading, of }) => ({
      heading,
      entries: all.filter(([, flag]) => of.has(flag)).map(entryOf),
    })),
  ].filter((group) => group.entries.length > 0);
}

const entryOf = ([name, { short, takes, about }]: readonly [string, Flag]): Entry => ({
  term: `${short === undefined ? '    ' : `-${short}, `}--${name}${takes === undefined ? '' : ` ${takes}`}`,
  text: about,
});

/** Terms, and beside or below them their texts. */
function entries(all: readonly Entry[], columns: number): readonly string[] {
  const most = Math.min(longestTerm, Math.floor(columns / 2) - margin.length - gap);
  const fitting = all.filter(({ term }) => term.length <= most);
  const width = Math.max(0, ...fitting.map(({ term }) => term.length));
  const indent = ' '.repeat(margin.length + (width === 0 ? 2 * gap : width + gap));
  return all.flatMap(({ term, text }) => {
    const lines = wrap(text, columns, indent);
    if (term.length > width) return [...termLines(term, columns), ...lines];
    return [`${margin}${term}`.padEnd(indent.length) + (lines[0] ?? '').trimStart(), ...lines.slice(1)];
  });
}

/** Breaks a list of words at its bars: `--output table|wide|json`. */
function termLines(term: string, columns: number): readonly string[] {
  const indent = `${margin}${' '.repeat(4)}`;
  const lines: string[] = [];
  let line = margin;
  for (const part of term.split(/(?<=\|)/)) {
    if (line.trim() !== '' && line.length + part.length > columns) {
      lines.push(line);
      line = `${indent}${margin}`;
    }
    line += part;
  }
  return [...lines, line];
}

/** Words after a heading. Further lines begin below the first word. */
function hanging(heading: string, words: readonly string[], columns: number): readonly string[] {
  const [first = '', ...others] = wrapWords(words, columns, ' '.repeat(heading.length));
  return [heading + first.trimStart(), ...others];
}

/** kubectl's users may have no command of the name `realmem`. */
function examplesFor(examples: readonly string[], { isPlugin }: HelpIo): readonly string[] {
  if (!isPlugin) return examples;
  const own = examples.filter((example) => example.includes('kubectl realmem'));
  return own.length > 0
    ? own
    : examples.map((example) => example.replace(/\brealmem (?=[a-z])/, 'kubectl realmem '));
}

/** A shell joins the lines of a command that end in a backslash. */
function continued(example: string, columns: number): readonly string[] {
  const lines = wrapWords(example.split(' '), columns - 4, margin);
  if (`${margin}${example}`.length <= columns) return [`${margin}${example}`];
  return lines.map((line, index) => {
    const indented = index === 0 ? line : `${margin}${line}`;
    return index === lines.length - 1 ? indented : `${indented} \\`;
  });
}

const linesOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
