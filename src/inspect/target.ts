/** Finds the cgroup that a TARGET names. */
import { isKind, namesOf, type TargetNames } from '../identify/target-names.ts';
import { InputError } from '../model/located-error.ts';
import type { Accounted } from '../model/observation.ts';
import { nearest } from '../model/text.ts';

export interface TargetOptions {
  readonly target: string;
  /** TARGET is a pod, workload or container of this namespace. */
  readonly namespace?: string;
}

interface Known extends TargetNames {
  readonly observation: Accounted;
}

/** Names in a message at most. */
const most = 8;

/**
 * Accepts, in this order: a cgroup path with a leading `/`; `namespace/pod[/container]`; kubectl's `pod/NAME`,
 * `deployment/NAME`; a name alone. A name alone is that of a pod, workload, container, service or of `docker run --name`, the
 * beginning of a container ID, or the beginning of a pod's name. It must lead to one container.
 * @returns undefined for an unknown path: it may be below a container
 * @throws InputError if nothing matches, or several cgroups
 */
export function findTarget(all: readonly Accounted[], options: TargetOptions): Accounted | undefined {
  const { target, namespace } = options;
  if (target.startsWith('/')) {
    const path = target.length > 1 ? target.replace(/\/+$/, '') : target;
    return all.find(({ sample }) => sample.id.path === path);
  }
  const parts = target.split('/');
  if (target === '') throw fault(options, 'a container, a pod or a cgroup', 'nothing');
  if (parts.length > 3 || parts.includes(''))
    throw fault(options, 'NAME, namespace/pod or namespace/pod/container', 'other parts');
  const known = all.flatMap((observation): readonly Known[] => {
    const names = namesOf(observation);
    return names === undefined ? [] : [{ observation, ...names }];
  });
  const inNamespace = (wanted: string | undefined): readonly Known[] =>
    wanted === undefined ? known : known.filter((one) => one.namespace === wanted);
  const [first = '', second, third] = parts;
  if (second === undefined) return only(options, byName(inNamespace(namespace), first), known, namespace);
  const found = third === undefined ? byName(inNamespace(first), second) : ofPod(known, first, second, third);
  if (found.length > 0) return only(options, found, known);
  // A namespace can have the name of a kind. Then its pods have priority.
  const ofKind = third === undefined ? byKind(inNamespace(namespace), first, second) : [];
  if (ofKind.length > 0 || (third === undefined && isKind(first)))
    return only(options, ofKind, known, namespace, second);
  if (third === undefined && namespace !== undefined)
    return only(options, ofPod(known, namespace, first, second), known, namespace);
  return only(options, [], known);
}

const ofPod = (
  known: readonly Known[],
  namespace: string,
  pod: string,
  container: string,
): readonly Known[] =>
  known.filter((one) => one.namespace === namespace && one.pod === pod && one.container === container);

/** `deployment/cart`, `deploy/cart`, `deployment.apps/cart`, `pod/cart-1`. */
function byKind(known: readonly Known[], kind: string, name: string): readonly Known[] {
  if (isKind(kind, 'pod')) return known.filter(({ pod }) => pod === name);
  return known.filter((one) => one.workload === name && one.kind !== undefined && isKind(kind, one.kind));
}

/**
 * The cgroups that most names match: of the containers of workload `cart`, container `cart` matches by both. Whole names have
 * priority over beginnings of names.
 */
function byName(known: readonly Known[], name: string): readonly Known[] {
  const matches = (one: TargetNames): number =>
    [one.pod, one.workload, one.container, one.own, one.id, one.runtimeName].filter((each) => each === name)
      .length;
  const exact = known.map((one) => ({ one, count: matches(one) }));
  const best = Math.max(0, ...exact.map(({ count }) => count));
  if (best > 0) return exact.flatMap(({ one, count }) => (count === best ? one : []));
  return known.filter(({ id, own, pod }) => [id ?? own, pod].some((each) => each?.startsWith(name) === true));
}

/** @param name the part of the target that names the container, if not all of it */
function only(
  options: TargetOptions,
  found: readonly Known[],
  known: readonly Known[],
  namespace?: string,
  name = options.target,
): Accounted {
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) return first.observation;
  if (first !== undefined) {
    const rest = found.length > most ? ` and ${found.length - most} more` : '';
    const listed = found.slice(0, most).map(({ target }) => target);
    throw fault(options, 'one container', `${found.length}`, `choose one of ${listed.join(', ')}${rest}`);
  }
  const inPods = known.filter(({ observation }) => observation.role.kind === 'container');
  const wantsPod = namespace !== undefined || options.target.includes('/');
  if (wantsPod && inPods.length > 0 && inPods.every(({ observation: { pod } }) => pod === undefined))
    throw fault(
      options,
      'pod names',
      'none',
      'pass --pods FILE, or name a container ID or a cgroup path instead',
    );
  const wanted = namespace === undefined || name.includes('/') ? name : `${namespace}/${name}`;
  const similar = near(wanted, nameable(known, wantsPod)).slice(0, most);
  throw fault(
    options,
    wantsPod
      ? 'a container of a pod on this node'
      : 'the name of a pod, workload, container or service, or the beginning of a container ID',
    'none',
    similar.length === 0 ? 'list them with `realmem top`' : `did you mean ${similar.join(', ')}?`,
  );
}

/** What a message suggests. Each is a TARGET, or the name in one. */
function nameable(known: readonly Known[], onlyPods: boolean): readonly string[] {
  const pods = known.filter(({ container }) => container !== undefined);
  if (onlyPods) return pods.map(({ target }) => target);
  const outside = known.filter(({ pod }) => pod === undefined);
  return [
    ...new Set([
      ...outside.flatMap(({ runtimeName, id, own }) => runtimeName ?? id?.slice(0, 12) ?? own ?? []),
      ...pods.flatMap(({ namespace, pod, workload, container = '' }) => [
        `${namespace}/${pod}`,
        ...(workload === undefined ? [] : [`${namespace}/${workload}`]),
        container,
      ]),
    ]),
  ];
}

/**
 * Known names that contain a part of `given`. Without any, known names with a part that differs by a letter or two; the
 * namespace comes last.
 * @param given parts separated by `/`
 */
function near(given: string, known: readonly string[]): readonly string[] {
  const [namespace = '', ...rest] = given.split('/');
  const parts = rest.length > 0 ? rest : [namespace];
  const inside = known.filter((name) => parts.some((part) => name.includes(part)));
  if (inside.length > 0) return inside;
  const words = [...new Set(known.flatMap((name) => name.split('/')))];
  const alike = [...parts, ...(rest.length > 0 ? [namespace] : [])].map((part) => {
    const word = nearest(part, words);
    return word === undefined ? [] : known.filter((name) => name.split('/').includes(word));
  });
  return alike.find((names) => names.length > 0) ?? [];
}

const fault = ({ target }: TargetOptions, expected: string, got: string, todo?: string): InputError =>
  new InputError({ where: target, expected, got, ...(todo !== undefined && { todo }) });
