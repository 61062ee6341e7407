/** The table by which a cgroup's path is read: where one stands, what a name means there, and where one stands below. */
import type { CgroupRole, OtherType } from '../model/cgroup-role.ts';

const ID = '([0-9a-f]{64})';
const UID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}';

/** A container's ID as runtimes write it into the name of its cgroup. */
const withId = new RegExp(
  `^(?:(?<prefix>docker|libpod|libpod-payload|cri-containerd|crio|nerdctl)-)?(?<id>${ID})(?:\\.scope)?$`,
);

/** A UUID, of which Garden cuts the end. */
const handle = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{4,12}';

/** Where the next segment stands. */
export type Standing =
  | 'host'
  /** Below a service: systemd's, with pods only where a runtime's driver disagrees with the kubelet's. */
  | 'service'
  /** Below user.slice, where anyone may make cgroups of any name: no pods there. */
  | 'user'
  /** Below machine.slice: a bare name is a container (Virtuozzo). */
  | 'machines'
  /** Below `qemu.slice`, `qemu`: virtual machines. */
  | 'vms'
  /** Below `garden`, `nomad`, `slurm`, `ecs` and their tasks and jobs: no node is believed there. */
  | 'garden'
  | 'nomad'
  | 'slurm'
  | 'slurmJob'
  | 'ecs'
  | 'ecsTask'
  /** Below `docker`, `lxc`, a namespace of containerd: what stands here is a container, whatever its name. */
  | 'runtime'
  /** The same below a service or a user: no node is believed there. */
  | 'userRuntime'
  /** Below `kata_overhead`: what ends in the ID of a sandbox is what its pod costs outside its own cgroup. */
  | 'kataOverhead'
  /** Above this the path was hidden by a cgroup namespace (`..`). */
  | 'hidden'
  /** Below kubepods: here, and only here, `pod<uid>` is a pod. */
  | 'kubepods'
  | 'pod'
  /** Below a container outside pods: it may be a whole node (kind, minikube, docker-nested ones). */
  | 'nodeContainer'
  | 'inner';

