/** The rules outside pods: systemd's units, containers of other runtimes, virtual machines, tasks and jobs. */
import { other, shortId, trustedId, withId } from './other-roles.ts';
import { conmon, type PathState, type Rule, skip } from './rule.ts';

/** A UUID. Garden cuts off its end. */
const handle = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{4,12}';

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
export const others = (below: NextStates): readonly Rule[] => [
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

export const runtime = (below: NextStates): readonly Rule[] => [
  { name: /^buildkit$/, role: other('slice'), below: below.runtime },
  { name: withId, role: below.isRootOnly ? trustedId : shortId, below: below.container },
  { name: /^libpod-conmon-/, role: conmon, below: 'inner' },
  { name: /^.+$/s, role: other('container'), below: below.container },
];

export const belowHost: NextStates = {
  isRootOnly: true,
  container: 'nodeContainer',
  runtime: 'runtime',
  service: 'service',
  group: 'host',
};
export const belowService: NextStates = {
  isRootOnly: false,
  container: 'inner',
  runtime: 'userRuntime',
  service: 'service',
  group: 'service',
};
export const belowUser: NextStates = {
  isRootOnly: false,
  container: 'inner',
  runtime: 'userRuntime',
  service: 'user',
  group: 'user',
};
