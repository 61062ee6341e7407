/** The command that sets what is suggested in the template of an owner. */

import { isGone, isMainRunning } from '../model/recommendation.ts';
import { injectorSays, isInjectedName } from '../pods/injectors.ts';
import { isName, type OwnerKind, ownerKindOf, splitWorkload } from '../pods/owner-kinds.ts';
import {
  memoryOf,
  type Owner,
  type PodSpec,
  type RunningPod,
  type SpecContainer,
  type SpecResources,
} from '../pods/pod-spec.ts';
import { type PodPart, podAggregate } from '../usage/pod-aggregate.ts';
import { comment, nameOfRow, quantity, quoted, sizesInWords, sizesOf, wished } from './patch-text.ts';
import type { SuggestionRow } from './rows.ts';

/** What is known beyond the suggestion. */
export interface Knowledge {
  /** Absent: nobody knows. `missing`: the API knows no such owner. */
  readonly owner?: Owner | 'missing';
  /** Those of the workload. Absent: nobody knows. */
  readonly pods?: readonly RunningPod[];
  /** Of all containers of the workload, those that stay as they are among them. */
  readonly all: readonly SuggestionRow[];
}

/** @param rows of one workload, with names of Kubernetes: what is to change */
export function ownerCommand(rows: readonly SuggestionRow[], known: Knowledge, title: string): string {
  const { namespace, workload } = (rows[0] as SuggestionRow).suggestion.key;
  const [kind, name] = splitWorkload(workload);
  const ownerKind = ownerKindOf(kind);
  const { owner } = known;
  const refused = ownerKind === undefined ? notPatched(kind) : whyNot(kind, namespace, name, owner);
  // A shell would take the rest of such a name for commands.
  if (ownerKind !== undefined && !(isName(namespace) && isName(name)))
    return comment(`${title}: no command, it has a name that Kubernetes does not allow.`);
  if (ownerKind === undefined || refused !== undefined)
    return comment(`${title}: no command, ${refused}.`) + wished(rows);
  const template = (owner !== 'missing' && owner?.template) || undefined;
  const isInjected = injectedIn(known, template);
  const spec = template ?? withoutInjected(known.pods?.[0], isInjected);
  const missing = rows.map((row) => whyMissing(row, known.all, spec, isInjected));
  const own = rows.filter((_, index) => missing[index] === undefined);
  const notes = rows
    .flatMap((row, index) => {
      const why = missing[index];
      return why === undefined ? [] : [comment(`${nameOfRow(row)}: ${why}.`)];
    })
    .join('');
  if (own.length === 0) return notes;
  const wrong = spec === undefined ? undefined : tooMuch(own, spec);
  if (wrong !== undefined) return comment(`${title}: no command, ${wrong}.`) + wished(own) + notes;
  const command = `kubectl -n ${namespace} patch ${ownerKind.resource} ${name} --type`;
  const by =
    owner !== undefined && owner !== 'missing' && owner.controller !== undefined
      ? comment(`${owner.controller} makes ${title}, and may undo this: set it there if it can be.`)
      : '';
  if (ownerKind.patch === 'strategic') {
    const specs = strategicSpecs(own, spec);
    const each =
      specs.length === 1
        ? ''
        : comment(
            `${title}: a command for each container, because one for several puts them into its own order. Ask the cluster, or give --pods, for one command and one roll-out.`,
          );
    const commands = specs.map(
      (one) => `${command} strategic -p ${quoted(within(ownerKind.template, one))}\n`,
    );
    return notes + by + each + commands.join('');
  }
  if (spec === undefined)
    return (
      comment(
        `${title}: no command, a ${kind} is patched by the places of its containers, which are not known here: ask the cluster, or give --pods.`,
      ) +
      wished(own) +
      notes
    );
  const operations = own.flatMap((row) => operationsOf(row, ownerKind, spec, template !== undefined));
  return `${notes}${by}${command} json -p ${quoted(operations)}\n`;
}

function notPatched(kind: string): string {
  if (kind === 'Job') return 'a job that exists cannot be changed: set it where it is made';
  return `realmem does not know where a ${kind} keeps the template of its pods: set these values there`;
}

