/**
 * Places are what paths claim. Two that claim the same pod, or the same container, cannot both be right: one is
 * believed, the other is told, and its memory stays with whatever holds it. Kata's overhead finds its pod. An ID
 * outside pods is believed where it stands once.
 */
import type { Skipped } from '../model/cgroup.ts';
import type { Place } from '../model/cgroup-role.ts';
import type { Sighting } from '../model/observation.ts';
import { normalUid } from '../model/pod.ts';

type PodPlace = Extract<Place, { kind: 'pod' }>;
type ContainerPlace = Extract<Place, { kind: 'container' }>;
type At<P extends Place> = Sighting & { readonly place: P };

export interface Settled {
  readonly sightings: readonly Sighting[];
  readonly refused: readonly Skipped[];
}

/** @param sightings of one pass, all that there are */
export function settle(sightings: readonly Sighting[]): Settled {
  const pods = sightings.filter(isPod);
  const containers = sightings.filter(isContainer);
  const refused = new Map<Sighting, string>();
  refusePods(pods, containers, refused);
  refuseStrays(pods, containers, refused);
  refuseIds(containers, refused);
  const left = refused.size === 0 ? sightings : sightings.filter((sighting) => !refused.has(sighting));
  return {
    sightings: attributeOverhead(believeSingleIds(left)),
    refused: [...refused].map(([{ sample }, why]) => ({ cgroup: sample.id.path, why })),
  };
}

const isPod = (sighting: Sighting): sighting is At<PodPlace> => sighting.place.kind === 'pod';
const isContainer = (sighting: Sighting): sighting is At<ContainerPlace> =>
  sighting.place.kind === 'container';
const pathOf = ({ sample }: Sighting): string => sample.id.path;
const parentOf = (sighting: Sighting): string => pathOf(sighting).slice(0, pathOf(sighting).lastIndexOf('/'));
const uidOf = ({ place }: At<PodPlace | ContainerPlace>): string => normalUid(place.podUID);

/** Those that claim what another claims as well. */
function disputes<P extends At<PodPlace | ContainerPlace>>(
  all: readonly P[],
  claim: (sighting: P) => string,
): readonly (readonly P[])[] {
  const claims = new Map<string, P[]>();
  for (const sighting of all) {
    const same = claims.get(claim(sighting));
    if (same === undefined) claims.set(claim(sighting), [sighting]);
    else same.push(sighting);
  }
  return claims.size === all.length ? [] : [...claims.values()].filter(({ length }) => length > 1);
}

/**
 * The host's own claim comes before one from inside a container, which may call its cgroups what it likes. Then the
 * one with containers in it: a kubelet that changed its driver leaves empty cgroups behind.
 */
function refusePods(
  pods: readonly At<PodPlace>[],
  containers: readonly At<ContainerPlace>[],
  refused: Map<Sighting, string>,
): void {
  const disputed = disputes(pods, uidOf);
  if (disputed.length === 0) return;
  const below = Map.groupBy(containers, parentOf);
  const isEmpty = (claim: Sighting): number => (below.has(pathOf(claim)) ? 0 : 1);
  for (const claims of disputed) {
    const [first, ...others] = claims.toSorted(
      (a, b) => isInside(a) - isInside(b) || isEmpty(a) - isEmpty(b) || byPath(a, b),
    ) as [At<PodPlace>, ...At<PodPlace>[]];
    for (const other of others) {
      refused.set(other, `it claims the pod ${other.place.podUID}, which stands at ${pathOf(first)}`);
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
  pods: readonly At<PodPlace>[],
  containers: readonly At<ContainerPlace>[],
  refused: Map<Sighting, string>,
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
    refused.set(stray, `it claims the pod ${stray.place.podUID}, whose containers stand in ${where}`);
  }
}

function refuseIds(containers: readonly At<ContainerPlace>[], refused: Map<Sighting, string>): void {
  const left = containers.filter((container) => !refused.has(container));
  for (const same of disputes(left, ({ place }) => place.id)) {
    const [first, ...others] = same.toSorted((a, b) => isInside(a) - isInside(b) || byPath(a, b)) as [
      At<ContainerPlace>,
      ...At<ContainerPlace>[],
    ];
    for (const other of others) refused.set(other, `it claims the ID of the container at ${pathOf(first)}`);
  }
}

/** Of two cgroups that carry one container's ID nobody can tell which is its own: outside pods none of them is believed. */
function believeSingleIds(sightings: readonly Sighting[]): readonly Sighting[] {
  if (!sightings.some(({ place }) => place.kind === 'other' && place.id !== undefined)) return sightings;
  const claims = new Map<string, number>();
  for (const { place } of sightings)
    if ((place.kind === 'other' || place.kind === 'container') && place.id !== undefined)
      claims.set(place.id, (claims.get(place.id) ?? 0) + 1);
  return sightings.map((sighting) => {
    if (sighting.place.kind !== 'other' || sighting.place.id === undefined) return sighting;
    const { id, ...place } = sighting.place;
    return claims.get(id) === 1 ? sighting : { ...sighting, place };
  });
}

const isInside = ({ place }: At<PodPlace | ContainerPlace>): number => (place.inside === undefined ? 0 : 1);

const byPath = (a: Sighting, b: Sighting): number => (pathOf(a) < pathOf(b) ? -1 : 1);

/**
 * What Kata needs outside the pod's cgroup is the pod's all the same, as a second cgroup of its sandbox: neither holds
 * the other, so that both count. A container that has an overhead is a sandbox, whatever it is called.
 */
function attributeOverhead(sightings: readonly Sighting[]): readonly Sighting[] {
  const overheads = new Set(
    sightings.flatMap(({ place }) => (place.kind === 'other' ? (place.overheadOf ?? []) : [])),
  );
  if (overheads.size === 0) return sightings;
  const sandboxes = new Map(
    sightings.flatMap(({ place }) =>
      place.kind === 'container' && overheads.has(place.id)
        ? [[place.id, { ...place, runtime: 'kata', sandbox: true } as const] as const]
        : [],
    ),
  );
  return sightings.map((sighting) => {
    const { place } = sighting;
    const id = place.kind === 'other' ? place.overheadOf : place.kind === 'container' ? place.id : undefined;
    const sandbox = id === undefined ? undefined : sandboxes.get(id);
    return sandbox === undefined ? sighting : { ...sighting, place: sandbox };
  });
}
