/** `realmem suggest [WORKLOAD]`: suggests memory requests and limits, with reasons. */
import { now } from '../edges/clock.ts';
import type { Io } from '../edges/process.ts';
import { parsePodsText, podsLimit } from '../identify/names-source.ts';
import { jsonParts, yamlParts } from '../layout/structured.ts';
import { defined } from '../model/json.ts';
import { UsageError } from '../model/located-error.ts';
import { confidences, isSure, type Suggestions } from '../model/recommendation.ts';
import { runningPods, runningPodsIn } from '../pods/pod-specs.ts';
import { suggestionsCsv, suggestionsObject } from '../suggest/data.ts';
import { doubtOf } from '../suggest/doubt.ts';
import { type PatchOptions, patchesOf, renderPatches } from '../suggest/patch.ts';
import { podSettingsOf } from '../suggest/pod-settings.ts';
import { suggestionSorts, withLittleSeen } from '../suggest/rows.ts';
import { suggest } from '../suggest/sources.ts';
import { type Asked, renderSuggestions, type SuggestOptions } from '../suggest/text.ts';
import { clusterFlags, connectCluster, namespaceIn, readsCluster } from './cluster-flags.ts';
import { type Command, ExitCode } from './command.ts';
import { flagOneOf, parseFlags, wordOf } from './flags.ts';
import { mergeHistories, wantedBy } from './suggest/histories.ts';
import { patchOptions } from './suggest/patches.ts';

const forms = ['table', 'json', 'yaml', 'csv', 'patch', 'markdown', 'html'] as const;

/** Forms with the commands of `-o patch` in them. */
const withCommands: ReadonlySet<string> = new Set(['patch', 'markdown', 'html']);

export const command: Command = {
  name: 'suggest',
  takes: '[WORKLOAD]',
  about: 'suggest memory requests and limits from the histories of the agents',
  flags: {
    why: { about: 'show the reasons under each row' },
    output: flagOneOf(
      forms,
      'output form; patch prints kubectl commands for you to run, markdown and html a report with them',
      'o',
    ),
    'in-place': { about: 'with -o patch: resize running pods instead of patching their owners' },
    'min-confidence': flagOneOf(
      confidences,
      'least confidence to show; low: suggestions from less than a day too, medium: from a day, high: from a week',
    ),
    'sort-by': flagOneOf(suggestionSorts, 'order of the rows; default: frees, largest first'),
    namespace: { short: 'n', takes: 'NAMESPACE', about: 'only workloads of this namespace' },
    'all-namespaces': { short: 'A', about: 'all namespaces, as without -n' },
    ...clusterFlags,
    'realmem-namespace': { takes: 'NAMESPACE', about: 'namespace of the agents (realmem)' },
    history: {
      takes: 'PLACE',
      about: 'read histories from this file or directory ($XDG_STATE_HOME/realmem)',
    },
    pods: {
      takes: 'FILE',
      about:
        'running pods, as `kubectl get pods -A -o json` prints them: for -o patch, heap flags and pod-level resources',
    },
    'no-headers': { about: 'print rows without heading and footer' },
  },
  examples: [
    'kubectl realmem suggest',
    'kubectl realmem suggest -n shop deployment/cart --why',
    'kubectl realmem suggest -n shop -o patch > resize.sh',
    'kubectl realmem suggest -o html > suggestions.html',
    'realmem suggest --history /var/lib/realmem',
  ],
  run,
};

async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseFlags(command.flags, args, 1);
  const { values, switches, positionals } = parsed;
  const form = wordOf(values['output'], forms, 'table');
  const inPlace = switches.has('in-place');
  if (inPlace && form !== 'patch') throw new UsageError('--in-place goes with -o patch');
  const fromCluster =
    readsCluster(parsed, io, ['history']) ||
    (io.inCluster && values['history'] === undefined && !switches.has('local'));
  if (inPlace && !fromCluster && values['pods'] === undefined)
    throw new UsageError('--in-place needs the running pods: pass --pods or --kubeconfig');
  const cluster = fromCluster ? await connectCluster(parsed, io) : undefined;
  const kube = cluster?.kube;
  try {
    const namespace = namespaceIn(parsed);
    const known = new Set<string>();
    const wanted = wantedBy(namespace, positionals[0], known);
    const given =
      values['pods'] !== undefined
        ? runningPodsIn(podsIn(values['pods'], io))
        : kube !== undefined && inPlace
          ? await runningPods(kube, namespace)
          : undefined;
    const all = suggest(
      await mergeHistories(kube, values, wanted, io),
      { evidence: form === 'json' || form === 'yaml', daily: form === 'html' },
      given && podSettingsOf(given),
    );
    const least = wordOf(values['min-confidence'], confidences, form === 'patch' ? 'medium' : 'low');
    const early = values['min-confidence'] === 'low' ? withLittleSeen : (same: Suggestions) => same;
    const sure = all.items.filter(({ recommendation }) => isSure(recommendation, least));
    const chosen = early({ ...all, items: sure });
    const options = {
      sortBy: wordOf(values['sort-by'], suggestionSorts, 'frees'),
      headers: !switches.has('no-headers'),
      why: switches.has('why'),
      now: now() / 1000,
      asked: defined<Asked>({
        ...{ workload: positionals[0], namespace, known: [...known].toSorted() },
        unsure: all.items.length - sure.length,
      }),
      ...(io.output.columns !== undefined && { columns: io.output.columns }),
    };
    // A patch counts what it leaves out, so it needs all items.
    const toPatch = early(all);
    const patching = withCommands.has(form)
      ? await patchOptions(kube, toPatch, {
          ...{ given, inPlace, io },
          least: wordOf(values['min-confidence'], confidences, 'medium'),
        })
      : undefined;
    for await (const part of partsOf(form, { chosen, options, toPatch, patching, name: cluster?.context }))
      await io.output.write(part);
    return ExitCode.done;
  } catch (error) {
    throw cluster?.printed(error) ?? error;
  } finally {
    kube?.close();
  }
}

interface Found {
  readonly chosen: Suggestions;
  readonly options: SuggestOptions;
  /** For the forms with commands. */
  readonly toPatch: Suggestions;
  readonly patching: PatchOptions | undefined;
  /** Of the cluster. */
  readonly name: string | undefined;
}

async function* partsOf(
  form: (typeof forms)[number],
  { chosen, options, toPatch, patching = { doubts: doubtOf, least: 'medium' }, name }: Found,
): AsyncGenerator<string> {
  switch (form) {
    case 'table':
      yield renderSuggestions(chosen, options);
      break;
    case 'json':
      yield* jsonParts(suggestionsObject(chosen, options.sortBy));
      break;
    case 'yaml':
      yield* yamlParts(suggestionsObject(chosen, options.sortBy));
      break;
    case 'csv':
      yield suggestionsCsv(chosen, options.sortBy, options.headers);
      break;
    case 'patch':
      yield renderPatches(toPatch, patching);
      break;
    case 'markdown': {
      const { suggestionsMarkdown } = await import('../suggest/markdown.ts');
      yield suggestionsMarkdown(chosen, options, patchesOf(toPatch, patching));
      break;
    }
    case 'html': {
      const { suggestionsHtml } = await import('./page/files.ts');
      yield suggestionsHtml(chosen, options, toPatch, patching, name);
    }
  }
}

/** @throws InputError */
const podsIn = (file: string, io: Io): unknown => parsePodsText({ file, text: io.readText(file, podsLimit) });
