/** Finds the pod that a TARGET names, and the node that it runs on. */
import { isKind } from '../identify/target-names.ts';
import { ApiError } from '../kube/api-error.ts';
import type { Kube } from '../kube/client.ts';
import { readPod } from '../kube/read-pod.ts';
import { workloadName } from '../model/container-key.ts';
import { type Fields, fieldsOf, textOf } from '../model/json.ts';
import { InputError, LocatedError } from '../model/located-error.ts';
import { nearest } from '../model/text.ts';
import { isForbidden } from './listing.ts';
import { readCluster } from './read.ts';
import type { ClusterView, ContainerView, PodView } from './view.ts';

export interface FoundPod {
  readonly namespace: string;
  readonly pod: string;
  /** Absent: the pod's only container. */
  readonly container?: string;
  readonly node: string;
}

export interface FindOptions {
  readonly target: string;
  /** Where a target without a namespace is searched. Absent: in the whole cluster. */
  readonly namespace?: string;
  /** Only containers of this name. */
  readonly container?: string;
  /** Of the replicas of one workload, take the one with most real memory. Absent: several are an error. */
  readonly oneReplica?: boolean;
  /** Namespace of the context: searched alone by users who may not read the whole cluster. */
  readonly contextNamespace?: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Deadline for each answer, in milliseconds. */
  readonly deadlineMs?: number;
}

/** Names in a message at most. */
const most = 8;

/**
 * Accepts `namespace/pod[/container]`, kubectl's `pod/NAME` and `deployment/NAME`, and the name of a pod, workload or
 * container alone. The API knows pods by their names. The reports know the others.
 * @throws ApiError; InputError if nothing matches, or several containers; LocatedError for a pod that is not scheduled yet
 */
export async function findPod(kube: Pick<Kube, 'call' | 'list'>, options: FindOptions): Promise<FoundPod> {
  const { target, namespace, contextNamespace, now, deadlineMs } = options;
  const parts = target.split('/');
  if (target.startsWith('/'))
    throw new InputError({
      where: target,
      expected: 'a pod, workload or container of the cluster',
      got: 'a cgroup path',
      todo: 'pass --local to read this machine',
    });
  if (parts.length > 3 || parts.includes(''))
    throw fault(options, 'NAME, namespace/pod or namespace/pod/container', 'other parts');
  const [first = '', second, third] = parts;
  const isOfKind = second !== undefined && third === undefined && isKind(first);
  const container = third ?? options.container;
  const named: readonly (string | undefined)[] =
    second === undefined
      ? [namespace, first, container]
      : isOfKind
        ? [isKind(first, 'pod') ? namespace : undefined, second, container]
        : [first, second, container];
  const known = await nodeOfPod(kube, named);
  if (known !== undefined) return known;
  const within = second === undefined || isOfKind ? namespace : first;
  const view = await readCluster(kube, {
    now,
    ...(within !== undefined && { namespace: within }),
    ...(contextNamespace !== undefined && { contextNamespace }),
    ...(deadlineMs !== undefined && { deadlineMs }),
  });
  const found = matching(containersOf(view), options).filter(
    (known) => container === undefined || known.container.name === container,
  );
  return only(options, view, options.oneReplica === true ? oneReplicaOf(found) : found);
}

/** Asks the API. Undefined: there is no such pod, or the user may not read it. */
async function nodeOfPod(
  kube: Pick<Kube, 'call'>,
  [namespace, pod, container]: readonly (string | undefined)[],
): Promise<FoundPod | undefined> {
  if (namespace === undefined || pod === undefined) return undefined;
  let answer: Fields;
  try {
    answer = await readPod(kube, namespace, pod);
  } catch (error) {
    if (isForbidden(error) || (error instanceof ApiError && error.status === 404)) return undefined;
    throw error;
  }
  const { spec, status } = answer;
  const node = textOf(fieldsOf(spec)['nodeName']);
  if (node === undefined)
    throw new LocatedError({
      where: `${namespace}/${pod}`,
      expected: 'a pod on a node',
      got: `a pod that is ${textOf(fieldsOf(status)['phase']) ?? 'not scheduled'}`,
      todo: `see kubectl -n ${namespace} describe pod ${pod}`,
    });
  return { namespace, pod, node, ...(container !== undefined && { container }) };
}

interface Known {
  readonly pod: PodView;
  readonly container: ContainerView;
}

