/** A sample's numbers → what they mean. Every formula of the product stands here. */
import { type Bytes, bytes } from '../model/bytes.ts';
import type { CgroupSample, MemoryStat } from '../model/cgroup.ts';
import { defined } from '../model/defined.ts';
import type { MemoryUsage } from '../model/usage.ts';
import type { Limit } from './limit.ts';

/** usage − (active_file + inactive_file), at least 0. */
export function realOf({ usage, stat }: CgroupSample): Bytes | undefined {
  const real = unclampedReal(usage, stat);
  return real === undefined || real >= 0 ? real : bytes(0);
}

/** Usage and stat are two reads: the difference can come out below zero. */
const unclampedReal = (usage: Optional, stat: MemoryStat | undefined): Optional =>
  minus(usage, sum(stat?.activeFile, stat?.inactiveFile));

/** What stands around a cgroup, rather than in its files. */
export interface Surroundings {
  readonly limit?: Limit | undefined;
  readonly request?: Bytes | undefined;
  readonly peakReal?: Bytes | undefined;
  /** Over all its lives; what the cgroup itself counted is in it. */
  readonly oomKills?: number | undefined;
}

/** Each figure only where all it is made of is there. */
export function usageOf(sample: CgroupSample, around: Surroundings = {}): MemoryUsage {
  const { limit, request, peakReal, oomKills } = around;
  const { usage, stat = {}, details = {} } = sample;
  const { activeFile, inactiveFile } = stat;
  let clamped = false;
  const atLeastZero = (value: Optional): Optional => {
    if (value === undefined || value >= 0) return value;
    clamped = true;
    return bytes(0);
  };
  const real = atLeastZero(unclampedReal(usage, stat));
  const workingSet = atLeastZero(minus(usage, inactiveFile));
  const kernel = kernelOf(sample);
  const lazyFree = lazyFreeOf(stat);
  return defined({
    usageBytes: usage,
    realBytes: real,
    workingSetBytes: workingSet,
    rssBytes: stat.anon,
    cacheBytes: stat.file,
    activeFileBytes: activeFile,
    inactiveFileBytes: inactiveFile,
    shmemBytes: stat.shmem,
    mappedFileBytes: stat.fileMapped,
    unevictableBytes: stat.unevictable,
    lazyFreeBytes: lazyFree,
    kernelBytes: kernel,
    kernelTcpBytes: details.kmemTcp,
    sockBytes: stat.sock,
    slabReclaimableBytes: stat.slabReclaimable,
    unreclaimableBytes: atLeastZero(minus(real, stat.slabReclaimable)),
    swapBytes: atLeastZero(details.swap),
    zswapBytes: details.zswap ?? stat.zswap,
    limitBytes: limit?.bytes,
    limitFrom: limit === undefined || limit.path === sample.id.path ? undefined : limit.path,
    requestBytes: request,
    peakBytes: details.peak,
    peakRealBytes: peakReal,
    residualBytes: residualOf(sample, kernel),
    oomKills: oomKills ?? details.oomKills,
    failCount: details.failCount,
    refaultsFile: stat.refaultFile,
    psiSomeAvg60: details.psiSomeAvg60,
    psiFullAvg60: details.psiFullAvg60,
    clamped: clamped ? (true as const) : undefined,
  });
}

/** Why there is no real; undefined where there is one, or where a fault has already said it. */
export function whyNoReal({ version, usage, stat, faults }: CgroupSample): string | undefined {
  if (faults.length > 0) return undefined;
  const usageFile = version === 1 ? 'memory.usage_in_bytes' : 'memory.current';
  const missing = [
    ...(usage === undefined ? [usageFile] : []),
    ...(stat === undefined ? ['memory.stat'] : []),
    ...(stat !== undefined && stat.activeFile === undefined ? ['active_file in memory.stat'] : []),
    ...(stat !== undefined && stat.inactiveFile === undefined ? ['inactive_file in memory.stat'] : []),
  ];
  if (missing.length === 0) return undefined;
  if (usage === undefined && stat === undefined)
    return 'no memory files: the memory controller is off for it, or they were not recorded';
  return `real is absent: there is no ${missing.join(', no ')}`;
}

/** Kernel memory without sockets. v2 before 5.18 gives only its parts. */
function kernelOf({ version, kmem, stat }: CgroupSample): Bytes | undefined {
  if (version === 1) return kmem;
  if (stat?.kernel !== undefined) return stat.kernel;
  const parts = sum(stat?.kernelStack, stat?.slab, stat?.pagetables, stat?.percpu);
  return parts === undefined ? undefined : bytes(parts + (stat?.secPagetables ?? 0));
}

/** MADV_FREE pages are `anon` but wait on the file lists, so the anonymous lists fall short of anon + shmem. */
function lazyFreeOf({ anon, shmem, activeAnon, inactiveAnon, unevictable }: MemoryStat): Bytes | undefined {
  const charged = sum(anon, shmem);
  const listed = sum(activeAnon, inactiveAnon, unevictable);
  return charged === undefined || listed === undefined ? undefined : bytes(Math.max(0, charged - listed));
}

/** usage − every list − kernel − sockets: what no part explains. v1 charges TCP elsewhere and Unix sockets to kmem. */
function residualOf(
  { version, usage, stat = {} }: CgroupSample,
  kernel: Bytes | undefined,
): Bytes | undefined {
  const lists = sum(stat.activeAnon, stat.inactiveAnon, stat.activeFile, stat.inactiveFile, stat.unevictable);
  const sockets = version === 1 ? bytes(0) : stat.sock;
  return minus(usage, sum(lists, kernel, sockets));
}

type Optional = Bytes | undefined;

function sum(...parts: readonly Optional[]): Optional {
  let total = 0;
  for (const part of parts) {
    if (part === undefined) return undefined;
    total += part;
  }
  return bytes(total);
}

const minus = (from: Optional, part: Optional): Optional =>
  from === undefined || part === undefined ? undefined : bytes(from - part);
