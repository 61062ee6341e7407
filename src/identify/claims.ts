/**
 * Places are what paths claim. Two that claim the same pod, or the same container, cannot both be right: one is
 * believed, the other is told, and its memory stays with whatever holds it. Kata's overhead finds its pod. An ID
 * outside pods is believed where it stands once.
 */
import type { Skipped } from '../model/cgroup.ts';
import type { CgroupRole } from '../model/cgroup-role.ts';
import type { Observation } from '../model/observation.ts';
import { normalUid } from '../model/pod.ts';

type PodRole = Extract<CgroupRole, { kind: 'pod' }>;
type ContainerRole = Extract<CgroupRole, { kind: 'container' }>;
type At<P extends CgroupRole> = Observation & { readonly role: P };

export interface Settled {
  readonly observations: readonly Observation[];
  readonly refused: readonly Skipped[];
}

/** @param sightings of one pass, all that there are */
export function resolveClaims(observations: readonly Observation[]): Settled {
  const pods = observations.filter(isPod);
  const containers = observations.filter(isContainer);
  const refused = new Map<Observation, string>();
  refusePods(pods, containers, refused);
  refuseStrays(pods, containers, refused);
  refuseIds(containers, refused);
  const left =
    refused.size === 0 ? observations : observations.filter((observation) => !refused.has(observation));
  return {
    observations: attributeOverhead(believeSingleIds(left)),
    refused: [...refused].map(([{ sample }, why]) => ({ cgroup: sample.id.path, why })),
  };
}

const isPod = (observation: Observation): observation is At<PodRole> => observation.role.kind === 'pod';
const isContainer = (observation: Observation): observation is At<ContainerRole> =>
  observation.role.kind === 'container';
const pathOf = ({ sample }: Observation): string => sample.id.path;
const parentOf = (observation: Observation): string =>
  pathOf(observation).slice(0, pathOf(observation).lastIndexOf('/'));
const uidOf = ({ role }: At<PodRole | ContainerRole>): string => normalUid(role.podUID);

/** Those that claim what another claims as well. */
function disputes<P extends At<PodRole | ContainerRole>>(
  all: readonly P[],
  claim: (observation: P) => string,
): readonly (readonly P[])[] {
  const claims = new Map<string, P[]>();
  for (const observation of all) {
    const same = claims.get(claim(observation));
    if (same === undefined) claims.set(claim(observation), [observation]);
    else same.push(observation);
  }
  return claims.size === all.length ? [] : [...claims.values()].filter(({ length }) => length > 1);
}

/**
 * The host's own claim comes before one from inside a container, which may call its cgroups what it likes. Then the
 * one with containers in it: a kubelet that changed its driver leaves empty cgroups behind.
 */
function refusePods(
  pods: readonly At<PodRole>[],
  containers: readonly At<ContainerRole>[],
  refused: Map<Observation, string>,
): void {
  const disputed = disputes(pods, uidOf);
  if (disputed.length === 0) return;
  const below = Map.groupBy(containers, parentOf);
  const isEmpty = (claim: Observation): number => (below.has(pathOf(claim)) ? 0 : 1);
  for (const claims of disputed) {
    const [first, ...others] = claims.toSorted(
      (a, b) => isInside(a) - isInside(b) || isEmpty(a) - isEmpty(b) || byPath(a, b),
    ) as [At<PodRole>, ...At<PodRole>[]];
    for (const other of others) {
      refused.set(other, `it claims the pod ${other.role.podUID}, which stands at ${pathOf(first)}`);
      for (const container of below.get(pathOf(other)) ?? [])
        refused.set(container, `it stands in a cgroup that claims to be the pod at ${pathOf(first)}`);
    }
  }
}

/**
 * Containers outside the cgroup of their pod: where the drivers of kubelet and runtime disagree all of a node's stand
 * so, below one parent. Where the pod's own cgroup holds containers they do not disagree.
 */
function refuseStrays(
  pods: readonly At<PodRole>[],
  containers: readonly At<ContainerRole>[],
  refused: Map<Observation, string>,
): void {
  const podPaths = new Set(pods.map(pathOf));
  const strays = containers.filter((container) => !podPaths.has(parentOf(container)));
  if (strays.length === 0) return;
  const homes = new Map(
    containers
      .filter((container) => podPaths.has(parentOf(container)) && !refused.has(container))
      .map((container) => [uidOf(container), parentOf(container)] as const),
  );
  const parents = [...Map.groupBy(strays, parentOf)];
  const [runtime, own] = parents.toSorted(
    ([a, some], [b, others]) => others.length - some.length || (a < b ? -1 : 1),
  )[0] as (typeof parents)[number];
  const placed = new Set(own.map(uidOf));
  for (const stray of strays) {
    const isOwn = parentOf(stray) === runtime;
    const home = homes.get(uidOf(stray)) ?? (placed.has(uidOf(stray)) && !isOwn ? runtime : undefined);
    if (home === undefined) continue;
    const where = home === '' ? '/' : home;
    refused.set(stray, `it claims the pod ${stray.role.podUID}, whose containers stand in ${where}`);
  }
}

function refuseIds(containers: readonly At<ContainerRole>[], refused: Map<Observation, string>): void {
  const left = containers.filter((container) => !refused.has(container));
  for (const same of disputes(left, ({ role }) => role.id)) {
    const [first, ...others] = same.toSorted((a, b) => isInside(a) - isInside(b) || byPath(a, b)) as [
      At<ContainerRole>,
      ...At<ContainerRole>[],
    ];
    for (const other of others) refused.set(other, `it claims the ID of the container at ${pathOf(first)}`);
  }
}

/** Of two cgroups that carry one container's ID nobody can tell which is its own: outside pods none of them is believed. */
function believeSingleIds(observations: readonly Observation[]): readonly Observation[] {
  if (!observations.some(({ role }) => role.kind === 'other' && role.id !== undefined)) return observations;
  const claims = new Map<string, number>();
  for (const { role } of observations)
    if ((role.kind === 'other' || role.kind === 'container') && role.id !== undefined)
      claims.set(role.id, (claims.get(role.id) ?? 0) + 1);
  return observations.map((observation) => {
    if (observation.role.kind !== 'other' || observation.role.id === undefined) return observation;
    const { id, ...role } = observation.role;
    return claims.get(id) === 1 ? observation : { ...observation, role };
  });
}

const isInside = ({ role }: At<PodRole | ContainerRole>): number => (role.inside === undefined ? 0 : 1);

const byPath = (a: Observation, b: Observation): number => (pathOf(a) < pathOf(b) ? -1 : 1);

/**
 * What Kata needs outside the pod's cgroup is the pod's all the same, as a second cgroup of its sandbox: neither holds
 * the other, so that both count. A container that has an overhead is a sandbox, whatever it is called.
 */
function attributeOverhead(observations: readonly Observation[]): readonly Observation[] {
  const overheads = new Set(
    observations.flatMap(({ role }) => (role.kind === 'other' ? (role.overheadOf ?? []) : [])),
  );
  if (overheads.size === 0) return observations;
  const sandboxes = new Map(
    observations.flatMap(({ role }) =>
      role.kind === 'container' && overheads.has(role.id)
        ? [[role.id, { ...role, runtime: 'kata', sandbox: true } as const] as const]
        : [],
    ),
  );
  return observations.map((observation) => {
    const { role } = observation;
    const id = role.kind === 'other' ? role.overheadOf : role.kind === 'container' ? role.id : undefined;
    const sandbox = id === undefined ? undefined : sandboxes.get(id);
    return sandbox === undefined ? observation : { ...observation, role: sandbox };
  });
}