export interface Rule {
  readonly name: RegExp;
  readonly role: (match: RegExpExecArray, above: Above) => CgroupRole;
  readonly below: Standing;
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

/** Outside pods a container goes by the twelve digits that `docker ps` prints. */
const shortId = ({ groups }: RegExpExecArray): CgroupRole => ({
  kind: 'other',
  type: 'container',
  name: groups?.['id']?.slice(0, 12) ?? '',
});

/** Where only root makes cgroups the whole ID counts as well: a pod may say that it is its container's. */
const believedId = (match: RegExpExecArray): CgroupRole => {
  const { id, prefix } = match.groups ?? {};
  const runtime = prefix === undefined ? undefined : runtimes[prefix];
  return {
    ...shortId(match),
    ...(id !== undefined && { id }),
    ...(runtime !== undefined && { runtime }),
  } as CgroupRole;
};

/** Slurm counts the steps of each job from 0: the name of the job tells them apart. */
const step = (match: RegExpExecArray, { parent }: Above): CgroupRole => ({
  kind: 'other',
  type: 'slice',
  name: `${parent}/${match[0]}`,
});

const qosOf = (level: string | undefined): string =>
  level === 'besteffort' ? 'BestEffort' : level === 'burstable' ? 'Burstable' : 'Guaranteed';

/** Kata's own processes, and the machine's memory with them, where they stand outside the pod's cgroup. */
const overhead = (match: RegExpExecArray): CgroupRole => ({
  kind: 'other',
  type: 'vm',
  name: (match[1] as string).slice(0, 12),
  overheadOf: match[1] as string,
});

/** The kubelet writes `-` in a UID as `_` where systemd would take it for a level. */
const uidOf = (written: string | undefined): string => (written ?? '').replaceAll('_', '-');

const podSlice = (match: RegExpExecArray): CgroupRole => ({
  kind: 'pod',
  podUID: uidOf(match[2]),
  qos: qosOf(match[1]),
});

const podDirectory = (match: RegExpExecArray, { parent }: Above): CgroupRole => ({
  kind: 'pod',
  podUID: uidOf(match[1]),
  qos: qosOf(parent),
});

const runtimes: Readonly<Record<string, string>> = {
  'cri-containerd': 'containerd',
  crio: 'cri-o',
  docker: 'docker',
};

function container(podUID: string, prefix: string | undefined, id: string | undefined): CgroupRole {
  const runtime = prefix === undefined ? undefined : runtimes[prefix];
  return { kind: 'container', podUID, id: id ?? '', ...(runtime !== undefined && { runtime }) };
}

const podContainer = (match: RegExpExecArray, { pod }: Above): CgroupRole =>
  container(pod.podUID, match[1], match[2]);

/** A whole machine in which the pod's containers run: they have no cgroups of their own here. */
const kataSandbox = (match: RegExpExecArray, { pod }: Above): CgroupRole => ({
  kind: 'container',
  podUID: pod.podUID,
  id: match[1] as string,
  runtime: 'kata',
  sandbox: true,
});

const conmon = skip('the monitor process of a container (conmon), not a container');

const kubepods: readonly Rule[] = [
  { name: /^kubepods$/, role: kube, below: 'kubepods' },
  // A root of its own comes as a prefix: kubelet-kubepods.slice (kind), node2-kubepods-burstable.slice.
  { name: /^(?:.+-)?kubepods(?:-besteffort|-burstable)?\.slice$/s, role: kube, below: 'kubepods' },
];

/** Kubelet on systemd, runtime on cgroupfs: slice:prefix:id in one segment. */
const disagreeing: Rule = {
  name: new RegExp(`^(?:.+-)?kubepods(?:-besteffort|-burstable)?-pod([^:]+)\\.slice:([^:]+):${ID}$`, 's'),
  role: (match) => container(uidOf(match[1]), match[2], match[3]),
  below: 'inner',
};

/** What is a container, a task or a job of another runtime by its name alone, wherever it stands. */
const workloads = (container: Standing): readonly Rule[] => [
  // systemd starts `machinectl start NAME` so.
  { name: /^systemd-nspawn@(.+)\.service$/s, role: other('container'), below: container },
  { name: /^machine-(qemu.*)\.scope$/s, role: other('vm'), below: 'inner' },
  { name: /^(.+)\.libvirt-qemu$/s, role: other('vm'), below: 'inner' },
  { name: /^machine-(.+)\.scope$/s, role: other('container'), below: container },
  { name: /^(.+)\.libvirt-lxc$/s, role: other('container'), below: container },
  { name: /^lxc\.payload\.(.+)$/s, role: other('container'), below: container },
  { name: /^ecstasks-(.+)\.slice$/s, role: other('task'), below: 'ecsTask' },
  // Nomad: <allocation>.<task>.scope, below the parent that its client is configured with.
  { name: new RegExp(`^(${handle}\\..+)\\.scope$`, 's'), role: other('task'), below: 'inner' },
  // Mesos, Concourse and OpenVZ, which put them at the root as well.
  { name: new RegExp(`^${handle}$`), role: other('container'), below: container },
  // YARN: container_<epoch>_<cluster>_<application>_<attempt>_<number>.
  { name: /^container_(?:e\d+_)?\d+_\d+_\d+_\d+$/, role: other('container'), below: 'inner' },
  // HTCondor: the directory of its starter with `_` for `/`, and the slot.
  { name: /^condor_.*slot\d.*$/s, role: other('job'), below: 'inner' },
];

/** Directories in which other runtimes keep what they run. */
const homes: readonly Rule[] = [
  { name: /^qemu(?:\.slice)?$/, role: other('slice'), below: 'vms' },
  { name: /^garden$/, role: other('slice'), below: 'garden' },
  { name: /^nomad(?:\.slice)?$/, role: other('slice'), below: 'nomad' },
  { name: /^ecs$/, role: other('slice'), below: 'ecs' },
  // Of several slurmd on one host each has a name.
  { name: /^slurm(?:_.+)?$/s, role: other('slice'), below: 'slurm' },
  { name: /^((?:.+_)?slurmstepd)\.scope$/s, role: other('service'), below: 'slurm' },
];

/** Where one stands below what is no pod. */
interface Below {
  /** Whether only root makes cgroups here. */
  readonly isRoots: boolean;
  readonly container: Standing;
  readonly runtime: Standing;
  readonly service: Standing;
  readonly group: Standing;
}

/** What is no pod. Rules go from the particular to the general; the last takes all. */
const others = (below: Below): readonly Rule[] => [
  { name: /^(?:crio|libpod)-conmon-/, role: conmon, below: 'inner' },
  { name: /\.(?:mount|swap)$/, role: skip('a mount or swap unit: it holds no processes'), below: 'inner' },
  { name: withId, role: below.isRoots ? believedId : shortId, below: below.container },
  { name: /^nerdctl-/, role: skip('a build of nerdctl: it ends with its command'), below: 'inner' },
  ...workloads(below.container),
  ...homes,
  { name: /^(.+)\.(?:service|scope)$/s, role: other('service'), below: below.service },
  // `user`: what libpam-cgfs gives to each user who logs in, on v1.
  { name: /^(user)(?:\.slice)?$/, role: other('slice'), below: 'user' },
  { name: /^(.+)\.slice$/s, role: other('slice'), below: below.group },
  {
    name: /^(?:docker|lxc|lxc\.payload|default|k8s\.io|moby|buildkit|libpod_parent)$/,
    role: other('slice'),
    below: below.runtime,
  },
  { name: /^.+$/s, role: other('slice'), below: below.group },
];

const runtime = (below: Below): readonly Rule[] => [
  { name: /^buildkit$/, role: other('slice'), below: below.runtime },
  { name: withId, role: below.isRoots ? believedId : shortId, below: below.container },
  { name: /^libpod-conmon-/, role: conmon, below: 'inner' },
  { name: /^.+$/s, role: other('container'), below: below.container },
];

const belowHost: Below = {
  isRoots: true,
  container: 'nodeContainer',
  runtime: 'runtime',
  service: 'service',
  group: 'host',
};
const belowService: Below = {
  isRoots: false,
  container: 'inner',
  runtime: 'userRuntime',
  service: 'service',
  group: 'service',
};
const belowUser: Below = {
  isRoots: false,
  container: 'inner',
  runtime: 'userRuntime',
  service: 'user',
  group: 'user',
};

const host: readonly Rule[] = [
  ...kubepods,
  disagreeing,
  { name: /^(?:kata_overhead|kata-overhead\.slice)$/, role: other('slice'), below: 'kataOverhead' },
  { name: /^\.\.$/, role: kube, below: 'hidden' },
  { name: /^(machine)\.slice$/, role: other('slice'), below: 'machines' },
  ...others(belowHost),
];

export const rules: Readonly<Record<Standing, readonly Rule[]>> = {
  host,
  service: [disagreeing, ...others(belowService)],
  user: others(belowUser),
  machines: [...kubepods, { name: /^[^.]+$/s, role: other('container'), below: 'nodeContainer' }, ...host],
  vms: [{ name: /^(.+?)(?:\.scope)?$/s, role: other('vm'), below: 'inner' }],
  garden: [
    // Those that use more processor time than they are entitled to stand apart.
    { name: /^(?:good|bad)$/, role: other('slice'), below: 'garden' },
    { name: /^.+$/s, role: other('container'), below: 'inner' },
  ],
  nomad: [
    { name: /^(share|shared|reserve)(?:\.slice)?$/, role: other('slice'), below: 'nomad' },
    { name: withId, role: shortId, below: 'inner' },
    { name: /^(.+?)(?:\.scope)?$/s, role: other('task'), below: 'inner' },
  ],
  slurm: [
    { name: /^uid_\d+$/, role: other('slice'), below: 'slurm' },
    { name: /^system$/, role: other('slice'), below: 'service' },
    // job_<number>, and from Slurm 26.05 an identifier such as s5K1KKYAYG5D00.
    { name: /^.+$/s, role: other('job'), below: 'slurmJob' },
  ],
  slurmJob: [{ name: /^.+$/s, role: step, below: 'inner' }],
  ecs: [{ name: /^.+$/s, role: other('task'), below: 'ecsTask' }],
  ecsTask: [
    { name: withId, role: shortId, below: 'inner' },
    { name: /^(.+?)(?:\.scope)?$/s, role: other('container'), below: 'inner' },
  ],
  runtime: runtime(belowHost),
  userRuntime: runtime(belowUser),
  kataOverhead: [
    // Kata 3 in Rust on systemd: runtime-rs-ID.scope.
    { name: new RegExp(`^(?:runtime-rs-|kata_)?${ID}(?:\\.scope)?$`), role: overhead, below: 'inner' },
    // Kata 2 repeats the pod's whole path here: its names are no pods.
    { name: /^.+$/s, role: other('slice'), below: 'kataOverhead' },
  ],
  hidden: [
    { name: /^\.\.$/, role: kube, below: 'hidden' },
    { name: new RegExp(`^pod(${UID})$`), role: podDirectory, below: 'pod' },
    { name: /^(?:.+-)?kubepods(?:-(besteffort|burstable))?-pod(.+)\.slice$/s, role: podSlice, below: 'pod' },
    ...kubepods,
    { name: /^(?:besteffort|burstable)$/, role: kube, below: 'kubepods' },
    ...others(belowHost),
  ],
  kubepods: [
    ...kubepods,
    { name: /^(?:besteffort|burstable)$/, role: kube, below: 'kubepods' },
    { name: /^(?:.+-)?kubepods(?:-(besteffort|burstable))?-pod(.+)\.slice$/s, role: podSlice, below: 'pod' },
    { name: /^pod(.+)$/s, role: podDirectory, below: 'pod' },
    { name: /^.+$/s, role: skip('below kubepods, but no pod and no quality of service'), below: 'inner' },
  ],
  pod: [
    {
      name: new RegExp(`^(?:(cri-containerd|crio|docker|libpod)-)?${ID}(?:\\.scope)?$`),
      role: podContainer,
      below: 'inner',
    },
    { name: new RegExp(`^kata_${ID}$`), role: kataSandbox, below: 'inner' },
    { name: /^crio-conmon-/, role: conmon, below: 'inner' },
    { name: /^.+$/s, role: skip('below a pod, but its name holds no container ID'), below: 'inner' },
  ],
  nodeContainer: [
    ...kubepods,
    { name: /^kubelet(?:\.slice)?$/, role: kube, below: 'nodeContainer' },
    // What crun, systemd-nspawn, LXC, Sysbox and the entry points of images put between a container and its payload: the
    // node begins below.
    { name: /^(?:container|payload|ns|syscont-cgroup-root|init)$/, role: payload, below: 'nodeContainer' },
    { name: /^.+$/s, role: inner, below: 'inner' },
  ],
  inner: [{ name: /^.+$/s, role: inner, below: 'inner' }],
};

/** systemd writes the bytes that a unit's name may not hold as `\xNN`. */
const unescapeUnit = (name: string): string =>
  name.replace(/(?:\\x[0-9a-f]{2})+/g, (bytes) =>
    new TextDecoder().decode(Uint8Array.from(bytes.slice(2).split('\\x'), (hex) => Number.parseInt(hex, 16))),
  );
