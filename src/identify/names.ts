/** Joins the observed cgroups with the known pods: which pod and which container each cgroup is. */
import type { CgroupId } from '../model/cgroup.ts';
import type { ContainerRole } from '../model/cgroup-role.ts';
import type { Identified, Observation, RuntimeName } from '../model/observation.ts';
import type { ContainerName, Pod } from '../model/pod.ts';
import { normalUid } from '../model/pod.ts';

/**
 * Adds to each observation its pod and container, as far as `names` knows them. Remembers sandboxes in `names`.
 * @param outsidePods the name that a runtime has for a container outside pods
 * @param isWhole these are the cgroups of one pass. Otherwise it remembers no sandbox: to know one takes all others of the pod
 */
export function identify(
  observations: readonly Observation[],
  names: Names,
  outsidePods: (id: CgroupId) => RuntimeName | undefined = () => undefined,
  isWhole = true,
): readonly Identified[] {
  const { sandboxes } = names;
  const resolved = observations.map((observation) => adoptByPod(observation, names));
  const groups = new Map<Pod, Group>();
  // The names belong to one node. If this host has pods of its own, nodes inside its containers are other nodes.
  let isNode = false;
  for (const observation of resolved) {
    const { role, sample } = observation;
    if (role.kind === 'pod' || role.kind === 'container') isNode ||= role.inside === undefined;
    if (role.kind !== 'container') continue;
    const pod = names.pod(role.podUID);
    if (pod === undefined) continue;
    const group = groups.get(pod) ?? { ids: new Set(), sandbox: undefined };
    groups.set(pod, group);
    group.ids.add(role.id);
    if (role.sandbox || sandboxes.has(sample.id)) group.sandbox = role.id;
  }
  return resolved.map((observation) => {
    const { role, sample } = observation;
    if (role.kind === 'other' && role.type === 'container') {
      const runtimeName = outsidePods(sample.id);
      return runtimeName === undefined ? observation : { ...observation, runtimeName };
    }
    if (role.kind !== 'pod' && role.kind !== 'container') return observation;
    if (isNode && role.inside !== undefined) return observation;
    const pod = names.pod(role.podUID);
    if (pod === undefined) return observation;
    if (role.kind === 'pod') return { ...observation, pod };
    const container = containerNameOf(pod, role, groups.get(pod) as Group);
    if (isWhole && container.type === 'sandbox') sandboxes.add(sample.id);
    return { ...observation, pod, container };
  });
}

/** Turns a container outside pod cgroups into a pod's container if a pod's status has its ID: rootless CRI-O, `--cgroups-per-qos=false`. */
function adoptByPod(observation: Observation, names: Names): Observation {
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
  /** ID of the known sandbox. */
  sandbox: string | undefined;
}

function containerNameOf(pod: Pod, role: ContainerRole, group: Group): ContainerName {
  const container = pod.containers.find(({ ids }) => ids.includes(role.id));
  if (container !== undefined) return { pod, type: container.type, container };
  if (group.sandbox === role.id) return { pod, type: 'sandbox' };
  if (group.sandbox === undefined)
    return { pod, type: isSandbox(pod, role, group.ids) ? 'sandbox' : 'unknown' };
  // A log directory has no ID. With one directory, and one cgroup next to the sandbox, they are the same container.
  const [only, ...more] = pod.containers;
  const isOnly = pod.from === 'logs' && only?.ids.length === 0 && more.length === 0 && group.ids.size === 2;
  return { pod, type: 'unknown', ...(isOnly && { container: only }) };
}

/**
 * Whether an unnamed cgroup is the pod's sandbox. The pod's status lists neither the sandbox nor a container that has just
 * started. If exactly one cgroup is unnamed and every running container has its own, it is the sandbox. Otherwise it is
 * not known yet.
 */
function isSandbox(pod: Pod, role: ContainerRole, present: ReadonlySet<string>): boolean {
  const named = pod.containers.flatMap(({ ids }) => ids).filter((id) => present.has(id));
  if (present.size !== named.length + 1) return false;
  const hasCgroup = (ids: readonly string[]): boolean => ids.some((id) => present.has(id));
  const running = pod.containers.filter((container) => container.running);
  // gVisor can hide its containers: the sandbox is then the pod's only cgroup.
  if (pod.runtimeClass !== undefined && named.length === 0 && running.length > 0) return true;
  // CRI-O creates a sandbox cgroup only when needed. While a container may be starting, this cgroup may be that container.
  if (role.runtime === 'cri-o')
    return pod.containers.every(
      ({ type, ids }) => (type !== 'container' && type !== 'sidecar') || hasCgroup(ids),
    );
  // Log directories do not show which containers run, and lack the ID of a container that has just started.
  if (pod.from === 'logs') return pod.containers.every(({ ids }) => ids.length > 0);
  return running.every(({ ids }) => hasCgroup(ids));
}

/** An index of the pods of this node. */
export class Names {
  private readonly byUid = new Map<string, Pod>();
  /** By container ID. Undefined for an ID that two pods claim. */
  private byContainer: Map<string, Pod | undefined> | undefined;
  readonly pods: readonly Pod[];
  /** Static pods whose hash another pod claims too, one message each. */
  readonly faults: readonly string[];
  /** Cgroups identified as sandboxes. A sandbox stays one as long as its cgroup exists, whatever starts next to it. */
  readonly sandboxes: WeakSet<CgroupId>;

  /** @param sandboxes those of the previous index of the same node */
  constructor(pods: Iterable<Pod>, sandboxes = new WeakSet<CgroupId>()) {
    this.sandboxes = sandboxes;
    const all = [...pods];
    this.pods = all;
    for (const pod of all) this.byUid.set(normalUid(pod.uid), pod).set(pod.uid, pod);
    // A static pod's cgroup carries the hash of its manifest, while the API shows the UID of its mirror pod. The hash comes
    // from an annotation that any pod's owner can write. So a hash never replaces a UID, and a hash claimed twice is ignored.
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

  /** The UIDs of all pods that `wanted` accepts. */
  matching(wanted: (pod: Pod) => boolean): ReadonlySet<string> {
    return new Set(this.pods.filter(wanted).map(({ uid }) => uid));
  }

  /** @param podUID a UID, or the hash of a static pod, in any notation */
  pod(podUID: string): Pod | undefined {
    // With the cgroupfs driver, paths have UIDs as the API writes them.
    return this.byUid.get(podUID) ?? this.byUid.get(normalUid(podUID));
  }

  /** The pod whose status has this container ID. Ignores log directories: containers that ship logs may write there. */
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
