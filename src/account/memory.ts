/** Computes the memory figures of one cgroup from its sample. */
import { type Bytes, bytes, minus, type Optional, plus } from '../model/bytes.ts';
import type { CgroupSample, Machine, MemoryStat } from '../model/cgroup.ts';
import { usageFile } from '../model/cgroup.ts';
import { knownFigures, type MemoryUsage } from '../model/usage.ts';
import type { High, Limit } from './limit.ts';
import { kernelOf, residualCauseOf, residualOf } from './residual.ts';

/** usage − (active_file + inactive_file), and never below the anonymous lists. */
export const realOf = ({ usage, stat }: CgroupSample): Bytes | undefined =>
  atLeastListed(usageWithoutCache(usage, stat), usage, stat);

const usageWithoutCache = (usage: Optional, stat: MemoryStat | undefined): Optional =>
  minus(usage, plus(stat?.activeFile, stat?.inactiveFile));

/**
 * Raises a difference to its lower bound, the anonymous lists. Usage and stat are two reads of separate counters. So their
 * difference can be negative, or less than the anonymous memory that it must contain. The whole is the upper bound.
 * @returns undefined if an operand is, or if the difference is not positive and the kernel gives no anonymous lists
 */
export function atLeastListed(
  difference: Optional,
  whole: Optional,
  stat: Pick<MemoryStat, 'activeAnon' | 'inactiveAnon'> | undefined,
): Optional {
  if (difference === undefined || whole === undefined) return undefined;
  const listed = plus(stat?.activeAnon, stat?.inactiveAnon);
  if (listed !== undefined) return bytes(Math.max(difference, Math.min(whole, listed)));
  return difference > 0 || whole === 0 ? bytes(Math.max(0, difference)) : undefined;
}

/** Facts about a cgroup that are not in its own files. */
export interface Surroundings {
  readonly limit?: Limit | undefined;
  readonly high?: High | undefined;
  /** The limit according to the API, if the cgroup has a different one. */
  readonly apiLimit?: Bytes | undefined;
  readonly request?: Bytes | undefined;
  /** The largest real so far. */
  readonly peakReal?: Bytes | undefined;
  /** OOM kills over all restarts, including those that the cgroup itself counted. */
  readonly oomKills?: number | undefined;
  /** Undefined for a recording without it. */
  readonly machine?: Machine | undefined;
  /** Whether the cgroup has child cgroups. */
  readonly hasBelow?: boolean;
}

/** All figures of one cgroup. A figure is absent if any of its operands is. */
export function usageOf(sample: CgroupSample, around: Surroundings = {}): MemoryUsage {
  const { limit, high, request, peakReal, oomKills } = around;
  const { oomKillsLocal } = sample.details ?? {};
  const { usage, stat = {}, details = {} } = sample;
  const { activeFile, inactiveFile } = stat;
  const real = realOf(sample);
  const isClamped = real !== undefined && real !== usageWithoutCache(usage, stat);
  const lazyFree = lazyFreeOf(stat);
  return knownFigures({
    usageBytes: usage,
    realBytes: real,
    // The formula of the kubelet.
    workingSetBytes: atLeastZero(minus(usage, inactiveFile)),
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
    unreclaimableBytes: atLeastListed(minus(real, stat.slabReclaimable), real, stat),
    // On v1 details.swap is the difference of two reads and can be negative. Then use the figure of memory.stat.
    swapBytes: details.swap !== undefined && details.swap < 0 ? stat.swap : details.swap,
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
    clamped: isClamped ? (true as const) : undefined,
    highBytes: high?.bytes,
    highFrom: high === undefined || high.path === sample.id.path ? undefined : high.path,
    highEvents: high?.events,
  });
}

const atLeastZero = (value: Optional): Optional =>
  value === undefined ? undefined : bytes(Math.max(0, value));

/** The beginning of the reason why a cgroup has no real memory, if the kernel has no files for it. */
export const noMemoryFiles = 'no memory files';

/** Why the sample has no real; undefined if it has one, and if a fault already says why. */
export function whyNoReal(sample: CgroupSample): string | undefined {
  const { version, usage, stat, faults } = sample;
  if (realOf(sample) !== undefined) return undefined;
  // Faults of other keys do not explain a missing real.
  const isInFaults = (key: string): boolean => faults.some((fault) => fault.includes(`${key} `));
  if (faults.length > 0 && (usage === undefined || stat === undefined)) return undefined;
  const missing = [
    ...(usage === undefined ? [usageFile[version]] : []),
    ...(stat === undefined ? ['memory.stat'] : []),
    ...(stat !== undefined && stat.activeFile === undefined ? ['active_file in memory.stat'] : []),
    ...(stat !== undefined && stat.inactiveFile === undefined ? ['inactive_file in memory.stat'] : []),
  ];
  if (missing.length === 0)
    return 'real is absent: usage does not exceed its page cache, and memory.stat lacks active_anon and inactive_anon for a lower bound';
  if (missing.every((one) => isInFaults(one.split(' ', 1)[0] as string))) return undefined;
  if (usage === undefined && stat === undefined)
    return `${noMemoryFiles}: the memory controller is off for it, or they were not recorded`;
  return `real is absent: there is no ${missing.join(', no ')}`;
}

/**
 * Lazily freed memory (MADV_FREE), in bytes. The kernel counts these pages in `anon` but keeps them on the file lists. So
 * the anonymous lists are that much smaller than anon + shmem.
 */
function lazyFreeOf({ anon, shmem, activeAnon, inactiveAnon, unevictable }: MemoryStat): Bytes | undefined {
  const charged = plus(anon, shmem);
  const listed = plus(plus(activeAnon, inactiveAnon), unevictable);
  if (anon === undefined || charged === undefined || listed === undefined) return undefined;
  return bytes(Math.min(anon, Math.max(0, charged - listed)));
}