function whyNot(
  kind: string,
  namespace: string,
  name: string,
  owner: Knowledge['owner'],
): string | undefined {
  const resource = ownerKindOf(kind)?.resource ?? kind;
  if (owner === 'missing') return 'the API has no such object (any more)';
  if (owner?.templateOf !== undefined) return `it takes its pods from ${owner.templateOf}: set it there`;
  if (owner !== undefined && owner.template === undefined) return 'it has no template of its own';
  if (kind !== 'ReplicaSet' && kind !== 'ReplicationController') return undefined;
  if (owner === undefined)
    return `what makes this ${kind} would undo it: set it in what \`kubectl -n ${namespace} get ${resource} ${name} -o jsonpath={.metadata.ownerReferences}\` names`;
  return owner.controller === undefined ? undefined : `set it in ${owner.controller}, which makes it`;
}

/** The template decides, where it is known; else what the pod's annotations say, and at last its name. */
function injectedIn(
  { pods = [], all }: Knowledge,
  template: PodSpec | undefined,
): (container: string) => boolean {
  if (template !== undefined)
    return (container) =>
      isInjectedName(container) && !template.containers.some(({ name }) => name === container);
  const inPods = pods.flatMap(({ injected }) => injected);
  const isBeside = (type: string): boolean => type !== 'init' && type !== 'ephemeral';
  const beside =
    pods[0] === undefined
      ? all.flatMap(({ suggestion: { key, setting, isWholePod } }) =>
          isBeside(setting.type) && !isWholePod ? [key.container] : [],
        )
      : pods[0].containers.flatMap(({ name, type }) => (isBeside(type) ? [name] : []));
  return (container) => {
    if (inPods.includes(container)) return true;
    // A gateway has nothing beside the proxy: that is in its template.
    const isAlone = beside.includes(container) && beside.every((name) => name === container);
    return isInjectedName(container) && !isAlone;
  };
}

/** The API takes a container that is not in the template for a new one without an image. */
function whyMissing(
  row: SuggestionRow,
  all: readonly SuggestionRow[],
  spec: PodSpec | undefined,
  isInjected: (container: string) => boolean,
): string | undefined {
  const { key, setting, isWholePod } = row.suggestion;
  const { container } = key;
  if (isWholePod) return undefined;
  if (isInjected(container)) return injectorSays(container, sizesOf(row));
  if (spec !== undefined)
    return spec.containers.some(({ name }) => name === container)
      ? undefined
      : injectorSays(container, sizesOf(row));
  // With requests of its pod as a whole, its own could be more than the pod has.
  if (setting.request === undefined && setting.limit === undefined && setting.pod === undefined)
    return `no command, it sets nothing now, and whether its pod has resources as a whole is not known here: ask the cluster, or give --pods. Else: ${sizesInWords(row)}`;
  const othersRun = all.some(({ suggestion }) => isMainRunning(suggestion));
  return isGone(row.suggestion, othersRun)
    ? `no command, others of its workload run, and this one does not: it may be out of the template. If it is not: ${sizesInWords(row)}`
    : undefined;
}

/** Its containers in the places that they have in the template. */
function withoutInjected(
  pod: RunningPod | undefined,
  isInjected: (container: string) => boolean,
): PodSpec | undefined {
  if (pod === undefined) return undefined;
  const own = pod.containers.filter(({ name, type }) => type !== 'ephemeral' && !isInjected(name));
  const isInit = ({ type }: SpecContainer): boolean => type !== 'container';
  const inPlace = [own.filter((one) => !isInit(one)), own.filter(isInit)].flatMap((list) =>
    list.map((one, index) => ({ ...one, index })),
  );
  return { ...pod, containers: inPlace };
}

/** What the API refuses: a request above its limit, or above what the pod has as a whole. */
function tooMuch(rows: readonly SuggestionRow[], spec: PodSpec): string | undefined {
  const whole = rows.find(({ suggestion }) => suggestion.isWholePod);
  const podRequest = whole?.request ?? memoryOf(spec.resources, 'requests');
  const podLimit = whole?.limit ?? memoryOf(spec.resources, 'limits');
  const parts: PodPart[] = [];
  for (const { name, type, index, resources } of spec.containers) {
    const row = rows.find(({ suggestion }) => suggestion.key.container === name);
    const limit = row?.limit ?? memoryOf(resources, 'limits');
    // Who sets a limit alone asks for as much.
    const request = row?.request ?? memoryOf(resources, 'requests') ?? limit ?? 0;
    if (limit !== undefined && request > limit)
      return `the request of ${name} would be above its limit of ${quantity(limit)}`;
    if (podLimit !== undefined && limit !== undefined && limit > podLimit)
      return `the limit of ${name} would be above that of its pod, ${quantity(podLimit)}`;
    parts.push({ type, index, amount: request });
  }
  // A pod with a limit alone asks for what its containers ask for.
  const most = podRequest ?? podLimit;
  if (most !== undefined && podAggregate(parts) > most)
    return `its containers would ask for more than the pod as a whole, ${quantity(most)}`;
  return undefined;
}

