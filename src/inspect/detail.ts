/** Reads one cgroup in detail: every file that some tool reads, of this cgroup and of the root, and its processes. */
import { account, type Remembered } from '../account/account.ts';
import type { Cgroups, Host } from '../edges/host.ts';
import { processTable } from '../edges/processes.ts';
import type { Names } from '../identify/names.ts';
import { identify } from '../identify/names.ts';
import type { CgroupVersion } from '../model/cgroup.ts';
import { InputError, LocatedError, messageOf } from '../model/located-error.ts';
import type { Meminfo } from '../model/meminfo.ts';
import type { Accounted } from '../model/observation.ts';
import type { Processes, ProcessSums } from '../model/process.ts';
import { sample as sampleHost } from '../sample/host.ts';
import { parseMountinfo } from '../sample/mountinfo.ts';
import { parseProcessCgroup } from '../sample/process-cgroup.ts';
import type { Selection } from '../sample/selection.ts';
import type { History } from '../usage/history.ts';
import { observe } from '../usage/observe.ts';
import type { KnownProbe } from './explanation.ts';
import { kernelFiguresOf } from './figures.ts';
import type { Figures } from './formula.ts';
import { sumsOf } from './process-sums.ts';
import { readProcesses } from './read-processes.ts';
import { findTarget, type TargetOptions } from './target.ts';
import { readCgroup } from './walk.ts';

/** The node to read from. */
export interface DetailSource {
  readonly host: Host;
  readonly names: { readonly names: Names };
  readonly history: History;
  readonly selection: Selection;
  /** What an agent found out about the cgroups; the history unless given. */
  readonly remembered?: Remembered;
  /** What a probe found in this container; nothing unless given. @param at milliseconds since 1970 */
  readonly probeOf?: (observation: Accounted, at: number) => KnownProbe | undefined;
  /** Maximum number of processes to read; no limit unless given. */
  readonly mostProcesses?: number;
}

export interface DetailedCgroup {
  readonly version: CgroupVersion;
  readonly observation: Accounted;
  /** Under the names of the kernel's files and keys; see `ToolInputs.figures` in tools.ts. */
  readonly figures: Figures;
  readonly meminfo: Meminfo | undefined;
  /** Undefined for a recording without processes. */
  readonly processes: Processes | undefined;
  readonly sums: ProcessSums;
  readonly recording: boolean;
  /** One message for each file that could not be read or parsed. */
  readonly faults: readonly string[];
}

/** @throws InputError if the target matches no cgroup; LocatedError if the host has no readable cgroups */
export function readDetail(
  node: DetailSource,
  root: string,
  options: TargetOptions,
  at: number,
): DetailedCgroup {
  const { host, remembered = node.history, mostProcesses } = node;
  const { cgroups } = host;
  if (cgroups === undefined)
    throw new LocatedError({
      where: root,
      expected: 'a host with cgroups',
      got: { message: host.why ?? 'none' },
    });
  // Use the last sample of a recording: its processes are from that moment too.
  while (host.recording?.isLast === false) host.recording.next();
  const { names } = node.names;
  const sampled = observe(node.history, sampleHost(host, true, node.selection), host, names.pods, at, true);
  const identified = identify(sampled.observations, names, host.containerName);
  const all = account(identified, remembered, host.machine);
  const chosen = findTarget(all, options);
  const path = chosen?.sample.id.path ?? (options.target.replace(/\/+$/, '') || '/');
  const near = readCgroup(cgroups, path);
  const { sample } = near;
  if (sample === undefined) throw nothingThere(options.target, all);
  if (path === '/' && sample.usage === undefined) throw wholeNode(options.target);
  // Account again from the same bytes that the formulas use: the first sample is a moment older.
  const others = identified.filter((one) => one.sample.id.path !== path);
  const found = identified.find((one) => one.sample.id.path === path);
  const role = found?.role ?? { kind: 'other', type: 'slice', name: path };
  const accounted = account([...others, { ...found, role, sample }], remembered, host.machine).at(-1);
  const isContainer = role.kind === 'container' || (role.kind === 'other' && role.type === 'container');
  const pids = { listed: near.pids, isContainer };
  const processes = processesOf(host, root, cgroups, path, pids, mostProcesses);
  const sums = processes === undefined || processes.unseen > 0 ? {} : sumsOf(processes.processes);
  return {
    version: cgroups.version,
    observation: accounted as Accounted,
    figures: kernelFiguresOf({ ...near, meminfo: sampled.meminfo, sums, version: cgroups.version }),
    meminfo: sampled.meminfo,
    processes,
    sums,
    recording: host.recording !== undefined,
    faults: [...near.faults, ...(processes?.faults ?? [])],
  };
}

/** A recording can lack cgroup.procs and still contain /proc/<pid>/cgroup of each process. */
function processesOf(
  { recording }: Host,
  root: string,
  { version }: Cgroups,
  path: string,
  { listed, isContainer }: { readonly listed: readonly number[] | undefined; readonly isContainer: boolean },
  most = Number.POSITIVE_INFINITY,
): Processes | undefined {
  const table = processTable(root, parseMountinfo);
  if (listed !== undefined) {
    const sorted = [...listed].sort((a, b) => a - b);
    const seen = readProcesses(sorted.slice(0, most), table);
    if (recording !== undefined && listed.length > 0 && seen.processes.length === 0) return undefined;
    // A container runs at least one process. v1 does not list those of a PID namespace that is hidden from here.
    if (recording === undefined && isContainer && listed.length === 0) return { ...seen, unseen: 1 };
    if (sorted.length <= most) return seen;
    const unread = `${sorted.length - most} of ${sorted.length} processes are not read: too many`;
    return { ...seen, faults: [unread, ...seen.faults] };
  }
  const faults: string[] = [];
  const pids = table.pids().filter((pid) => {
    try {
      const text = table.read(pid, 'cgroup');
      const own = text && parseProcessCgroup(`/proc/${pid}/cgroup`, text, version);
      return own !== undefined && (own === path || own.startsWith(`${path === '/' ? '' : path}/`));
    } catch (error) {
      faults.push(messageOf(error));
      return false;
    }
  });
  if (pids.length === 0) return undefined;
  const found = readProcesses(pids, table);
  return { ...found, faults: [...found.faults, ...faults] };
}

/** Lists the cgroups at the deepest level of the path that exists. */
function nothingThere(target: string, all: readonly Accounted[]): InputError {
  const known = all.map(({ sample }) => sample.id.path);
  const steps = target.replace(/\/+$/, '').split('/');
  const depth = steps.findLastIndex((_, end) => known.includes(steps.slice(0, end + 1).join('/')));
  const above = steps.slice(0, depth + 1).join('/');
  const near = known.filter((path) => path.slice(0, path.lastIndexOf('/')) === above).slice(0, 5);
  const todo =
    near.length === 0
      ? 'list them with `realmem top --all`'
      : `${above === '' ? 'the root' : above} has ${near.join(', ')}`;
  return new InputError({ where: target, expected: 'a cgroup', got: 'none', todo });
}

/** On v2 the root cgroup has no usage file. */
const wholeNode = (target: string): InputError =>
  new InputError({
    where: target,
    expected: 'a cgroup with its own usage',
    got: 'the whole node',
    todo: 'use `realmem free`',
  });
