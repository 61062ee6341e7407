/** Records what a host has beside its cgroups: the names of pod logs, and the memory of the containers' processes. */
import { readPodLogs } from '../edges/pod-logs.ts';
import { type ProcessFile, type ProcessTable, processTable } from '../edges/processes.ts';
import type { CgroupVersion } from '../model/cgroup.ts';
import { isWorkload } from '../model/cgroup-role.ts';
import type { LogLink, PodLogs } from '../model/pod.ts';
import type { NodeReport } from '../model/report.ts';
import { parseMountinfo } from '../sample/mountinfo.ts';
import { parseProcessCgroup } from '../sample/process-cgroup.ts';
import type { Recording } from './recording.ts';
import { reduceProcessFile } from './reduce-process.ts';

/** Reads both from the host below `root`. */
export const besideOf = (
  root: string,
): { readonly logs: PodLogs | undefined; readonly processes: ProcessTable } => ({
  logs: readPodLogs(root),
  processes: processTable(root, parseMountinfo),
});

/** Records the names of the logs as empty files. A replay needs nothing of their content. */
export function recordLogs(recording: Recording, { pods, links }: PodLogs): void {
  const keep = (directory: string, { file, target }: LogLink): void =>
    target === undefined
      ? recording.writeFile(`${directory}/${file}`, '')
      : recording.writeLink(`${directory}/${file}`, target);
  for (const { directory, containers } of pods)
    for (const { name, logs } of containers)
      for (const log of logs) keep(`var/log/pods/${directory}/${name}`, log);
  for (const link of links) keep('var/log/containers', link);
}

const processFiles = ['stat', 'status', 'statm', 'smaps_rollup', 'cgroup'] as const satisfies readonly (
  | ProcessFile
  | 'stat'
)[];

/** Records memory figures and the name of each process in a container. Never a command line or an environment. */
export function recordProcesses(
  processes: ProcessTable,
  version: CgroupVersion,
  { containers, others }: NodeReport,
  write: (file: string, text: Uint8Array) => void,
): void {
  const wanted = [...containers, ...others.filter(({ type }) => isWorkload(type))];
  const roots = new Set(wanted.map(({ cgroup }) => cgroup));
  const isWanted = (cgroup: string): boolean => {
    for (let path = cgroup; path !== ''; path = path.slice(0, path.lastIndexOf('/')))
      if (roots.has(path)) return true;
    return false;
  };
  for (const pid of processes.pids()) {
    const read = (file: ProcessFile | 'stat'): Uint8Array | undefined => tryRead(processes, pid, file);
    const cgroup = read('cgroup');
    if (cgroup === undefined || !isWanted(cgroupOf(cgroup, version) ?? '')) continue;
    for (const file of processFiles) {
      const text = read(file);
      const reduced = text === undefined ? undefined : reduceProcessFile(file, text);
      if (reduced !== undefined) write(`proc/${pid}/${file}`, reduced);
    }
  }
}

function cgroupOf(text: Uint8Array, version: CgroupVersion): string | undefined {
  try {
    return parseProcessCgroup('cgroup', text, version);
  } catch {
    return undefined;
  }
}

/** Undefined if the process has ended or may not be read. */
function tryRead(processes: ProcessTable, pid: number, file: ProcessFile | 'stat'): Uint8Array | undefined {
  try {
    return processes.read(pid, file as ProcessFile);
  } catch {
    return undefined;
  }
}
