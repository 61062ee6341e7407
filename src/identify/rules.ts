/** The rules for reading a cgroup's path: per state, which role a name has, and the next state. */
import { other } from './other-roles.ts';
import { belowHost, belowService, belowUser, others, runtime } from './other-rules.ts';
import { belowKubepods, belowPod, hidden, kubepods, mixedDrivers, nodeContainer } from './pod-rules.ts';
import { inner, kube, type PathState, type Rule } from './rule.ts';
import { ecs, ecsTask, garden, kataOverhead, nomad, slurm, slurmJob, vms } from './scheduler-rules.ts';

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
