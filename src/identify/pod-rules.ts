/** The rules for what Kubernetes creates: QoS levels, pods, their containers, and nodes inside containers. */
import type { CgroupRole } from '../model/cgroup-role.ts';
import { type Above, conmon, ID, inner, kube, type Rule, runtimes, skip } from './rule.ts';

const UID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}';

const payload = (): CgroupRole => ({ kind: 'inner', mayHoldPods: true });

const qosOfLevel = (level: string | undefined): string =>
  level === 'besteffort' ? 'BestEffort' : level === 'burstable' ? 'Burstable' : 'Guaranteed';

/** A UID from a slice name. The kubelet replaces `-` by `_` there, because `-` separates levels in systemd slices. */
const unescapeUid = (written: string | undefined): string => (written ?? '').replaceAll('_', '-');

const podSlice = (match: RegExpExecArray): CgroupRole => ({
  kind: 'pod',
  podUID: unescapeUid(match[2]),
  qos: qosOfLevel(match[1]),
});

const podDirectory = (match: RegExpExecArray, { parent }: Above): CgroupRole => ({
  kind: 'pod',
  podUID: unescapeUid(match[1]),
  qos: qosOfLevel(parent),
});

function container(podUID: string, prefix: string | undefined, id: string | undefined): CgroupRole {
  const runtime = prefix === undefined ? undefined : runtimes.get(prefix);
  return { kind: 'container', podUID, id: id ?? '', ...(runtime !== undefined && { runtime }) };
}

const podContainer = (match: RegExpExecArray, { pod }: Above): CgroupRole =>
  container(pod.podUID, match[1], match[2]);

/** A Kata VM. The pod's containers run inside it and have no cgroups on the host. */
const kataSandbox = (match: RegExpExecArray, { pod }: Above): CgroupRole => ({
  kind: 'container',
  podUID: pod.podUID,
  id: match[1] as string,
  runtime: 'kata',
  sandbox: true,
});

export const kubepods: readonly Rule[] = [
  { name: /^kubepods$/, role: kube, below: 'kubepods' },
  // A custom cgroup root becomes a prefix: kubelet-kubepods.slice (kind), node2-kubepods-burstable.slice.
  { name: /^(?:.+-)?kubepods(?:-besteffort|-burstable)?\.slice$/s, role: kube, below: 'kubepods' },
];

/** Kubelet with the systemd driver, runtime with cgroupfs: slice:prefix:id in one segment. */
export const mixedDrivers: Rule = {
  name: new RegExp(`^(?:.+-)?kubepods(?:-besteffort|-burstable)?-pod([^:]+)\\.slice:([^:]+):${ID}$`, 's'),
  role: (match) => container(unescapeUid(match[1]), match[2], match[3]),
  below: 'inner',
};

/** Directly below kubepods or a QoS level. */
export const belowKubepods: readonly Rule[] = [
  ...kubepods,
  { name: /^(?:besteffort|burstable)$/, role: kube, below: 'kubepods' },
  { name: /^(?:.+-)?kubepods(?:-(besteffort|burstable))?-pod(.+)\.slice$/s, role: podSlice, below: 'pod' },
  { name: /^pod(.+)$/s, role: podDirectory, below: 'pod' },
  { name: /^.+$/s, role: skip('below kubepods, but neither a pod nor a QoS level'), below: 'inner' },
];

/** After `..`, where a pod may be the first name that shows. */
export const hidden: readonly Rule[] = [
  { name: /^\.\.$/, role: kube, below: 'hidden' },
  { name: new RegExp(`^pod(${UID})$`), role: podDirectory, below: 'pod' },
  { name: /^(?:.+-)?kubepods(?:-(besteffort|burstable))?-pod(.+)\.slice$/s, role: podSlice, below: 'pod' },
  ...kubepods,
  { name: /^(?:besteffort|burstable)$/, role: kube, below: 'kubepods' },
];

/** Below a pod. */
export const belowPod: readonly Rule[] = [
  {
    name: new RegExp(`^(?:(cri-containerd|crio|docker|libpod)-)?${ID}(?:\\.scope)?$`),
    role: podContainer,
    below: 'inner',
  },
  { name: new RegExp(`^kata_${ID}$`), role: kataSandbox, below: 'inner' },
  { name: /^crio-conmon-/, role: conmon, below: 'inner' },
  { name: /^.+$/s, role: skip('below a pod, but its name contains no container ID'), below: 'inner' },
];

/** Below a container outside pods, which may be a node with pods. */
export const nodeContainer: readonly Rule[] = [
  ...kubepods,
  { name: /^kubelet(?:\.slice)?$/, role: kube, below: 'nodeContainer' },
  // Levels that crun, systemd-nspawn, LXC, Sysbox and entry points of images add above a container's processes. The node's
  // own cgroups begin below them.
  { name: /^(?:container|payload|ns|syscont-cgroup-root|init)$/, role: payload, below: 'nodeContainer' },
  { name: /^.+$/s, role: inner, below: 'inner' },
];
