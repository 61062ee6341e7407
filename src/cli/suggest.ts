/** `realmem suggest [WORKLOAD]`: what to set as request and limit, and why. */
import { mergeMaps, podsOn } from '../checkpoint/cluster.ts';
import { historyFileSuffix } from '../checkpoint/kept-history.ts';
import { MergedHistories } from '../checkpoint/merge.ts';
import { now } from '../edges/clock.ts';
import { filesAt } from '../edges/files.ts';
import type { Io } from '../edges/process.ts';
import { parsePodsText, podsLimit } from '../identify/names-source.ts';
import { openAccess } from '../kube/access.ts';
import { ApiError } from '../kube/api-error.ts';
import { type Kube, openKube } from '../kube/client.ts';
import type { ContainerKey } from '../model/container-key.ts';
import { LocatedError, messageOf } from '../model/located-error.ts';
import { confidences, isSure, type Suggestions } from '../model/recommendation.ts';
import { lookUp, minorOf, runningPods, runningPodsIn } from '../pods/pod-specs.ts';
import { jsonParts, yamlParts } from '../render/structured.ts';
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
import { renderSuggestions } from '../suggest/text.ts';
import { type Command, ExitCode, UsageError } from './command.ts';
import { oneOf, parseFlags, wordOf } from './flags.ts';

const forms = ['table', 'json', 'yaml', 'csv', 'patch'] as const;

export const command: Command = {
  name: 'suggest',
  takes: '[WORKLOAD]',
  about: 'what to set as memory request and limit, from what the agents remember',
  flags: {
    why: { about: 'the reasons under each line' },
    output: oneOf(forms, 'the form; patch: commands for a shell, which nobody runs but you', 'o'),
    'in-place': { about: 'with -o patch: of the pods that run, instead of their owners' },
    'min-confidence': oneOf(
      confidences,
      'only what is at least so sure: low has what little was seen in under a day, medium is under a week',
    ),
    'sort-by': oneOf(suggestionSorts, 'the order; what frees most comes first unless given'),
    namespace: { short: 'n', takes: 'NAMESPACE', about: 'only workloads of this namespace' },
    'all-namespaces': { short: 'A', about: 'of all namespaces, as without -n' },
    kubeconfig: {
      takes: 'FILE',
      about: 'the cluster whose agents are asked; called as kubectl realmem, as kubectl finds it',
    },
    context: { takes: 'NAME', about: 'of the kubeconfig: another than its current one' },
    'realmem-namespace': { takes: 'NAMESPACE', about: 'where the agents are (realmem)' },
    history: { takes: 'PLACE', about: 'files of agents, or their directory ($XDG_STATE_HOME/realmem)' },
    pods: {
      takes: 'FILE',
      about:
        'the pods that run, for -o patch, flags of heaps and what pods have as a whole: what `kubectl get pods -A -o json` printed',
    },
    'no-headers': { about: 'the lines alone' },
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
  const { values, switches, positionals } = parseFlags(command.flags, args, 1);
  const form = wordOf(values['output'], forms, 'table');
  const inPlace = switches.has('in-place');
  if (inPlace && form !== 'patch') throw new UsageError('--in-place goes with -o patch');
  const fromCluster =
    values['history'] === undefined &&
    (io.isPlugin || io.inCluster || values['kubeconfig'] !== undefined || values['context'] !== undefined);
  if (inPlace && !fromCluster && values['pods'] === undefined)
    throw new UsageError('--in-place needs to know the pods that run: give --pods, or ask the cluster');
  const kube = fromCluster
    ? openKube(await openAccess(values['kubeconfig'], io.env, values['context']))
    : undefined;
  try {
    const namespace = switches.has('all-namespaces') ? undefined : values['namespace'];
    const wanted = chooser(namespace, positionals[0]);
    const given =
      values['pods'] !== undefined
        ? runningPodsIn(podsIn(values['pods'], io))
        : kube !== undefined && inPlace
          ? await runningPods(kube, namespace)
          : undefined;
    const all = suggest(
      await merge(kube, values, wanted, io),
      form === 'json' || form === 'yaml',
      given && podSettingsOf(given),
    );
    const least = wordOf(values['min-confidence'], confidences, form === 'patch' ? 'medium' : 'low');
    const sure = all.items.filter(({ recommendation }) => isSure(recommendation, least));
    // What a patch leaves out it counts.
    const counted = form === 'patch' ? all : { ...all, items: sure };
    const chosen = values['min-confidence'] === 'low' ? withLittleSeen(counted) : counted;
    const options = {
      sortBy: wordOf(values['sort-by'], suggestionSorts, 'frees'),
      headers: !switches.has('no-headers'),
      why: switches.has('why'),
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
    if (!(error instanceof ApiError)) throw error;
    throw new LocatedError({
      where: 'the API server',
      expected: 'an answer',
      got: { message: messageOf(error) },
    });
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
  const merged = mergeFiles(filesAt(place, historyFileSuffix), now() / 1000, wanted);
  if (merged.nodes === 0)
    throw new LocatedError({
      where: place,
      expected: 'what an agent remembers',
      got: { message: merged.faults[0] ?? `no file *${historyFileSuffix}` },
      todo: 'run `realmem agent` on this machine for some minutes, or give --history or --kubeconfig',
    });
  return merged;
}

/** Asks the API which pods there are on nodes whose word alone would become a command. */
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
    io.say('Pods may not be listed (403): how many replicas a node runs is its own word.');
    return doubtOf;
  } finally {
    io.progress('');
  }
}

/** What the API says of those that run, or of what is to be patched. @param given those of a file, or those that run */
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

/** @throws InputFault */
const podsIn = (file: string, io: Io): unknown => parsePodsText({ file, text: io.readText(file, podsLimit) });

/** @param workload `deployment/cart` or `cart` */
function chooser(namespace: string | undefined, workload: string | undefined): Wanted {
  const wanted = workload?.toLowerCase();
  return (key) => {
    if (namespace !== undefined && key.namespace !== namespace) return false;
    if (wanted === undefined) return true;
    const own = key.workload.toLowerCase();
    return own === wanted || own.slice(own.indexOf('/') + 1) === wanted;
  };
}
