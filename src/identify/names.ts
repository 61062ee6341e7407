/** Places joined with what the API says: which pod, which container. */
import type { Place } from '../model/place.ts';
import type { ContainerName, Pod } from '../model/pod.ts';
import type { Identified, Sighting } from '../model/sighting.ts';

/** Every sighting with the pod and the container it belongs to, as far as `names` knows them. */
export function identify(sightings: readonly Sighting[], names: Names): readonly Identified[] {
  const present = new Map<string, Set<string>>();
  for (const { place } of sightings) {
    if (place.kind !== 'container') continue;
    const ids = present.get(place.podUID);
    if (ids === undefined) present.set(place.podUID, new Set([place.id]));
    else ids.add(place.id);
  }
  return sightings.map((sighting) => {
    const { place } = sighting;
    if (place.kind === 'pod') {
      const pod = names.pod(place.podUID);
      return pod === undefined ? sighting : { ...sighting, pod };
    }
    if (place.kind !== 'container') return sighting;
    const container = names.container(place, present.get(place.podUID) ?? new Set());
    return container === undefined ? sighting : { ...sighting, pod: container.pod, container };
  });
}

/** An index of the pods of this node. */
export class Names {
  private readonly byUid = new Map<string, Pod>();
  readonly pods: readonly Pod[];

  constructor(pods: Iterable<Pod>) {
    const all = [...pods];
    this.pods = all;
    for (const pod of all) this.byUid.set(normal(pod.uid), pod);
    // A static pod's cgroup carries the hash of its manifest; the API shows the UID of its mirror. An annotation is
    // anybody's to write, so that no hash takes a name that is there already.
    for (const pod of all) {
      if (pod.configHash === undefined || this.byUid.has(normal(pod.configHash))) continue;
      this.byUid.set(normal(pod.configHash), pod);
    }
  }

  /** The UIDs of the pods for which this holds. */
  matching(wanted: (pod: Pod) => boolean): ReadonlySet<string> {
    return new Set(this.pods.filter(wanted).map(({ uid }) => uid));
  }

  pod(podUID: string): Pod | undefined {
    return this.byUid.get(normal(podUID));
  }

  /** @param present the container IDs that have a cgroup in this pod now */
  container(
    place: Extract<Place, { kind: 'container' }>,
    present: ReadonlySet<string>,
  ): ContainerName | undefined {
    const pod = this.pod(place.podUID);
    if (pod === undefined) return undefined;
    const container = pod.containers.find((candidate) => candidate.ids.includes(place.id));
    if (container !== undefined) return { pod, type: container.type, container };
    return { pod, type: isSandbox(pod, present) ? 'sandbox' : 'unknown' };
  }
}

/**
 * The sandbox is in no status, and neither is a container that has just started. One unnamed cgroup is the sandbox
 * when every container the API calls running has its own; with two, or one missing, it cannot be told yet.
 */
function isSandbox(pod: Pod, present: ReadonlySet<string>): boolean {
  const named = pod.containers.flatMap((container) => container.ids).filter((id) => present.has(id));
  const running = pod.containers.filter((container) => container.running);
  return (
    present.size === named.length + 1 &&
    running.every((container) => container.ids.some((id) => present.has(id)))
  );
}

/** Dashes and case differ between cgroup names and the API. */
const normal = (uid: string): string => uid.replaceAll('-', '').toLowerCase();
