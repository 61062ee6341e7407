/** Finds the container to probe, and what must be known of it before. */
import { uptime } from '../edges/clock.ts';
import { processTable } from '../edges/processes.ts';
import { type DetailedCgroup, type DetailSource, readDetail } from '../inspect/detail.ts';
import { nameOfCgroup, whereOf } from '../inspect/explain.ts';
import type { TargetOptions } from '../inspect/target.ts';
import { InputError, LocatedError } from '../model/located-error.ts';
import { parseMountinfo } from '../sample/mountinfo.ts';
import { parseProcessCgroup } from '../sample/process-cgroup.ts';
import { parseStart } from './process-start.ts';
import { type Refusal, refusalOf } from './refusal.ts';

export interface Found {
  readonly name: string;
  readonly where: string;
  readonly detail: DetailedCgroup;
  /** Whether no page of a program can be taken, because there is nowhere to take it to. */
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
): Found {
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