const within = (path: readonly string[], spec: object): object =>
  path.reduceRight((below, key) => ({ [key]: below }), spec);

const resourcesOf = (row: SuggestionRow): object => {
  const { request, limit } = sizesOf(row);
  return {
    ...(request !== undefined && { requests: { memory: request } }),
    ...(limit !== undefined && { limits: { memory: limit } }),
  };
};

/**
 * A strategic merge puts containers into the order in which the patch names them, and init containers run in that order. Where
 * nobody knows the template's order, each container of a list gets a patch of its own: one alone moves nothing.
 */
function strategicSpecs(rows: readonly SuggestionRow[], spec: PodSpec | undefined): readonly object[] {
  const roleOf = ({ suggestion: { key } }: SuggestionRow): number =>
    spec?.containers.find(({ name }) => name === key.container)?.index ?? -1;
  const isInit = ({ suggestion: { key, setting } }: SuggestionRow): boolean => {
    const type = spec?.containers.find(({ name }) => name === key.container)?.type ?? setting.type;
    return type === 'init' || type === 'sidecar';
  };
  const listed = (some: readonly SuggestionRow[]): object[] =>
    some.map((row) => ({ name: row.suggestion.key.container, resources: resourcesOf(row) }));
  const whole = rows.find(({ suggestion }) => suggestion.isWholePod);
  const each = rows.filter((row) => row !== whole).toSorted((a, b) => roleOf(a) - roleOf(b));
  const lists = {
    containers: listed(each.filter((row) => !isInit(row))),
    initContainers: listed(each.filter(isInit)),
  };
  const resources = whole !== undefined && { resources: resourcesOf(whole) };
  if (spec !== undefined) return [{ ...resources, ...filled(lists) }];
  const most = Math.max(1, lists.containers.length, lists.initContainers.length);
  return Array.from({ length: most }, (_, index) => ({
    ...(index === 0 && resources),
    ...filled({
      containers: lists.containers.slice(index, index + 1),
      initContainers: lists.initContainers.slice(index, index + 1),
    }),
  }));
}

const filled = (lists: Readonly<Record<string, readonly object[]>>): object =>
  Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));

interface Operation {
  readonly op: 'test' | 'add';
  readonly path: string;
  readonly value: unknown;
}

/** @param isExact the spec is that of the template; else it is that of a pod, which may have more set than its template */
function operationsOf(
  row: SuggestionRow,
  { template }: OwnerKind,
  spec: PodSpec,
  isExact: boolean,
): readonly Operation[] {
  const root = `/${template.join('/')}`;
  if (row.suggestion.isWholePod) return memoryOperations(`${root}/resources`, row, spec.resources, isExact);
  const { container } = row.suggestion.key;
  const found = spec.containers.find(({ name }) => name === container);
  if (found === undefined) return [];
  const path = `${root}/${found.type === 'container' ? 'containers' : 'initContainers'}/${found.index}`;
  return [
    { op: 'test', path: `${path}/name`, value: container },
    ...memoryOperations(`${path}/resources`, row, found.resources, isExact),
  ];
}

/** Each `add` needs what is above it to be there, and writes over what is there. */
function memoryOperations(
  path: string,
  row: SuggestionRow,
  resources: SpecResources | undefined,
  isExact: boolean,
): readonly Operation[] {
  const { request, limit } = sizesOf(row);
  const wanted = [
    ...(request === undefined ? [] : [['requests', request] as const]),
    ...(limit === undefined ? [] : [['limits', limit] as const]),
  ];
  if (resources === undefined || !isExact) {
    const all = wanted.map(([kind, memory]) => [kind, { ...resources?.[kind], memory }] as const);
    return [{ op: 'add', path, value: { ...resources, ...Object.fromEntries(all) } }];
  }
  return wanted.map(([kind, memory]) =>
    resources[kind] === undefined
      ? { op: 'add', path: `${path}/${kind}`, value: { memory } }
      : { op: 'add', path: `${path}/${kind}/memory`, value: memory },
  );
}
