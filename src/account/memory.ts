/** A sample's numbers → what they mean. Every formula of the product stands here. */
import { type Bytes, bytes } from '../model/bytes.ts';
import type { CgroupSample, Machine, MemoryStat } from '../model/cgroup.ts';
import { defined } from '../model/defined.ts';
import type { MemoryUsage } from '../model/usage.ts';
import type { High, Limit } from './limit.ts';
import { minus, type Optional, sum } from './optional.ts';
import { kernelOf, residualCauseOf, residualOf } from './residual.ts';

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
  readonly high?: High | undefined;
  /** The API's, where the cgroup's own is another. */
  readonly apiLimit?: Bytes | undefined;
  readonly request?: Bytes | undefined;
  readonly peakReal?: Bytes | undefined;
  /** Over all its lives; what the cgroup itself counted is in it. */
  readonly oomKills?: number | undefined;
  /** Undefined: a recording that does not say. */
  readonly machine?: Machine | undefined;
  /** Whether there are cgroups below. */
  readonly hasBelow?: boolean;
}

/** Each figure only where all it is made of is there. */
export function usageOf(sample: CgroupSample, around: Surroundings = {}): MemoryUsage {
  const { limit, high, request, peakReal, oomKills } = around;
  const { oomKillsLocal } = sample.details ?? {};
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
    kernelBytes: kernelOf(sample),
    kernelTcpBytes: details.kmemTcp,
    sockBytes: stat.sock,
    slabReclaimableBytes: stat.slabReclaimable,
    unreclaimableBytes: atLeastZero(minus(real, stat.slabReclaimable)),
    swapBytes: atLeastZero(details.swap),
    zswapBytes: details.zswap ?? stat.zswap,
    hugetlbBytes: details.hugetlb ?? stat.hugetlb,
    limitBytes: limit?.bytes,
    limitFrom: limit === undefined || limit.path === sample.id.path ? undefined : limit.path,
    apiLimitBytes: around.apiLimit,
    requestBytes: request,
    peakBytes: details.peak,
    peakRealBytes: peakReal,
    residualBytes: residualOf(sample),
    residualCause: residualCauseOf(sample, around.machine, around.hasBelow ?? false),
    oomKills: oomKills ?? details.oomKills,
    oomKillsLocal: oomKillsLocal === details.oomKills ? undefined : oomKillsLocal,
    failCount: details.failCount,
    refaultsFile: stat.refaultFile,
    psiSomeAvg60: details.psiSomeAvg60,
    psiFullAvg60: details.psiFullAvg60,
    clamped: clamped ? (true as const) : undefined,
    highBytes: high?.bytes,
    highFrom: high === undefined || high.path === sample.id.path ? undefined : high.path,
    highEvents: high?.events,
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

/** MADV_FREE pages are `anon` but wait on the file lists, so the anonymous lists fall short of anon + shmem. */
function lazyFreeOf({ anon, shmem, activeAnon, inactiveAnon, unevictable }: MemoryStat): Bytes | undefined {
  const charged = sum(anon, shmem);
  const listed = sum(activeAnon, inactiveAnon, unevictable);
  return charged === undefined || listed === undefined ? undefined : bytes(Math.max(0, charged - listed));
}