const containersOf = ({ nodes }: ClusterView): readonly Known[] =>
  nodes.flatMap(({ pods }) => pods.flatMap((pod) => pod.containers.map((container) => ({ pod, container }))));

const labelOf = ({ pod, container }: Known): string => `${pod.namespace}/${pod.name}/${container.name}`;

/** Kind and name of the workload. */
function kindAndNameOf({ workload = '' }: PodView): readonly [string, string] {
  const slash = workload.indexOf('/');
  return [workload.slice(0, Math.max(0, slash)), workload.slice(slash + 1)];
}

/** As inspect/target.ts does on one host. */
function matching(known: readonly Known[], { target }: FindOptions): readonly Known[] {
  const [first = '', second, third] = target.split('/');
  if (second === undefined) return byName(known, first);
  if (third !== undefined)
    return known.filter(
      ({ pod, container }) => pod.namespace === first && pod.name === second && container.name === third,
    );
  const inNamespace = byName(
    known.filter(({ pod }) => pod.namespace === first),
    second,
  );
  if (inNamespace.length > 0) return inNamespace;
  if (isKind(first, 'pod')) return known.filter(({ pod }) => pod.name === second);
  return known.filter(({ pod }) => {
    const [kind, name] = kindAndNameOf(pod);
    return name === second && kind !== '' && isKind(first, kind);
  });
}

/** The containers that most names match: of the containers of workload `cart`, container `cart` matches by both. */
function byName(known: readonly Known[], name: string): readonly Known[] {
  const counted = known.map((one) => {
    const names = [one.pod.name, kindAndNameOf(one.pod)[1], one.container.name];
    return { one, count: names.filter((each) => each === name).length };
  });
  const best = counted.reduce((best, { count }) => Math.max(best, count), 0);
  if (best > 0) return counted.flatMap(({ one, count }) => (count === best ? one : []));
  return known.filter(({ pod }) => pod.name.startsWith(name));
}

/** If all are replicas of one container, the running one with most real memory. Else all of them. */
function oneReplicaOf(found: readonly Known[]): readonly Known[] {
  const keyOf = ({ pod, container }: Known): string =>
    [pod.namespace, workloadName(pod), container.name].join(' ');
  if (new Set(found.map(keyOf)).size !== 1) return found;
  return found.toSorted((a, b) => (b.container.real ?? -1) - (a.container.real ?? -1)).slice(0, 1);
}

function only(options: FindOptions, view: ClusterView, found: readonly Known[]): FoundPod {
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) {
    const { namespace, name: pod, node } = first.pod;
    return { namespace, pod, container: first.container.name, node };
  }
  if (first !== undefined) {
    const rest = found.length > most ? ` and ${found.length - most} more` : '';
    const listed = found.slice(0, most).map(labelOf);
    throw fault(options, 'one container', `${found.length}`, `choose one of ${listed.join(', ')}${rest}`);
  }
  const similar = near(options.target, containersOf(view));
  const expected = options.target.includes('/')
    ? 'a pod in the cluster'
    : 'the name of a pod, workload or container';
  throw fault(
    options,
    expected,
    'none',
    similar.length === 0 ? 'list them with kubectl realmem top' : `did you mean ${similar.join(', ')}?`,
  );
}

/** Pods and containers whose names contain the wanted one, or else differ from it by a letter or two. */
function near(target: string, known: readonly Known[]): readonly string[] {
  const parts = target.split('/');
  const word = parts[Math.min(1, parts.length - 1)] ?? target;
  const namesOf = ({ pod, container }: Known): readonly string[] => [
    pod.name,
    kindAndNameOf(pod)[1],
    container.name,
  ];
  const having = (part: string): readonly string[] => [
    ...new Set(
      known
        .filter((one) => namesOf(one).some((name) => name.includes(part)))
        .map(({ pod }) => `${pod.namespace}/${pod.name}`),
    ),
  ];
  const inside = having(word);
  const alike = nearest(word, [...new Set(known.flatMap(namesOf))]);
  const found = inside.length > 0 ? inside : alike === undefined ? [] : having(alike);
  return found.slice(0, most);
}

const fault = ({ target }: FindOptions, expected: string, got: string, todo?: string): InputError =>
  new InputError({ where: target, expected, got, ...(todo !== undefined && { todo }) });
