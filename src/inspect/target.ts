/** Finds the cgroup that a TARGET names. */
import { InputError } from '../model/located-error.ts';
import type { Accounted } from '../model/observation.ts';
import { nearest } from '../model/text.ts';

export interface TargetOptions {
  readonly target: string;
  /** With a namespace, a target without `/` is a pod. */
  readonly namespace?: string;
}

/** The names that the command line accepts for a cgroup. Messages show the first one. */
interface Candidate {
  readonly observation: Accounted;
  readonly names: readonly string[];
}

/** Names in a message at most. */
const most = 8;

/**
 * A target with a leading `/` is a cgroup path. A target with another `/` is `namespace/pod[/container]`. Any other target
 * is a pod if a namespace is given, else a container ID or a prefix of one, or the name of a service.
 * @returns undefined for an unknown path: it may be below a container
 * @throws InputError if nothing matches, or several cgroups
 */
export function findTarget(all: readonly Accounted[], options: TargetOptions): Accounted | undefined {
  const { target, namespace } = options;
  if (target.startsWith('/')) {
    const path = target.length > 1 ? target.replace(/\/+$/, '') : target;
    return all.find(({ sample }) => sample.id.path === path);
  }
  if (target === '') throw fault(options, 'a container, a pod or a cgroup', 'nothing');
  if (target.includes('/')) return byPod(all, options, target.split('/'));
  if (namespace !== undefined) return byPod(all, options, [namespace, target]);
  return byId(all, options);
}

function byPod(
  all: readonly Accounted[],
  options: TargetOptions,
  [namespace = '', podName = '', container, ...more]: readonly string[],
): Accounted {
  const inPods = all.filter(({ role }) => role.kind === 'container');
  const named = inPods.filter(({ pod }) => pod !== undefined);
  if (more.length > 0 || namespace === '' || podName === '' || container === '')
    throw fault(options, 'namespace/pod or namespace/pod/container', 'other parts');
  if (inPods.length > 0 && named.length === 0)
    throw fault(
      options,
      'pod names',
      'none',
      'pass --pods FILE, or name a container ID or a cgroup path instead',
    );
  const ofPod = named.filter(({ pod }) => pod?.namespace === namespace && pod.name === podName);
  const candidates = ofPod
    .filter((one) => one.container?.container !== undefined)
    .map((observation): Candidate => ({ observation, names: [podLabel(observation)] }));
  const wanted = [namespace, podName, ...(container === undefined ? [] : [container])].join('/');
  const chosen =
    container === undefined ? candidates : candidates.filter(({ names }) => names.includes(wanted));
  const inReach = candidates.length > 0 ? candidates.map(({ observation }) => observation) : named;
  const known = inReach.filter((one) => one.container?.container !== undefined).map(podLabel);
  return only(options, chosen, 'a container of a pod on this node', near(wanted, known));
}

/** `shop/cart-1/cart`. A container that the API has not named yet shows its ID. */
const podLabel = ({ pod, container, role }: Accounted): string =>
  [
    pod?.namespace,
    pod?.name,
    container?.container?.name ?? (role.kind === 'container' ? role.id.slice(0, 12) : ''),
  ].join('/');

function byId(all: readonly Accounted[], options: TargetOptions): Accounted {
  const { target } = options;
  const candidates = all.flatMap((observation): Candidate[] => {
    const { role, sample } = observation;
    if (role.kind === 'container') return [{ observation, names: [role.id] }];
    if (role.kind !== 'other') return [];
    const id = /[0-9a-f]{64}/.exec(sample.id.path.slice(sample.id.path.lastIndexOf('/') + 1))?.[0];
    const names = role.type === 'container' && id !== undefined ? [id, role.name] : [role.name];
    return [{ observation, names }];
  });
  const exact = candidates.filter(({ names }) => names.includes(target));
  const begun = candidates.filter(({ names: [first = ''] }) => first.startsWith(target));
  const pods = [
    ...new Set(all.flatMap(({ pod }) => (pod === undefined ? [] : `${pod.namespace}/${pod.name}`))),
  ];
  const known = [...candidates.map(({ names: [first = ''] }) => short(first)), ...pods];
  const expected = 'a unique prefix of a container ID, or the name of a service';
  return only(options, exact.length > 0 ? exact : begun, expected, near(target, known));
}

const short = (name: string): string => (/^[0-9a-f]{64}$/.test(name) ? name.slice(0, 12) : name);

function only(
  options: TargetOptions,
  found: readonly Candidate[],
  expected: string,
  nearNames: readonly string[],
): Accounted {
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) return first.observation;
  if (first === undefined)
    throw fault(
      options,
      expected,
      'none',
      nearNames.length === 0 ? 'list them with `realmem top`' : `did you mean ${nearNames.join(', ')}?`,
    );
  const listed = found
    .slice(0, most)
    .map(({ observation, names: [name = ''] }) => (name.includes('/') ? name : observation.sample.id.path));
  const rest = found.length > most ? ` and ${found.length - most} more` : '';
  throw fault(options, 'one container', `${found.length}`, `choose one of ${listed.join(', ')}${rest}`);
}

/**
 * Known names that contain a part of `given`. Without any, known names with a part that differs by a letter or two; the
 * namespace comes last.
 */
function near(given: string, known: readonly string[]): readonly string[] {
  const [namespace = '', ...rest] = given.split('/');
  const parts = rest.length > 0 ? rest : [namespace];
  const inside = known.filter((name) => parts.some((part) => name.includes(part)));
  const words = [...new Set(known.flatMap((name) => name.split('/')))];
  const alike = [...parts, ...(rest.length > 0 ? [namespace] : [])].map((part) => {
    const word = nearest(part, words);
    return word === undefined ? [] : known.filter((name) => name.split('/').includes(word));
  });
  return [...(inside.length > 0 ? inside : (alike.find((names) => names.length > 0) ?? []))].slice(0, most);
}

const fault = ({ target }: TargetOptions, expected: string, got: string, todo?: string): InputError =>
  new InputError({ where: target, expected, got, ...(todo !== undefined && { todo }) });
