/** `realmem suggest [WORKLOAD]`: suggests memory requests and limits, with reasons. */
import { mergeMaps, podsOn } from '../checkpoint/cluster.ts';
import { historyFileSuffix } from '../checkpoint/kept-history.ts';
import { MergedHistories } from '../checkpoint/merge.ts';
import { now } from '../edges/clock.ts';
import { filesAt } from '../edges/files.ts';
import type { Io } from '../edges/process.ts';
import { parsePodsText, podsLimit } from '../identify/names-source.ts';
import { ApiError } from '../kube/api-error.ts';
import type { Kube } from '../kube/client.ts';
import { jsonParts, yamlParts } from '../layout/structured.ts';
import type { ContainerKey } from '../model/container-key.ts';
import { defined } from '../model/defined.ts';
import { LocatedError, UsageError } from '../model/located-error.ts';
import { confidences, isSure, type Suggestions } from '../model/recommendation.ts';
import { lookUp, minorOf, runningPods, runningPodsIn } from '../pods/pod-specs.ts';
import { suggestionsCsv, suggestionsObject } from '../suggest/data.ts';
import { decidingNode, doubtOf } from '../suggest/doubt.ts';
import {
  type Doubts,
  ownerText,
  type PatchOptions,
  renderPatches,
  workloadsToPatch,
} from '../suggest/patch.ts';
import { podSettingsOf } from '../suggest/pod-settings.ts';
import { suggestionSorts, withLittleSeen } from '../suggest/rows.ts';
import { mergeFiles, suggest } from '../suggest/sources.ts';
import { type Asked, renderSuggestions } from '../suggest/text.ts';
import { clusterFlags, openCluster, readsCluster } from './cluster-flags.ts';
import { type Command, ExitCode } from './command.ts';
import { oneOf, parseFlags, wordOf } from './flags.ts';

const forms = ['table', 'json', 'yaml', 'csv', 'patch'] as const;

