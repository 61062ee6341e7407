/** The rules for reading a cgroup's path: per state, which role a name has, and the next state. */
import type { CgroupRole, OtherType } from '../model/cgroup-role.ts';

const ID = '([0-9a-f]{64})';
const UID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}';

/** A cgroup name with a container ID, in the forms of all runtimes. */
const withId = new RegExp(
  `^(?:(?<prefix>docker|libpod|libpod-payload|cri-containerd|crio|nerdctl)-)?(?<id>${ID})(?:\\.scope)?$`,
);

/** A UUID. Garden cuts off its end. */
const handle = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{4,12}';

/** The state while reading a path: it selects the rules for the next segment. */
export type PathState =
  | 'host'
  /** Below a systemd service. Pods are here only when the runtime uses another cgroup driver than the kubelet. */
  | 'service'
  /** Below user.slice. Users can create cgroups of any name here, so nothing here is a pod. */
  | 'user'
  /** Below machine.slice. A bare name is a container (Virtuozzo). */
  | 'machines'
  /** Below `qemu.slice` or `qemu`: virtual machines. */
  | 'vms'
  /** Below `garden`, `nomad`, `slurm`, `ecs`, and their tasks and jobs. Nothing here counts as a node with pods. */
  | 'garden'
  | 'nomad'
  | 'slurm'
  | 'slurmJob'
  | 'ecs'
  | 'ecsTask'
  /** Below `docker`, `lxc` or a containerd namespace. Any name is a container. */
  | 'runtime'
  /** The same below a service or a user. Nothing here counts as a node with pods. */
  | 'userRuntime'
  /** Below `kata_overhead`. A name that ends in a sandbox ID is the overhead of that sandbox's pod. */
  | 'kataOverhead'
  /** After `..`: a cgroup namespace hides the beginning of the path. */
  | 'hidden'
  /** Below kubepods. `pod<uid>` is a pod only here. */
  | 'kubepods'
  | 'pod'
  /** Below a container outside pods, which may be a node with pods (kind, minikube, nested Docker). */
  | 'nodeContainer'
  | 'inner';

export interface Rule {
  readonly name: RegExp;
  readonly role: (match: RegExpExecArray, above: Above) => CgroupRole;
  readonly below: PathState;
}

export interface Above {
  readonly parent: string;
  readonly pod: { readonly podUID: string; readonly qos: string };
}

const kube = (): CgroupRole => ({ kind: 'kube' });
const inner = (): CgroupRole => ({ kind: 'inner' });
const payload = (): CgroupRole => ({ kind: 'inner', mayHoldPods: true });
const skip = (why: string) => (): CgroupRole => ({ kind: 'skip', why });

const other =
  (type: OtherType) =>
  (match: RegExpExecArray): CgroupRole => ({ kind: 'other', type, name: unescapeUnit(match[1] ?? match[0]) });

/** A container outside pods, named by the 12 digits that `docker ps` prints. */
const shortId = ({ groups }: RegExpExecArray): CgroupRole => ({
  kind: 'other',
  type: 'container',
  name: groups?.['id']?.slice(0, 12) ?? '',
});

/** The same with its full ID, where only root can create cgroups: a pod's status may list this ID. */
const trustedId = (match: RegExpExecArray): CgroupRole => {
  const { id, prefix } = match.groups ?? {};
  const runtime = prefix === undefined ? undefined : runtimes.get(prefix);
  return {
    ...shortId(match),
    ...(id !== undefined && { id }),
    ...(runtime !== undefined && { runtime }),
  } as CgroupRole;
};

/** A step of a Slurm job. Slurm numbers the steps of each job from 0, so the name includes the job. */
const step = (match: RegExpExecArray, { parent }: Above): CgroupRole => ({
  kind: 'other',
  type: 'slice',
  name: `${parent}/${match[0]}`,
});

const qosOfLevel = (level: string | undefined): string =>
  level === 'besteffort' ? 'BestEffort' : level === 'burstable' ? 'Burstable' : 'Guaranteed';

/** Kata's own processes with the VM's memory, in a cgroup outside the pod's. */
const overhead = (match: RegExpExecArray): CgroupRole => ({
  kind: 'other',
  type: 'vm',
  name: (match[1] as string).slice(0, 12),
  overheadOf: match[1] as string,
});

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

/** A map, because a service chooses the prefix: an object has values for `constructor` and the like. */
const runtimes: ReadonlyMap<string, string> = new Map([
  ['cri-containerd', 'containerd'],
  ['crio', 'cri-o'],
  ['docker', 'docker'],
]);

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

const conmon = skip('conmon, the monitor process of a container');

const kubepods: readonly Rule[] = [
  { name: /^kubepods$/, role: kube, below: 'kubepods' },
  // A custom cgroup root becomes a prefix: kubelet-kubepods.slice (kind), node2-kubepods-burstable.slice.
  { name: /^(?:.+-)?kubepods(?:-besteffort|-burstable)?\.slice$/s, role: kube, below: 'kubepods' },
];

/** Kubelet with the systemd driver, runtime with cgroupfs: slice:prefix:id in one segment. */
const mixedDrivers: Rule = {
  name: new RegExp(`^(?:.+-)?kubepods(?:-besteffort|-burstable)?-pod([^:]+)\\.slice:([^:]+):${ID}$`, 's'),
  role: (match) => container(unescapeUid(match[1]), match[2], match[3]),
  below: 'inner',
};

