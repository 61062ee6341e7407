/** Writes the command that sets the suggested values in the pod template of an owner. */
import { isName, type OwnerKind, ownerKindOf, splitWorkload } from '../pods/owner-kinds.ts';
import { memoryOf, type PodSpec, type SpecResources } from '../pods/pod-spec.ts';
import { type PodPart, podAggregate } from '../usage/pod-aggregate.ts';
import {
  comment,
  memoryQuantities,
  nameOfRow,
  quantity,
  shellJson,
  suggestedSizesComment,
} from './patch-text.ts';
import type { SuggestionRow } from './rows.ts';
import { type Knowledge, templateOf } from './template-containers.ts';

/** @param rows the changes of one workload, with names that Kubernetes allows */
export function ownerCommand(rows: readonly SuggestionRow[], known: Knowledge, title: string): string {
  const { namespace, workload } = (rows[0] as SuggestionRow).suggestion.key;
  const [kind, name] = splitWorkload(workload);
  const ownerKind = ownerKindOf(kind);
  const { owner } = known;
  const refused = ownerKind === undefined ? notPatched(kind) : whyNot(kind, namespace, name, owner);
  // Names come from nodes. A shell could run the rest of a forged name as a command.
  if (ownerKind !== undefined && !(isName(namespace) && isName(name)))
    return comment(`${title}: no command, because Kubernetes does not allow its name.`);
  if (ownerKind === undefined || refused !== undefined)
    return comment(`${title}: no command, because ${refused}.`) + suggestedSizesComment(rows);
  const { spec, isExact, whyMissing } = templateOf(known);
  const missing = rows.map(whyMissing);
  const own = rows.filter((_, index) => missing[index] === undefined);
  const notes = rows
    .flatMap((row, index) => {
      const why = missing[index];
      return why === undefined ? [] : [comment(`${nameOfRow(row)}: ${why}.`)];
    })
    .join('');
  if (own.length === 0) return notes;
  const wrong = spec === undefined ? undefined : tooMuch(own, spec);
  if (wrong !== undefined)
    return comment(`${title}: no command, because ${wrong}.`) + suggestedSizesComment(own) + notes;
  const command = `kubectl -n ${namespace} patch ${ownerKind.resource} ${name} --type`;
  const by =
    owner !== undefined && owner !== 'missing' && owner.controller !== undefined
      ? comment(
          `${owner.controller} controls ${title} and may undo this. Set the values there if it allows that.`,
        )
      : '';
  if (ownerKind.patch === 'strategic') {
    const specs = strategicSpecs(own, spec);
    const each =
      specs.length === 1
        ? ''
        : comment(
            `${title}: one command for each container, because a patch of several could reorder them. Pass --kubeconfig or --pods to get one command and one roll-out.`,
          );
    const commands = specs.map(
      (one) => `${command} strategic -p ${shellJson(nestedAt(ownerKind.template, one))}\n`,
    );
    return notes + by + each + commands.join('');
  }
  if (spec === undefined)
    return (
      comment(
        `${title}: no command, because the patch of a ${kind} needs the positions of its containers, and they are unknown. Pass --kubeconfig or --pods.`,
      ) +
      suggestedSizesComment(own) +
      notes
    );
  const operations = own.flatMap((row) => operationsOf(row, ownerKind, spec, isExact));
  return `${notes}${by}${command} json -p ${shellJson(operations)}\n`;
}

function notPatched(kind: string): string {
  if (kind === 'Job')
    return 'the API server does not change an existing Job. Set these values in what creates it';
  return `realmem does not know where a ${kind} keeps its pod template. Set these values there`;
}

