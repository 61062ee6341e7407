/**
 * Resolves conflicts between the roles of cgroups. A role comes from the path alone, so two cgroups can claim the same pod or
 * container. Then one is accepted and the other refused: it is reported as skipped, and its memory counts in its parent.
 * A container ID outside pods is accepted if it occurs once. Kata's overhead cgroups are attributed to their pods.
 */

import type { Skipped } from '../model/cgroup.ts';
import type { CgroupRole, ContainerRole, PodRole } from '../model/cgroup-role.ts';
import type { Observation } from '../model/observation.ts';
import { normalUid } from '../model/pod.ts';
import { compareText } from '../model/text.ts';

type ObservationOf<R extends CgroupRole> = Observation & { readonly role: R };

export interface ResolvedClaims {
  readonly observations: readonly Observation[];
  readonly refused: readonly Skipped[];
}

/** @param observations all observations of one pass */
export function resolveClaims(observations: readonly Observation[]): ResolvedClaims {
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

const isPod = (observation: Observation): observation is ObservationOf<PodRole> =>
  observation.role.kind === 'pod';
const isContainer = (observation: Observation): observation is ObservationOf<ContainerRole> =>
  observation.role.kind === 'container';
const pathOf = ({ sample }: Observation): string => sample.id.path;
const parentOf = (observation: Observation): string =>
  pathOf(observation).slice(0, pathOf(observation).lastIndexOf('/'));
const claimedUid = ({ role }: ObservationOf<PodRole | ContainerRole>): string => normalUid(role.podUID);

/** Groups of observations with the same claim, where there is more than one. */
function disputes<P extends ObservationOf<PodRole | ContainerRole>>(
  all: readonly P[],
  claim: (observation: P) => string,
): readonly (readonly P[])[] {
  const claims = new Map<string, P[]>();
  for (const observation of all) {
    const claimed = claim(observation);
    const same = claims.get(claimed);
    if (same === undefined) claims.set(claimed, [observation]);
    else same.push(observation);
  }
  return claims.size === all.length ? [] : [...claims.values()].filter(({ length }) => length > 1);
}

/**
 * Accepts one cgroup per pod. The host's own claim wins over one inside a container, because a container chooses the names of
 * its cgroups. Next, a cgroup with containers wins: a kubelet that changed its cgroup driver leaves empty cgroups behind.
 */
function refusePods(
  pods: readonly ObservationOf<PodRole>[],
  containers: readonly ObservationOf<ContainerRole>[],
  refused: Map<Observation, string>,
): void {
  const disputed = disputes(pods, claimedUid);
  if (disputed.length === 0) return;
  const below = Map.groupBy(containers, parentOf);
  const isEmpty = (claim: Observation): number => (below.has(pathOf(claim)) ? 0 : 1);
  for (const claims of disputed) {
    const [first, ...others] = claims.toSorted(
      (a, b) => isInside(a) - isInside(b) || isEmpty(a) - isEmpty(b) || byPath(a, b),
    ) as [ObservationOf<PodRole>, ...ObservationOf<PodRole>[]];
    for (const other of others) {
      refused.set(other, `its path claims pod ${other.role.podUID}, which is at ${pathOf(first)}`);
      for (const container of below.get(pathOf(other)) ?? [])
        refused.set(container, `its parent's path claims the pod at ${pathOf(first)}`);
    }
  }
}

/**
 * Handles containers outside the cgroup of their pod. If kubelet and runtime use different cgroup drivers, all containers of
 * the node are below one other parent. If the pod's own cgroup has containers, the drivers agree and the stray is refused.
 */
function refuseStrays(
  pods: readonly ObservationOf<PodRole>[],
  containers: readonly ObservationOf<ContainerRole>[],
  refused: Map<Observation, string>,
): void {
  const podPaths = new Set(pods.map(pathOf));
  const strays = containers.filter((container) => !podPaths.has(parentOf(container)));
  if (strays.length === 0) return;
  const homes = new Map(
    containers
      .filter((container) => podPaths.has(parentOf(container)) && !refused.has(container))
      .map((container) => [claimedUid(container), parentOf(container)] as const),
  );
  const parents = [...Map.groupBy(strays, parentOf)];
  const [runtime, own] = parents.toSorted(
    ([a, some], [b, others]) => others.length - some.length || compareText(a, b),
  )[0] as (typeof parents)[number];
  const claimedOutside = new Set(own.map(claimedUid));
  for (const stray of strays) {
    const isOwn = parentOf(stray) === runtime;
    const uid = claimedUid(stray);
    const home = homes.get(uid) ?? (claimedOutside.has(uid) && !isOwn ? runtime : undefined);
    if (home === undefined) continue;
    const where = home === '' ? '/' : home;
    refused.set(stray, `its path claims pod ${stray.role.podUID}, whose containers are in ${where}`);
  }
}

function refuseIds(
  containers: readonly ObservationOf<ContainerRole>[],
  refused: Map<Observation, string>,
): void {
  const left = containers.filter((container) => !refused.has(container));
  for (const same of disputes(left, ({ role }) => role.id)) {
    const [first, ...others] = same.toSorted((a, b) => isInside(a) - isInside(b) || byPath(a, b)) as [
      ObservationOf<ContainerRole>,
      ...ObservationOf<ContainerRole>[],
    ];
    for (const other of others)
      refused.set(other, `its path claims the ID of the container at ${pathOf(first)}`);
  }
}

/** Drops the container ID of cgroups outside pods when several cgroups carry it: the true owner is unknown. */
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

const isInside = ({ role }: ObservationOf<PodRole | ContainerRole>): number =>
  role.inside === undefined ? 0 : 1;

const byPath = (a: Observation, b: Observation): number => compareText(pathOf(a), pathOf(b));

/**
 * Attributes Kata's overhead cgroup, which is outside the pod's cgroup, to the pod: as a second cgroup of its sandbox. Neither
 * cgroup contains the other, so both count. A container with an overhead cgroup is a sandbox, whatever its name.
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