export const command: Command = {
  name: 'suggest',
  takes: '[WORKLOAD]',
  about: 'suggest memory requests and limits from the histories of the agents',
  flags: {
    why: { about: 'show the reasons under each row' },
    output: oneOf(forms, 'output form; patch prints kubectl commands for you to run', 'o'),
    'in-place': { about: 'with -o patch: resize running pods instead of patching their owners' },
    'min-confidence': oneOf(
      confidences,
      'least confidence to show; low: suggestions from less than a day too, medium: from a day, high: from a week',
    ),
    'sort-by': oneOf(suggestionSorts, 'order of the rows; default: frees, largest first'),
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
  const cluster = fromCluster ? await openCluster(parsed, io) : undefined;
  const kube = cluster?.kube;
  try {
    const namespace = switches.has('all-namespaces') ? undefined : values['namespace'];
    const known = new Set<string>();
    const wanted = wantedBy(namespace, positionals[0], known);
    const given =
      values['pods'] !== undefined
        ? runningPodsIn(podsIn(values['pods'], io))
        : kube !== undefined && inPlace
          ? await runningPods(kube, namespace)
          : undefined;
    const all = suggest(
      await merge(kube, values, wanted, io),
      { evidence: form === 'json' || form === 'yaml' },
      given && podSettingsOf(given),
    );
    const least = wordOf(values['min-confidence'], confidences, form === 'patch' ? 'medium' : 'low');
    const sure = all.items.filter(({ recommendation }) => isSure(recommendation, least));
    // A patch counts what it leaves out, so it needs all items.
    const counted = form === 'patch' ? all : { ...all, items: sure };
    const chosen = values['min-confidence'] === 'low' ? withLittleSeen(counted) : counted;
    const options = {
      sortBy: wordOf(values['sort-by'], suggestionSorts, 'frees'),
      headers: !switches.has('no-headers'),
      why: switches.has('why'),
      now: now() / 1000,
      asked: defined<Asked>({
        ...{ workload: positionals[0], namespace, known: [...known].toSorted() },
        unsure: all.items.length - sure.length,
      }),
      ...(io.output.columns !== undefined && !switches.has('why') && { columns: io.output.columns }),
    };
    switch (form) {
      case 'table':
        await io.output.write(renderSuggestions(chosen, options));
        break;
      case 'json':
        await writeParts(jsonParts(suggestionsObject(chosen, options.sortBy)), io);
        break;
      case 'yaml':
        await writeParts(yamlParts(suggestionsObject(chosen, options.sortBy)), io);
        break;
      case 'csv':
        await io.output.write(suggestionsCsv(chosen, options.sortBy, options.headers));
        break;
      case 'patch':
        await io.output.write(
          renderPatches(chosen, {
            ...{ doubts: await doubtsOn(kube, chosen, io), least, inPlace },
            ...(await fromApi(kube, inPlace ? [] : workloadsToPatch(chosen, least), given, io)),
          }),
        );
    }
    return ExitCode.done;
  } catch (error) {
    throw cluster?.printed(error) ?? error;
  } finally {
    kube?.close();
  }
}

async function writeParts(parts: Iterable<string>, io: Io): Promise<void> {
  for (const part of parts) await io.output.write(part);
}

type Values = Readonly<Record<string, string | undefined>>;

type Wanted = (key: ContainerKey) => boolean;

async function merge(
  kube: Kube | undefined,
  values: Values,
  wanted: Wanted,
  io: Io,
): Promise<MergedHistories> {
  if (kube !== undefined) {
    const merged = new MergedHistories(now() / 1000, wanted);
    try {
      await mergeMaps(kube, values['realmem-namespace'] ?? 'realmem', merged, (read, all) =>
        io.progress(`${read} of ${all} histories read`),
      );
    } finally {
      io.progress('');
    }
    return merged;
  }
  const place = values['history'] ?? io.stateDir;
  // Before the first run of an agent there is no directory. One that --history names must exist.
  const mayLack = values['history'] === undefined;
  const merged = mergeFiles(filesAt(place, historyFileSuffix, mayLack), now() / 1000, wanted);
  if (merged.nodes === 0)
    throw new LocatedError({
      where: place,
      expected: 'the history of an agent',
      got: { message: merged.faults[0] ?? `no file *${historyFileSuffix}` },
      todo: 'run `realmem agent` on this machine for some minutes, or pass --history or --kubeconfig',
    });
  return merged;
}

/** Asks the API for the pods on nodes that decide a suggestion alone. */
async function doubtsOn(kube: Kube | undefined, { items }: Suggestions, io: Io): Promise<Doubts> {
  if (kube === undefined) return doubtOf;
  const decided = items.filter(
    ({ key, origin }) => key.namespace !== '' && decidingNode(origin) !== undefined,
  );
  const nodes = new Set(decided.flatMap(({ origin }) => decidingNode(origin) ?? []));
  try {
    const there = await podsOn(kube, [...nodes], (read, all) =>
      io.progress(`pods of ${read} of ${all} nodes read`),
    );
    return (suggestion) => {
      const node = decidingNode(suggestion.origin);
      return doubtOf(suggestion, node === undefined ? undefined : there(node, suggestion.key));
    };
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    io.say('The API server refuses to list pods (403): replicas are counted as each node reports them.');
    return doubtOf;
  } finally {
    io.progress('');
  }
}

/** Owners, pods and version from the API. @param asked workloads to patch @param given pods of a file, or the running ones */
async function fromApi(
  kube: Kube | undefined,
  asked: ReturnType<typeof workloadsToPatch>,
  given: PatchOptions['pods'],
  io: Io,
): Promise<Pick<PatchOptions, 'pods' | 'owners' | 'minor'>> {
  if (kube === undefined) return given === undefined ? {} : { pods: given };
  const minor = await minorOf(kube);
  const version = minor === undefined ? {} : { minor };
  try {
    const { owners, pods } = await lookUp(kube, asked, (read, all) =>
      io.progress(`${read} of ${all} owners read`),
    );
    return {
      ...version,
      pods: [...pods, ...(given ?? [])],
      owners: new Map([...owners].map(([workload, owner]) => [ownerText(workload), owner])),
    };
  } finally {
    io.progress('');
  }
}

/** @throws InputError */
const podsIn = (file: string, io: Io): unknown => parsePodsText({ file, text: io.readText(file, podsLimit) });

/** @param workload `deployment/cart` or `cart` @param known gets the workloads of the namespace, `deployment/cart` each */
function wantedBy(namespace: string | undefined, workload: string | undefined, known: Set<string>): Wanted {
  const wanted = workload?.toLowerCase();
  return (key) => {
    if (namespace !== undefined && key.namespace !== namespace) return false;
    if (wanted === undefined) return true;
    const own = key.workload.toLowerCase();
    known.add(own);
    return own === wanted || own.slice(own.indexOf('/') + 1) === wanted;
  };
}
