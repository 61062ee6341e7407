/** Computes the residual, the part of usage that no other figure explains, and its cause: a check of every sample. */
import { type Bytes, bytes, minus, type Optional, plus, sum } from '../model/bytes.ts';
import type { CgroupSample, Machine, MemoryStat } from '../model/cgroup.ts';
import type { ResidualCause } from '../model/usage.ts';

/** Pages that each CPU may buffer before it updates a counter (MEMCG_CHARGE_BATCH). */
const batchPages = 64;

/** Since Linux 6.16 each CPU keeps precharged pages for this many cgroups (NR_MEMCG_STOCK); before, for one. */
const stocks = 7;

/** Assumed for a recording without a machine: the smallest one, which excuses the least residual as lag. */
const leastMachine: Machine = { pageBytes: 4096, cpus: 1 };

/**
 * How far usage and the sum of its parts may differ in an idle cgroup, in bytes: precharged pages, and the pages
 * that `memory.stat` buffers.
 */
export const lagOf = ({ pageBytes, cpus }: Machine = leastMachine): number =>
  2 * batchPages * cpus * pageBytes;

/** Kernel memory without sockets, in bytes. Before Linux 5.18, v2 gives only its parts. */
export function kernelOf({ version, kmem, stat }: Pick<CgroupSample, 'version' | 'kmem' | 'stat'>): Optional {
  if (version === 1) return kmem;
  if (stat?.kernel !== undefined) return stat.kernel;
  const parts = sum(stat?.kernelStack, stat?.slab, stat?.pagetables, stat?.percpu);
  return parts === undefined ? undefined : bytes(parts + (stat?.secPagetables ?? 0) + (stat?.vmalloc ?? 0));
}

const listsOf = (stat: MemoryStat | undefined): Optional =>
  plus(
    plus(plus(stat?.activeAnon, stat?.inactiveAnon), plus(stat?.activeFile, stat?.inactiveFile)),
    stat?.unevictable,
  );

/**
 * usage − all lists − kernel − sockets − huge pages (if charged), in bytes; can be negative. `kernel` includes the zswap
 * pool, and the lists include the swap cache. v1 charges TCP to a counter of its own and Unix sockets to kmem.
 */
export function residualOf(sample: Pick<CgroupSample, 'version' | 'usage' | 'kmem' | 'stat'>): Optional {
  const { version, usage, stat } = sample;
  const sockets = version === 1 ? bytes(0) : stat?.sock;
  const hugetlb = stat?.hugetlb ?? bytes(0);
  return minus(usage, plus(plus(listsOf(stat), kernelOf(sample)), plus(sockets, hugetlb)));
}

/** Whether the residual is within the lag of the kernel, or unknown. Then no second reading is needed to find its cause. */
export function isExplained(sample: CgroupSample, machine: Machine | undefined): boolean {
  const residual = residualOf(sample);
  return residual === undefined || Math.abs(residual) <= lagOf(machine);
}

/**
 * The first cause that matches, in this order: temporary causes that the second reading proves, then causes for which the
 * sample has a figure. Undefined if the residual is within the lag of the kernel.
 * @param hasBelow whether the cgroup has children: its usage includes the pages precharged for these
 */
export function residualCauseOf(
  sample: CgroupSample,
  machine: Machine | undefined,
  hasBelow: boolean,
): ResidualCause | undefined {
  const residual = residualOf(sample);
  const lag = lagOf(machine);
  if (residual === undefined || isExplained(sample, machine)) return undefined;
  const { version, stat = {}, details = {} } = sample;
  const { lasting, usage, parts } = movementOf(sample, residual);
  if (lasting <= lag) return usage === 0 ? 'statLag' : 'race';
  if (usage + parts > 0 && lasting <= lag + usage + parts) return 'race';
  const isHugetlb = version === 2 && stat.hugetlb === undefined && details.hugetlb !== undefined;
  if (isHugetlb && Math.abs(residual - (details.hugetlb as number)) <= lag) return 'hugetlb';
  const swapCached = stat.swapCached ?? 0;
  if (swapCached > 0 && Math.abs(residual) <= lag + swapCached) return 'swapCache';
  // The kernel charges pipes, io_uring, BPF and virtual machines but has no figure for them.
  if (version === 2 && stat.kernel === undefined && residual > 0) return 'kernelParts';
  if (hasBelow && residual > 0 && residual <= (lag / 2) * (stocks + 1)) return 'statLag';
  return 'unknown';
}

/** How much residual remains at the second reading, and how far usage and its parts moved in between; all in bytes. */
function movementOf(
  sample: CgroupSample,
  residual: Bytes,
): { readonly lasting: number; readonly usage: number; readonly parts: number } {
  const { version, usage = 0, again, details } = sample;
  // v1 reads memsw, which includes usage, right before usage. If memsw is smaller, usage rose between the two reads.
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
