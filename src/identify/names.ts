/** Places joined with what is known of pods by name: which pod, which container. */
import type { CgroupId } from '../model/cgroup.ts';
import type { CgroupRole } from '../model/cgroup-role.ts';
import type { Identified, Observation } from '../model/observation.ts';
import type { ContainerName, Pod } from '../model/pod.ts';
import { normalUid } from '../model/pod.ts';

type ContainerRole = Extract<CgroupRole, { kind: 'container' }>;

/**
 * Every observation with the pod and the container it belongs to, as far as `names` knows them.
 * @param sandboxes of earlier passes, to which this one adds its own: a sandbox stays one as long as its cgroup lives,
 * whatever starts beside it
 */
export function identify(
  observations: readonly Observation[],
  names: Names,
  sandboxes = new WeakSet<CgroupId>(),
): readonly Identified[] {
  const placed = observations.map((observation) => claimed(observation, names));
  const groups = new Map<string, Group>();
  // The names are those of one node. Where this host is one, nodes that are containers on it are others.
  let isNode = false;
  for (const { role, sample } of placed) {
    if (role.kind === 'pod' || role.kind === 'container') isNode ||= role.inside === undefined;
    if (role.kind !== 'container') continue;
    const uid = normalUid(role.podUID);
    const group = groups.get(uid) ?? { ids: new Set(), sandbox: undefined };
    groups.set(uid, group);
    group.ids.add(role.id);
    if (role.sandbox || sandboxes.has(sample.id)) group.sandbox = role.id;
  }
  return placed.map((observation) => {
    const { role, sample } = observation;
    if (role.kind !== 'pod' && role.kind !== 'container') return observation;
    if (isNode && role.inside !== undefined) return observation;
    const pod = names.pod(role.podUID);
    if (pod === undefined) return observation;
    if (role.kind === 'pod') return { ...observation, pod };
    const container = nameOf(pod, role, groups.get(normalUid(role.podUID)) as Group);
    if (container.type === 'sandbox') sandboxes.add(sample.id);
    return { ...observation, pod, container };
  });
}

/** A container outside the cgroups of pods that a pod says is its own: rootless CRI-O, `--cgroups-per-qos=false`. */
function claimed(observation: Observation, names: Names): Observation {
  const { role } = observation;
  if (role.kind !== 'other' || role.id === undefined) return observation;
  const pod = names.podOfContainer(role.id);
  if (pod === undefined) return observation;
  const { id, runtime } = role;
  const found = { kind: 'container', podUID: pod.uid, id } as const;
  return { ...observation, role: { ...found, ...(runtime !== undefined && { runtime }) } };
}

/** The containers of one pod that have a cgroup now. */
interface Group {
  readonly ids: Set<string>;
  /** The one that is known to be the sandbox. */
  sandbox: string | undefined;
}

function nameOf(pod: Pod, role: ContainerRole, group: Group): ContainerName {
  const container = pod.containers.find(({ ids }) => ids.includes(role.id));
  if (container !== undefined) return { pod, type: container.type, container };
  if (group.sandbox === role.id) return { pod, type: 'sandbox' };
  if (group.sandbox === undefined)
    return { pod, type: isSandbox(pod, role, group.ids) ? 'sandbox' : 'unknown' };
  // A log directory tells no ID. One directory, and one cgroup beside the sandbox: they are the same container.
  const [only, ...more] = pod.containers;
  const isOnly = pod.from === 'logs' && only?.ids.length === 0 && more.length === 0 && group.ids.size === 2;
  return { pod, type: 'unknown', ...(isOnly && { container: only }) };
}

/**
 * The sandbox is in no status, and neither is a container that has just started. One unnamed cgroup is the sandbox
 * when every container that is said to run has its own; with two, or one missing, it cannot be told yet.
 */
function isSandbox(pod: Pod, role: ContainerRole, present: ReadonlySet<string>): boolean {
  const named = pod.containers.flatMap(({ ids }) => ids).filter((id) => present.has(id));
  if (present.size !== named.length + 1) return false;
  const hasCgroup = (ids: readonly string[]): boolean => ids.some((id) => present.has(id));
  const running = pod.containers.filter((container) => container.running);
  // gVisor can keep its containers to itself: the sandbox is all there is.
  if (pod.runtimeClass !== undefined && named.length === 0 && running.length > 0) return true;
  // CRI-O makes no sandbox unless it must: as long as a container may be starting, this may be it.
  if (role.runtime === 'cri-o')
    return pod.containers.every(
      ({ type, ids }) => (type !== 'container' && type !== 'sidecar') || hasCgroup(ids),
    );
  // Logs do not tell what runs. The ID of a life that has just begun is not in them yet.
  if (pod.from === 'logs') return pod.containers.every(({ ids }) => ids.length > 0);
  return running.every(({ ids }) => hasCgroup(ids));
}

/** An index of the pods of this node. */
export class Names {
  private readonly byUid = new Map<string, Pod>();
  /** Undefined for an ID that two pods claim. */
  private byContainer: Map<string, Pod | undefined> | undefined;
  readonly pods: readonly Pod[];
  /** Pods that cannot go by what they say of themselves, and why. */
  readonly faults: readonly string[];

  constructor(pods: Iterable<Pod>) {
    const all = [...pods];
    this.pods = all;
    for (const pod of all) this.byUid.set(normalUid(pod.uid), pod);
    // A static pod's cgroup carries the hash of its manifest; the API shows the UID of its mirror. An annotation is
    // anybody's to write, so that no hash takes a name that is there already, and of two that say the same none does.
    const mirrors = Map.groupBy(
      all.filter(({ configHash }) => configHash !== undefined && !this.byUid.has(normalUid(configHash))),
      ({ configHash = '' }) => normalUid(configHash),
    );
    const faults: string[] = [];
    for (const [hash, claims] of mirrors) {
      const [pod, other] = claims as [Pod, ...Pod[]];
      if (other === undefined) this.byUid.set(hash, pod);
      else
        faults.push(
          `${pod.namespace}/${pod.name} and ${other.namespace}/${other.name} both claim to be the static pod ${pod.configHash}`,
        );
    }
    this.faults = faults;
  }

  /** The UIDs of the pods for which this holds. */
  matching(wanted: (pod: Pod) => boolean): ReadonlySet<string> {
    return new Set(this.pods.filter(wanted).map(({ uid }) => uid));
  }

  pod(podUID: string): Pod | undefined {
    return this.byUid.get(normalUid(podUID));
  }

  /** By a container's ID alone. Log directories do not count: containers that ship logs may write there. */
  podOfContainer(id: string): Pod | undefined {
    this.byContainer ??= podsByContainer(this.pods);
    return this.byContainer.get(id);
  }
}

function podsByContainer(pods: readonly Pod[]): Map<string, Pod | undefined> {
  const found = new Map<string, Pod | undefined>();
  for (const pod of pods) {
    if (pod.from === 'logs') continue;
    const ids = pod.containers.flatMap((container) => container.ids);
    for (const id of ids) found.set(id, found.has(id) && found.get(id) !== pod ? undefined : pod);
  }
  return found;
}
