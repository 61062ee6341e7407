/** The rules below parents that belong to one runtime or scheduler: QEMU, Garden, Nomad, Slurm, ECS, Kata. */
import type { CgroupRole } from '../model/cgroup-role.ts';
import { other, shortId, withId } from './other-roles.ts';
import { type Above, ID, type Rule } from './rule.ts';

/** A step of a Slurm job. Slurm numbers the steps of each job from 0, so the name includes the job. */
const step = (match: RegExpExecArray, { parent }: Above): CgroupRole => ({
  kind: 'other',
  type: 'slice',
  name: `${parent}/${match[0]}`,
});

/** Kata's own processes with the VM's memory, in a cgroup outside the pod's. */
const overhead = (match: RegExpExecArray): CgroupRole => ({
  kind: 'other',
  type: 'vm',
  name: (match[1] as string).slice(0, 12),
  overheadOf: match[1] as string,
});

export const vms: readonly Rule[] = [{ name: /^(.+?)(?:\.scope)?$/s, role: other('vm'), below: 'inner' }];

export const garden: readonly Rule[] = [
  // Garden separates containers that exceed their CPU entitlement (bad) from the others (good).
  { name: /^(?:good|bad)$/, role: other('slice'), below: 'garden' },
  { name: /^.+$/s, role: other('container'), below: 'inner' },
];

export const nomad: readonly Rule[] = [
  { name: /^(share|shared|reserve)(?:\.slice)?$/, role: other('slice'), below: 'nomad' },
  { name: withId, role: shortId, below: 'inner' },
  { name: /^(.+?)(?:\.scope)?$/s, role: other('task'), below: 'inner' },
];

export const slurm: readonly Rule[] = [
  { name: /^uid_\d+$/, role: other('slice'), below: 'slurm' },
  { name: /^system$/, role: other('slice'), below: 'service' },
  // job_<number>, and from Slurm 26.05 an identifier such as s5K1KKYAYG5D00.
  { name: /^.+$/s, role: other('job'), below: 'slurmJob' },
];

export const slurmJob: readonly Rule[] = [{ name: /^.+$/s, role: step, below: 'inner' }];

export const ecs: readonly Rule[] = [{ name: /^.+$/s, role: other('task'), below: 'ecsTask' }];

export const ecsTask: readonly Rule[] = [
  { name: withId, role: shortId, below: 'inner' },
  { name: /^(.+?)(?:\.scope)?$/s, role: other('container'), below: 'inner' },
];

export const kataOverhead: readonly Rule[] = [
  // Kata 3 in Rust on systemd: runtime-rs-ID.scope.
  { name: new RegExp(`^(?:runtime-rs-|kata_)?${ID}(?:\\.scope)?$`), role: overhead, below: 'inner' },
  // Kata 2 repeats the pod's whole path here: these names are not pods.
  { name: /^.+$/s, role: other('slice'), below: 'kataOverhead' },
];
