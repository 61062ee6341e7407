/**
 * Completes command lines, in the protocol that kubectl expects of its plugins: a line per candidate, `VALUE<tab>DESCRIPTION`,
 * and a last line `:DIRECTIVE` (ShellCompDirective of https://github.com/spf13/cobra). The scripts of
 * `realmem completion SHELL` speak it too.
 */
import type { Io } from '../../edges/process.ts';
import { contextNames } from '../../kube/access.ts';
import { isPrintable } from '../../model/text.ts';
import { connectCluster, namespaceIn, readsCluster } from '../cluster-flags.ts';
import type { Command } from '../command.ts';
import type { Flag } from '../flags.ts';
import {
  type CompletionSource,
  kindsOfWorkloads,
  mostNames,
  type NameScope,
  namespaces,
  nodes,
  pods,
  workloads,
} from './names.ts';
import { type Spot, spotOf } from './spot.ts';

/** Numbers that can be added. */
const Directive = {
  /** The shell completes file names if there is no candidate. */
  files: 0,
  noSpace: 2,
  noFiles: 4,
  directories: 16,
} as const;

export interface Candidate {
  readonly value: string;
  readonly about?: string;
}

/** The commands that a user can complete. */
export interface Commands {
  readonly all: () => Promise<readonly Command[]>;
  readonly named: (name: string) => Promise<Command | undefined>;
}

type CompleterIo = Pick<Io, 'env' | 'isPlugin'>;

/** A user waits while the names of a cluster arrive. */
const defaultDeadlineMs = 2_000;

/** @param words after `realmem`; the last one is being typed and may be empty. Never rejects */
export async function complete(
  words: readonly string[],
  commands: Commands,
  io: CompleterIo,
  deadlineMs = defaultDeadlineMs,
): Promise<string> {
  const { candidates, directive } = await completionOf(words, commands, io, deadlineMs).catch(() => nothing);
  const lines = candidates
    .filter(({ value }) => value !== '' && isPrintable(value))
    .slice(0, mostNames)
    .map(({ value, about }) => (about === undefined ? value : `${value}\t${about}`));
  return `${[...lines, `:${directive}`].join('\n')}\n`;
}

interface Completion {
  readonly candidates: readonly Candidate[];
  readonly directive: number;
}

const nothing: Completion = { candidates: [], directive: Directive.noFiles };

/** The values that begin with a prefix. A value that ends in `/` or `=` continues. */
function only(candidates: readonly Candidate[], prefix: string): Completion {
  const found = candidates.filter(({ value }) => value.startsWith(prefix));
  const continues = found.length > 0 && found.every(({ value }) => /[/=]$/.test(value));
  return { candidates: found, directive: Directive.noFiles + (continues ? Directive.noSpace : 0) };
}

const plain = (values: readonly string[]): readonly Candidate[] => values.map((value) => ({ value }));

async function completionOf(
  words: readonly string[],
  commands: Commands,
  io: CompleterIo,
  deadlineMs: number,
): Promise<Completion> {
  const [name = '', ...after] = words;
  if (after.length === 0) {
    const known = (await commands.all()).map(({ name: value, about }) => ({ value, about }));
    const flags = name.startsWith('-') ? plain(['--help', '--version']) : [];
    return only([...known, ...flags], name);
  }
  const command = await commands.named(name);
  if (command === undefined) return nothing;
  const spot = spotOf(command, after);
  if (spot.isFlag) return only(flagsOf(command, spot), spot.prefix);
  const takes = spot.flag?.takes ?? argumentOf(command, spot);
  const listed = spot.flag?.words ?? takes.split('|');
  if (listed.length > 1) return only(plain(listed), spot.prefix);
  if (takes === 'DIR') return { candidates: [], directive: Directive.directories };
  if (takes === 'FILE' || takes === 'FILE...') return { candidates: [], directive: Directive.files };
  return only(plain(await liveNames(takes, command, spot, io, deadlineMs)), spot.prefix);
}

function flagsOf({ flags }: Command, { prefix, parsed }: Spot): readonly Candidate[] {
  const isGiven = (name: string): boolean => parsed.switches.has(name) || Object.hasOwn(parsed.values, name);
  const left = Object.entries(flags).filter(([name]) => !isGiven(name));
  const spelled = ([name, { short, about }]: readonly [string, Flag]): readonly Candidate[] => [
    { value: `--${name}`, about },
    ...(short !== undefined && prefix === '-' ? [{ value: `-${short}`, about }] : []),
  ];
  return [...left.flatMap(spelled), { value: '--help', about: 'print the flags of the command' }];
}

/** What the usage line says of the argument that is being typed: `NAME` of `[pods|nodes] [NAME]`. */
function argumentOf({ takes = '' }: Command, { parsed: { positionals } }: Spot): string {
  const all = takes.split(' ');
  const last = all.at(-1) ?? '';
  const word = all[positionals.length] ?? (last.endsWith('...') ? last : '');
  return word.replace(/^\[(.*)\]$/, '$1');
}

/** The names that the first argument of `top` chooses, without its plural. */
const namesOfKind: Readonly<Record<string, string>> = {
  ...{ container: 'TARGET', pod: 'TARGET', po: 'TARGET', workload: 'WORKLOAD' },
  ...{ namespace: 'NAMESPACE', n: 'NAMESPACE', node: 'NODE', no: 'NODE' },
};

async function liveNames(
  takes: string,
  command: Command,
  { flag, prefix, parsed }: Spot,
  io: CompleterIo,
  deadlineMs: number,
): Promise<readonly string[]> {
  const { values, positionals } = parsed;
  if (flag?.name === 'context') return contextNames({ file: values['kubeconfig'], env: io.env });
  const kind = (positionals[0] ?? '').toLowerCase().replace(/s$/, '');
  const wanted = takes === 'NAME' && flag === undefined ? namesOfKind[kind] : takes;
  if (wanted === undefined || !hasNames.includes(wanted) || !namesCluster(command, parsed, io)) return [];
  const { kube, namespace: contextNamespace } = await connectCluster(parsed, io);
  try {
    const namespace = namespaceIn(parsed);
    const scope = {
      ...(namespace !== undefined && { namespace }),
      ...(contextNamespace !== undefined && { contextNamespace }),
    };
    const signal = AbortSignal.timeout(deadlineMs);
    return await namesOf(wanted, { kube, signal }, prefix, scope);
  } finally {
    kube.close();
  }
}

const hasNames: readonly string[] = ['NAMESPACE', 'NODE', 'TARGET', 'WORKLOAD'];

/** Whether the command reads a cluster. @throws UsageError for flags that contradict each other */
const namesCluster = ({ flags }: Command, parsed: Spot['parsed'], io: CompleterIo): boolean =>
  'context' in flags &&
  (!('local' in flags) || readsCluster(parsed, io, 'root' in flags ? ['root', 'pods'] : ['history']));

function namesOf(
  takes: string,
  source: CompletionSource,
  prefix: string,
  scope: NameScope,
): Promise<readonly string[]> {
  if (takes === 'NAMESPACE') return namespaces(source, prefix);
  if (takes === 'NODE') return nodes(source, prefix);
  const isOfKind = kindsOfWorkloads.some((kind) => prefix.startsWith(`${kind}/`));
  return takes === 'WORKLOAD' || isOfKind ? workloads(source, prefix, scope) : pods(source, prefix, scope);
}