/** Names of containers, tasks and jobs of other runtimes that identify them anywhere in the tree. */
const workloads = (container: PathState): readonly Rule[] => [
  // Created by `machinectl start NAME`.
  { name: /^systemd-nspawn@(.+)\.service$/s, role: other('container'), below: container },
  { name: /^machine-(qemu.*)\.scope$/s, role: other('vm'), below: 'inner' },
  { name: /^(.+)\.libvirt-qemu$/s, role: other('vm'), below: 'inner' },
  { name: /^machine-(.+)\.scope$/s, role: other('container'), below: container },
  { name: /^(.+)\.libvirt-lxc$/s, role: other('container'), below: container },
  { name: /^lxc\.payload\.(.+)$/s, role: other('container'), below: container },
  { name: /^ecstasks-(.+)\.slice$/s, role: other('task'), below: 'ecsTask' },
  // Nomad: <allocation>.<task>.scope, below the parent configured in its client.
  { name: new RegExp(`^(${handle}\\..+)\\.scope$`, 's'), role: other('task'), below: 'inner' },
  // Mesos, Concourse and OpenVZ. They also create them at the root.
  { name: new RegExp(`^${handle}$`), role: other('container'), below: container },
  // YARN: container_<epoch>_<cluster>_<application>_<attempt>_<number>.
  { name: /^container_(?:e\d+_)?\d+_\d+_\d+_\d+$/, role: other('container'), below: 'inner' },
  // HTCondor: its starter's directory with `_` for `/`, then the slot.
  { name: /^condor_.*slot\d.*$/s, role: other('job'), below: 'inner' },
];

/** Parent cgroups of other runtimes. */
const homes: readonly Rule[] = [
  { name: /^qemu(?:\.slice)?$/, role: other('slice'), below: 'vms' },
  { name: /^garden$/, role: other('slice'), below: 'garden' },
  { name: /^nomad(?:\.slice)?$/, role: other('slice'), below: 'nomad' },
  { name: /^ecs$/, role: other('slice'), below: 'ecs' },
  // With several slurmd on one host, each adds its name.
  { name: /^slurm(?:_.+)?$/s, role: other('slice'), below: 'slurm' },
  { name: /^((?:.+_)?slurmstepd)\.scope$/s, role: other('service'), below: 'slurm' },
];

/** The next states outside pods, which depend on who can create cgroups there. */
interface NextStates {
  /** Whether only root can create cgroups here. */
  readonly isRootOnly: boolean;
  readonly container: PathState;
  readonly runtime: PathState;
  readonly service: PathState;
  readonly group: PathState;
}

/** Rules outside pods, from specific to general. The last one matches every name. */
const others = (below: NextStates): readonly Rule[] => [
  { name: /^(?:crio|libpod)-conmon-/, role: conmon, below: 'inner' },
  { name: /\.(?:mount|swap)$/, role: skip('a mount or swap unit: it contains no processes'), below: 'inner' },
  { name: withId, role: below.isRootOnly ? trustedId : shortId, below: below.container },
  { name: /^nerdctl-/, role: skip('a nerdctl build: it is temporary'), below: 'inner' },
  ...workloads(below.container),
  ...homes,
  { name: /^(.+)\.(?:service|scope)$/s, role: other('service'), below: below.service },
  // `user`: created on v1 by libpam-cgfs for each user who logs in.
  { name: /^(user)(?:\.slice)?$/, role: other('slice'), below: 'user' },
  { name: /^(.+)\.slice$/s, role: other('slice'), below: below.group },
  {
    name: /^(?:docker|lxc|lxc\.payload|default|k8s\.io|moby|buildkit|libpod_parent)$/,
    role: other('slice'),
    below: below.runtime,
  },
  { name: /^.+$/s, role: other('slice'), below: below.group },
];

const runtime = (below: NextStates): readonly Rule[] => [
  { name: /^buildkit$/, role: other('slice'), below: below.runtime },
  { name: withId, role: below.isRootOnly ? trustedId : shortId, below: below.container },
  { name: /^libpod-conmon-/, role: conmon, below: 'inner' },
  { name: /^.+$/s, role: other('container'), below: below.container },
];

const belowHost: NextStates = {
  isRootOnly: true,
  container: 'nodeContainer',
  runtime: 'runtime',
  service: 'service',
  group: 'host',
};
const belowService: NextStates = {
  isRootOnly: false,
  container: 'inner',
  runtime: 'userRuntime',
  service: 'service',
  group: 'service',
};
const belowUser: NextStates = {
  isRootOnly: false,
  container: 'inner',
  runtime: 'userRuntime',
  service: 'user',
  group: 'user',
};

const host: readonly Rule[] = [
  ...kubepods,
  mixedDrivers,
  { name: /^(?:kata_overhead|kata-overhead\.slice)$/, role: other('slice'), below: 'kataOverhead' },
  { name: /^\.\.$/, role: kube, below: 'hidden' },
  { name: /^(machine)\.slice$/, role: other('slice'), below: 'machines' },
  ...others(belowHost),
];

export const rules: Readonly<Record<PathState, readonly Rule[]>> = {
  host,
  service: [mixedDrivers, ...others(belowService)],
  user: others(belowUser),
  machines: [...kubepods, { name: /^[^.]+$/s, role: other('container'), below: 'nodeContainer' }, ...host],
  vms,
  garden,
  nomad,
  slurm,
  slurmJob,
  ecs,
  ecsTask,
  runtime: runtime(belowHost),
  userRuntime: runtime(belowUser),
  kataOverhead,
  hidden: [...hidden, ...others(belowHost)],
  kubepods: belowKubepods,
  pod: belowPod,
  nodeContainer,
  inner: [{ name: /^.+$/s, role: inner, below: 'inner' }],
};
