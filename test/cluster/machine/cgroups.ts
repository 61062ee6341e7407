/** Claims and removes the cgroup `kubepods`. The kubelet creates one in every cgroup hierarchy. */
import fs from 'node:fs';
import path from 'node:path';
import { record, recorded } from './made.ts';
import { until } from './until.ts';

const mountPoint = '/sys/fs/cgroup';

/** Records that the pod cgroups belong to this cluster. Throws if another kubelet's exist, so we never touch those. */
export function claimPodsCgroup(): void {
  const [there] = podsCgroups();
  if (there !== undefined)
    throw new Error(
      `${there} exists already and is not this cluster's; stop the other kubelet on this machine`,
    );
  record({ kind: 'pods cgroup' });
}

/** Kills all processes in pods, and removes the pod cgroups. */
export async function removePodsCgroup(): Promise<void> {
  if (!recorded().some(({ kind }) => kind === 'pods cgroup')) return;
  await until('the processes of pods to end', () => {
    const pids = podsCgroups().flatMap(processesBelow);
    for (const pid of pids) killIfThere(pid);
    return pids.length === 0;
  });
  await until('the removal of the cgroups of pods', () => {
    for (const cgroup of podsCgroups()) removeTree(cgroup);
    return podsCgroups().length === 0;
  });
}

/** Cgroup v1 has one per hierarchy. On v2 the mount point itself is the only hierarchy. */
function podsCgroups(): readonly string[] {
  const below = fs.readdirSync(mountPoint, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const hierarchies = [mountPoint, ...below.map(({ name }) => path.join(mountPoint, name))];
  return hierarchies
    .map((hierarchy) => path.join(hierarchy, 'kubepods'))
    .filter((cgroup) => fs.existsSync(cgroup));
}

function children(cgroup: string): readonly string[] {
  const entries = fs.readdirSync(cgroup, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => path.join(cgroup, name));
}

function processesBelow(cgroup: string): readonly number[] {
  const own = fs
    .readFileSync(path.join(cgroup, 'cgroup.procs'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map(Number);
  return [...own, ...children(cgroup).flatMap(processesBelow)];
}

function removeTree(cgroup: string): void {
  for (const child of children(cgroup)) removeTree(child);
  fs.rmdirSync(cgroup);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process ended after we listed it.
  }
}
