/** `/proc/meminfo` → the founding document's table, and the honest figures beside it. */
import { type Bytes, bytes, minus, type Optional, sum } from '../model/bytes.ts';
import { defined } from '../model/defined.ts';
import type { Arcstats, Meminfo } from '../model/meminfo.ts';
import type { NodeMemory } from '../model/report.ts';

/** @param arc the cache of ZFS; undefined: there is no ZFS, or nothing is known of it */
export function accountNode(info: Meminfo, arc?: Arcstats): NodeMemory {
  const { memTotal, memFree, buffers, cached, shmem, swapTotal, swapFree } = info;
  const used = within(minus(memTotal, memFree), memTotal);
  const published = within(minus(used, sum(buffers, cached)), used);
  // Cached has the tmpfs in it, which nobody can drop: it goes back in.
  const real = within(sum(published, shmem), used);
  const hugePages = hugePagesOf(info, real);
  return defined<NodeMemory>({
    totalBytes: memTotal,
    freeBytes: memFree,
    usedBytes: used,
    buffersBytes: buffers,
    cachedBytes: cached,
    sharedBytes: shmem,
    slabReclaimableBytes: info.slabReclaimable,
    availableBytes: info.memAvailable,
    swapTotalBytes: swapTotal,
    swapUsedBytes: within(minus(swapTotal, swapFree), swapTotal),
    realUsedBytes: real,
    realFreeBytes: minus(memTotal, real),
    zfsCacheBytes: undefined,
    zfsCacheDroppableBytes: undefined,
    hugePagesBytes: undefined,
    hugePagesUsedBytes: undefined,
    parts: undefined,
    ...zfsCacheOf(arc, minus(real, hugePages.hugePagesBytes ?? bytes(0))),
    ...hugePages,
    asPublished:
      published === undefined
        ? undefined
        : { realUsedBytes: published, realFreeBytes: bytes(memTotal - published) },
  });
}

/** A difference below zero, or a part larger than its whole, is made of figures of which one is wrong: unknown. */
const within = (part: Optional, whole: Optional): Optional =>
  part === undefined || whole === undefined || part < 0 || part > whole ? undefined : part;

type Named = Pick<
  NodeMemory,
  'zfsCacheBytes' | 'zfsCacheDroppableBytes' | 'hugePagesBytes' | 'hugePagesUsedBytes'
>;

/** Whether the cache of ZFS can be this machine's: a container of LXC sees that of its host. */
export const isOfNode = ({ size }: Arcstats, { realUsedBytes, zfsCacheBytes }: NodeMemory): boolean =>
  size === 0 || realUsedBytes === undefined || zfsCacheBytes !== undefined;

/** @param rest real without huge pages */
function zfsCacheOf(arc: Arcstats | undefined, rest: Optional): Named {
  const size = within(arc?.size, rest);
  // The module of ZFS is loaded, but there is no pool.
  if (arc === undefined || size === undefined || size === 0) return {};
  const { least, evictable } = arc;
  const droppable =
    least === undefined || evictable === undefined
      ? undefined
      : bytes(Math.max(0, Math.min(size - least, evictable)));
  return defined<Named>({ zfsCacheBytes: size, zfsCacheDroppableBytes: droppable });
}

/** The counts of pages are of the default size alone: only where that is all is it known how many are used. */
function hugePagesOf({ hugePages, hugePagesFree, hugePageSize, hugetlb }: Meminfo, real: Optional): Named {
  const pages = (count: number | undefined): Optional =>
    count === undefined || hugePageSize === undefined ? undefined : bytes(count * hugePageSize);
  const all: Bytes | undefined = within(hugetlb ?? pages(hugePages), real);
  if (all === undefined || all === 0) return {};
  const used = all === pages(hugePages) ? within(minus(all, pages(hugePagesFree)), all) : undefined;
  return defined<Named>({ hugePagesBytes: all, hugePagesUsedBytes: used });
}

/**
 * usage − (rss + active_file + inactive_file). An erratum: rss is no cache, so that what is left is the tmpfs alone
 * (the document's sample: 73511239680 bytes, where 74207219712 cannot be dropped). The text around the formula, which
 * takes the cache out and keeps tmpfs in, is what `realBytes` follows. Never used for a figure of our own.
 */
export const asPublished = (usage: Bytes, rss: Bytes, activeFile: Bytes, inactiveFile: Bytes): Bytes =>
  bytes(usage - (rss + activeFile + inactiveFile));