function whyNot(
  kind: string,
  namespace: string,
  name: string,
  owner: Knowledge['owner'],
): string | undefined {
  const resource = ownerKindOf(kind)?.resource ?? kind;
  if (owner === 'missing') return 'the API server has no such object (any more)';
  if (owner?.templateOf !== undefined)
    return `it uses the pod template of ${owner.templateOf}. Set these values there`;
  if (owner !== undefined && owner.template === undefined) return 'it has no pod template';
  if (kind !== 'ReplicaSet' && kind !== 'ReplicationController') return undefined;
  if (owner === undefined)
    return `the controller of this ${kind} would undo it. Set these values in the owner that \`kubectl -n ${namespace} get ${resource} ${name} -o jsonpath={.metadata.ownerReferences}\` prints`;
  return owner.controller === undefined
    ? undefined
    : `${owner.controller} controls it. Set these values in ${owner.controller}`;
}

/** Why the API server would refuse the patch: a request above its limit, or above the value of the whole pod. */
function tooMuch(rows: readonly SuggestionRow[], spec: PodSpec): string | undefined {
  const whole = rows.find(({ suggestion }) => suggestion.isWholePod);
  const podRequest = whole?.request ?? memoryOf(spec.resources, 'requests');
  const podLimit = whole?.limit ?? memoryOf(spec.resources, 'limits');
  const parts: PodPart[] = [];
  for (const { name, type, index, resources } of spec.containers) {
    const row = rows.find(({ suggestion }) => suggestion.key.container === name);
    const limit = row?.limit ?? memoryOf(resources, 'limits');
    // Without a request, Kubernetes sets it to the limit.
    const request = row?.request ?? memoryOf(resources, 'requests') ?? limit ?? 0;
    if (limit !== undefined && request > limit)
      return `the request of ${name} would be above its limit of ${quantity(limit)}`;
    if (podLimit !== undefined && limit !== undefined && limit > podLimit)
      return `the limit of ${name} would be above that of its pod, ${quantity(podLimit)}`;
    parts.push({ type, index, amount: request });
  }
  // A pod with a limit but no request requests the sum of its containers.
  const most = podRequest ?? podLimit;
  if (most !== undefined && podAggregate(parts) > most)
    return `its containers would request more than the pod as a whole, ${quantity(most)}`;
  return undefined;
}

const nestedAt = (path: readonly string[], spec: object): object =>
  path.reduceRight((below, key) => ({ [key]: below }), spec);

const resourcesOf = (row: SuggestionRow): object => {
  const { request, limit } = memoryQuantities(row);
  return {
    ...(request !== undefined && { requests: { memory: request } }),
    ...(limit !== undefined && { limits: { memory: limit } }),
  };
};

/**
 * A strategic merge reorders containers to the order of the patch, and init containers run in that order. Without a known
 * template, each container of a list gets its own patch: a patch of one container reorders nothing.
 */
function strategicSpecs(rows: readonly SuggestionRow[], spec: PodSpec | undefined): readonly object[] {
  const indexOf = ({ suggestion: { key } }: SuggestionRow): number =>
    spec?.containers.find(({ name }) => name === key.container)?.index ?? -1;
  const isInit = ({ suggestion: { key, setting } }: SuggestionRow): boolean => {
    const type = spec?.containers.find(({ name }) => name === key.container)?.type ?? setting.type;
    return type === 'init' || type === 'sidecar';
  };
  const listed = (some: readonly SuggestionRow[]): object[] =>
    some.map((row) => ({ name: row.suggestion.key.container, resources: resourcesOf(row) }));
  const whole = rows.find(({ suggestion }) => suggestion.isWholePod);
  const each = rows.filter((row) => row !== whole).toSorted((a, b) => indexOf(a) - indexOf(b));
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

/** @param isExact the spec is the template's. Otherwise it is a pod's, and admission may have set more than the template has */
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

/** RFC 6902: `add` needs an existing parent, and overwrites an existing value. */
function memoryOperations(
  path: string,
  row: SuggestionRow,
  resources: SpecResources | undefined,
  isExact: boolean,
): readonly Operation[] {
  const { request, limit } = memoryQuantities(row);
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
