/** Finds the container to probe, and what the probe must know of it first. */
import { uptime } from '../edges/clock.ts';
import { processTable } from '../edges/processes.ts';
import { type DetailedCgroup, type DetailSource, readDetail } from '../inspect/detail.ts';
import { nameOfCgroup, whereOf } from '../inspect/explain.ts';
import type { TargetOptions } from '../inspect/target.ts';
import { InputError, LocatedError } from '../model/located-error.ts';
import { parseMountinfo } from '../sample/mountinfo.ts';
import { parseProcessCgroup } from '../sample/process-cgroup.ts';
import { type Refusal, refusalOf } from './refusal.ts';

export interface ProbedContainer {
  readonly name: string;
  readonly where: string;
  readonly detail: DetailedCgroup;
  /** The machine has no swap, so the kernel cannot reclaim anonymous pages. */
  readonly isWithoutSwap: boolean;
}

/**
 * @param root the directory that represents the host's `/` @param at milliseconds since 1970 @param pid of this process
 * @throws InputError if the target matches nothing, or if it must not be probed
 */
export function findProbed(
  node: DetailSource,
  root: string,
  options: TargetOptions,
  at: number,
  pid: number,
): ProbedContainer {
  if (node.host.recording !== undefined)
    throw new InputError({ where: root, expected: 'a live host', got: 'a recording' });
  const detail = readDetail(node, root, options, at);
  const { observation, version, processes, meminfo } = detail;
  const { sample, role, usage, pod } = observation;
  const { path } = sample.id;
  const swapBytes = meminfo?.swapTotal;
  const pids = processes?.processes.map((one) => one.pid) ?? [];
  const refusal = refusalOf({
    ...{ path, version, role, usage, swapBytes },
    ownPath: cgroupOf(root, pid, version),
    ageSeconds: ageOf(root, pids),
    ...(pod !== undefined && { pod }),
  });
  if (refusal !== undefined) throw refused(options.target, refusal);
  return {
    name: nameOfCgroup(detail),
    where: whereOf(node, detail, at),
    detail,
    isWithoutSwap: swapBytes === 0,
  };
}

const refused = (where: string, { got, ...rest }: Refusal): InputError =>
  new InputError({ where, got: { message: got }, ...rest });

/** Undefined if this process has no such cgroup, or if the file is unreadable. */
function cgroupOf(root: string, pid: number, version: DetailedCgroup['version']): string | undefined {
  try {
    const text = processTable(root, parseMountinfo).read(pid, 'cgroup');
    return text && parseProcessCgroup(`/proc/${pid}/cgroup`, text, version);
  } catch (error) {
    if (error instanceof LocatedError) return undefined;
    throw error;
  }
}

/** Seconds since the first of these processes started. Undefined without processes. */
function ageOf(root: string, pids: readonly number[]): number | undefined {
  const table = processTable(root, parseMountinfo);
  const starts = pids.flatMap((pid) => {
    const text = table.read(pid, 'stat');
    return (text && parseStart(text)) ?? [];
  });
  return starts.length === 0 ? undefined : uptime() / 1000 - Math.min(...starts);
}

/** The field of the start time in `/proc/<pid>/stat` (proc_pid_stat(5)), counted from the one after the name. A name can contain anything, also `)`. */
const startField = 19;
/** Linux counts user time in hundredths of a second on every architecture that Node runs on. */
const ticksPerSecond = 100;

/** When the process started, in seconds after the machine booted. Undefined if the text has no such field. */
export function parseStart(text: Uint8Array): number | undefined {
  const line = new TextDecoder().decode(text);
  const ticks = line.slice(line.lastIndexOf(')') + 2).split(' ')[startField];
  return ticks !== undefined && /^\d{1,15}$/.test(ticks) ? Number(ticks) / ticksPerSecond : undefined;
}
