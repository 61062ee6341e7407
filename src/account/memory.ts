/** A sample's numbers → what they mean. Every formula of the product stands here. */
import { type Bytes, bytes, minus, type Optional, sum } from '../model/bytes.ts';
import type { CgroupSample, Machine, MemoryStat } from '../model/cgroup.ts';
import { defined } from '../model/defined.ts';
import type { MemoryUsage } from '../model/usage.ts';
import type { High, Limit } from './limit.ts';
import { kernelOf, residualCauseOf, residualOf } from './residual.ts';

/** usage − (active_file + inactive_file), and never below the anonymous lists. */
export const realOf = ({ usage, stat }: CgroupSample): Bytes | undefined =>
  atLeastListed(differenceOf(usage, stat), usage, stat);

const differenceOf = (usage: Optional, stat: MemoryStat | undefined): Optional =>
  minus(usage, sum(stat?.activeFile, stat?.inactiveFile));

/**
 * Usage and stat are two reads, and the kernel counts them apart: a difference of the two can come out below zero, or
 * below what it must contain. Then the anonymous lists are the least that is there, up to the whole. Where the kernel
 * does not give them, nothing is known.
 */
export function atLeastListed(
  difference: Optional,
  whole: Optional,
  stat: Pick<MemoryStat, 'activeAnon' | 'inactiveAnon'> | undefined,
): Optional {
  if (difference === undefined || whole === undefined) return undefined;
  const listed = sum(stat?.activeAnon, stat?.inactiveAnon);
  if (listed !== undefined) return bytes(Math.max(difference, Math.min(whole, listed)));
  return difference > 0 || whole === 0 ? bytes(Math.max(0, difference)) : undefined;
}

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
  const real = realOf(sample);
  const isClamped = real !== undefined && real !== differenceOf(usage, stat);
  const lazyFree = lazyFreeOf(stat);
  return defined({
    usageBytes: usage,
    realBytes: real,
    // As the kubelet does.
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
    // v1: memory with swap less memory, two reads.
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

/** Why there is no real; undefined where there is one, or where a fault has already said it. */
export function whyNoReal(sample: CgroupSample): string | undefined {
  const { version, usage, stat, faults } = sample;
  if (realOf(sample) !== undefined) return undefined;
  // A fault of another key is none of real's.
  const isSaid = (key: string): boolean => faults.some((fault) => fault.includes(`${key} `));
  if (faults.length > 0 && (usage === undefined || stat === undefined)) return undefined;
  const usageFile = version === 1 ? 'memory.usage_in_bytes' : 'memory.current';
  const missing = [
    ...(usage === undefined ? [usageFile] : []),
    ...(stat === undefined ? ['memory.stat'] : []),
    ...(stat !== undefined && stat.activeFile === undefined ? ['active_file in memory.stat'] : []),
    ...(stat !== undefined && stat.inactiveFile === undefined ? ['inactive_file in memory.stat'] : []),
  ];
  if (missing.length === 0)
    return 'real is absent: usage is no larger than its page cache, and memory.stat has no active_anon and inactive_anon to tell the least';
  if (missing.every((one) => isSaid(one.split(' ', 1)[0] as string))) return undefined;
  if (usage === undefined && stat === undefined)
    return 'no memory files: the memory controller is off for it, or they were not recorded';
  return `real is absent: there is no ${missing.join(', no ')}`;
}

/** MADV_FREE pages are `anon` but wait on the file lists, so the anonymous lists fall short of anon + shmem. */
function lazyFreeOf({ anon, shmem, activeAnon, inactiveAnon, unevictable }: MemoryStat): Bytes | undefined {
  const charged = sum(anon, shmem);
  const listed = sum(activeAnon, inactiveAnon, unevictable);
  if (anon === undefined || charged === undefined || listed === undefined) return undefined;
  return bytes(Math.min(anon, Math.max(0, charged - listed)));
}
