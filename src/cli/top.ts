/** `realmem top`: the table of containers, pods, workloads, namespaces or nodes, of this host or of a cluster. */
import type { Io } from '../edges/process.ts';
import { UsageError } from '../model/located-error.ts';
import { nearest, quoted } from '../model/text.ts';
import { outputs } from '../render/render.ts';
import { type Grouping, groupings, pluralOf } from '../render/row.ts';
import { sortKeys } from '../render/sort-rows.ts';
import { clusterFlags, namespaceIn, podFlags, readsCluster } from './cluster-flags.ts';
import type { Command, ExitCode } from './command.ts';
import { flagOneOf, parseFlags, wordOf } from './flags.ts';
import { hostFlags, screen } from './source-flags.ts';
import { checkWatch } from './top/live.ts';
import type { TopOptions } from './top/options.ts';

/** `html` is the whole page in one file. */
const formats = [...outputs, 'html'] as const;

/** Formats with a specification of their own: `-o custom-columns=POD:.pod`. */
export const templates = ['custom-columns=', 'jsonpath='] as const;

export const command: Command = {
  name: 'top',
  takes: '[containers|pods|workloads|namespaces|nodes] [NAME]',
  about: 'list containers, pods, workloads, namespaces or nodes by real memory',
  flags: {
    by: flagOneOf(groupings, 'print one row for each of these (container)'),
    output: flagOneOf(
      [...formats, ...templates],
      'output format (table); json and yaml have sizes in bytes, html is the page of ui in one file',
      'o',
    ),
    'sort-by': flagOneOf(sortKeys, 'sort rows by this column, the most urgent first (real)'),
    ...podFlags('list'),
    available: { about: 'show what could still be scheduled on each node, by request and by real' },
    fresh: { about: 'ask the agents themselves instead of reading their last reports' },
    all: { about: 'on a host: list services, slices and sandboxes too' },
    watch: { short: 'w', about: 'keep the table on the screen; ? lists the keys, q ends' },
    'no-headers': { about: 'print only the rows' },
    color: flagOneOf(
      ['auto', 'always', 'never'],
      'colours and marks (auto: on a terminal, unless NO_COLOR is set)',
    ),
    ...clusterFlags,
    ...hostFlags,
  },
  notes: [
    'REAL: memory without the page cache that the kernel drops on demand. %REQ: real as a share of the request; of a node: real of its pods.',
    '-n and -l choose pods. The figures of a node, and of the cluster, stay those of all its memory.',
  ],
  examples: [
    'kubectl realmem top',
    'kubectl realmem top pods -n shop --sort-by real%',
    'kubectl realmem top nodes --available',
    'kubectl realmem top workloads cart -o wide',
    'realmem top --by namespace --pods pods.json',
    'realmem top -o csv > memory.csv',
    'kubectl realmem top -o html > memory.html',
  ],
  run,
};

async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseFlags(command.flags, args, 2);
  const { values, switches, positionals } = parsed;
  const [kind, name] = positionals;
  const by = groupingOf(kind, values['by'], switches.has('available'));
  const output = values['output'] ?? 'table';
  const template = templates.find((prefix) => output.startsWith(prefix));
  const namespace = namespaceIn(parsed);
  const isColour = values['color'] === 'always' || (values['color'] !== 'never' && screen(io).colour);
  const options: TopOptions = {
    by,
    name,
    format: template === undefined ? wordOf(output, formats, 'table') : template.replace('=', ''),
    template: template === undefined ? '' : output.slice(template.length),
    sortBy: wordOf(values['sort-by'], sortKeys, 'real'),
    namespace,
    everyNamespace: switches.has('all-namespaces'),
    selector: values['selector'],
    headers: !switches.has('no-headers'),
    available: switches.has('available'),
    fresh: switches.has('fresh'),
    all: switches.has('all'),
    watch: switches.has('watch'),
    colour: isColour,
    marks: isColour || (io.output.isTerminal && values['color'] !== 'never'),
  };
  const isCluster = readsCluster(parsed, io, ['root', 'pods']);
  if (options.format === 'html' && (name !== undefined || options.watch))
    throw new UsageError(
      `-o html writes all rows once: omit ${name === undefined ? '--watch' : quoted(name)}; the page can filter, and realmem ui keeps it current`,
    );
  checkWatch(options, io, isCluster);
  if (isCluster) {
    const { topOfCluster } = await import('./top/cluster.ts');
    return topOfCluster(parsed, options, io);
  }
  for (const flag of ['available', 'fresh'])
    if (switches.has(flag))
      throw new UsageError(`--${flag} needs a cluster: pass --context or run kubectl realmem`);
  const { topOfHost } = await import('./top/host.ts');
  return topOfHost(parsed, options, io);
}

/** The names that kubectl's users type. */
const kinds: Readonly<Record<string, Grouping>> = {
  ...Object.fromEntries(groupings.flatMap((by) => [by, pluralOf[by]].map((word) => [word, by]))),
  po: 'pod',
  ns: 'namespace',
  no: 'node',
};

/** @throws UsageError for an unknown kind, or one that contradicts a flag */
function groupingOf(kind: string | undefined, by: string | undefined, available: boolean): Grouping {
  const named = kind === undefined ? undefined : kindOf(kind);
  const given = by === undefined ? undefined : wordOf(by, groupings, 'container');
  if (named !== undefined && given !== undefined && named !== given)
    throw new UsageError(`${quoted(kind ?? '')} and --by ${by} contradict each other; pass one of them`);
  const found = named ?? given;
  if (available && found !== undefined && found !== 'node')
    throw new UsageError(`--available lists nodes; omit ${kind === undefined ? `--by ${by}` : quoted(kind)}`);
  return available ? 'node' : (found ?? 'container');
}

function kindOf(kind: string): Grouping {
  const word = kind.toLowerCase();
  const found = Object.hasOwn(kinds, word) ? kinds[word] : undefined;
  if (found !== undefined) return found;
  const known = Object.values(pluralOf);
  const near = nearest(word, known);
  throw new UsageError(
    `unknown kind ${quoted(kind)}; ${near === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${near}?`}`,
  );
}
