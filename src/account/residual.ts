/** What no part of a cgroup's usage explains, and why: the check that every sample carries with it. */
import { type Bytes, bytes, minus, type Optional, sum } from '../model/bytes.ts';
import type { CgroupSample, Machine, MemoryStat } from '../model/cgroup.ts';
import type { ResidualCause } from '../model/usage.ts';

/** Pages that each CPU may hold back from a counter before it tells (MEMCG_CHARGE_BATCH). */
const batchPages = 64;

/** From Linux 6.16 each CPU holds charged pages ready for as many cgroups (NR_MEMCG_STOCK), before it for one. */
const stocks = 7;

/** Of a recording that does not say what it was made on: the least there is, so that nothing passes for lag. */
const leastMachine: Machine = { pageBytes: 4096, cpus: 1 };

/** How far usage and its parts may be apart on a cgroup at rest: pages charged in advance, and stat's own batch. */
export const lagOf = ({ pageBytes, cpus }: Machine = leastMachine): number =>
  2 * batchPages * cpus * pageBytes;

/** Kernel memory without sockets. v2 before 5.18 gives only its parts. */
export function kernelOf({ version, kmem, stat }: Pick<CgroupSample, 'version' | 'kmem' | 'stat'>): Optional {
  if (version === 1) return kmem;
  if (stat?.kernel !== undefined) return stat.kernel;
  const parts = sum(stat?.kernelStack, stat?.slab, stat?.pagetables, stat?.percpu);
  return parts === undefined ? undefined : bytes(parts + (stat?.secPagetables ?? 0) + (stat?.vmalloc ?? 0));
}

const listsOf = (stat: MemoryStat | undefined): Optional =>
  sum(stat?.activeAnon, stat?.inactiveAnon, stat?.activeFile, stat?.inactiveFile, stat?.unevictable);

/**
 * usage − every list − kernel − sockets − huge pages where they are charged. zswap's pool is in `kernel`, the swap
 * cache on the lists. v1 charges TCP elsewhere and Unix sockets to kmem.
 */
export function residualOf(sample: Pick<CgroupSample, 'version' | 'usage' | 'kmem' | 'stat'>): Optional {
  const { version, usage, stat } = sample;
  const sockets = version === 1 ? bytes(0) : stat?.sock;
  const hugetlb = stat?.hugetlb ?? bytes(0);
  return minus(usage, sum(listsOf(stat), kernelOf(sample), sockets, hugetlb));
}

/**
 * Undefined within the kernel's lag. What passes comes first, since a second reading shows it: then what the sample
 * itself has the figures for.
 * @param hasBelow whether there are cgroups below it, whose pages charged in advance are in its usage
 */
export function residualCauseOf(
  sample: CgroupSample,
  machine: Machine | undefined,
  hasBelow: boolean,
): ResidualCause | undefined {
  const residual = residualOf(sample);
  const lag = lagOf(machine);
  if (residual === undefined || Math.abs(residual) <= lag) return undefined;
  const { version, stat = {}, details = {} } = sample;
  const { lasting, usage, parts } = movementOf(sample, residual);
  if (lasting <= lag) return usage === 0 ? 'statLag' : 'race';
  if (usage + parts > 0 && lasting <= lag + usage + parts) return 'race';
  const isHugetlb = version === 2 && stat.hugetlb === undefined && details.hugetlb !== undefined;
  if (isHugetlb && Math.abs(residual - (details.hugetlb as number)) <= lag) return 'hugetlb';
  const swapCached = stat.swapCached ?? 0;
  if (swapCached > 0 && Math.abs(residual) <= lag + swapCached) return 'swapCache';
  // What the kernel charges without counting it apart: pipes, io_uring, BPF, virtual machines.
  if (version === 2 && stat.kernel === undefined && residual > 0) return 'kernelParts';
  if (hasBelow && residual > 0 && residual <= (lag / 2) * (stocks + 1)) return 'statLag';
  return 'unknown';
}

/** How much of the residual was still there at the second reading, and how far usage and its parts went meanwhile. */
function movementOf(
  sample: CgroupSample,
  residual: Bytes,
): { readonly lasting: number; readonly usage: number; readonly parts: number } {
  const { version, usage = 0, again, details } = sample;
  // v1: usage stood below memory with swap, which is read right before it and has it in it.
  const before = Math.max(0, -(details?.swap ?? 0));
  const second = again === undefined ? undefined : residualOf({ version, ...again });
  if (second === undefined) return { lasting: Math.abs(residual), usage: before, parts: 0 };
  const moved = Math.abs((again?.usage ?? usage) - usage);
  return {
    lasting: residual < 0 !== second < 0 ? 0 : Math.min(Math.abs(residual), Math.abs(second)),
    usage: Math.max(before, moved),
    parts: Math.abs((again?.usage ?? 0) - second - (usage - residual)),
  };
}
