/** `/proc/meminfo` → the table of the article, and the correct figures beside it. */
import { type Bytes, bytes, minus, type Optional, sum } from '../model/bytes.ts';
import type { RootCgroup } from '../model/cgroup.ts';
import { defined } from '../model/json.ts';
import type { Arcstats, Meminfo } from '../model/meminfo.ts';
import type { NodeMemory } from '../model/report.ts';

/**
 * A figure is absent if an operand is, or if the result is impossible.
 * @param arc the ZFS cache; undefined without ZFS, and if its file was unreadable
 * @param root the root cgroup; undefined without cgroups, and if its files were unreadable
 */
export function accountNode(info: Meminfo, arc?: Arcstats, root: RootCgroup = {}): NodeMemory {
  const { memTotal, memFree, buffers, cached, shmem, swapTotal, swapFree } = info;
  const used = atMost(minus(memTotal, memFree), memTotal);
  const published = atMost(minus(used, sum(buffers, cached)), used);
  // Cached includes tmpfs (Shmem), which the kernel cannot drop. So add it back.
  const real = atMost(sum(published, shmem), used);
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
    workingSetBytes: atMost(workingSetOf(root), memTotal),
    swapTotalBytes: swapTotal,
    swapUsedBytes: atMost(minus(swapTotal, swapFree), swapTotal),
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

/** A negative difference, or a part larger than its whole, proves that some operand is wrong: the figure is unknown. */
const atMost = (part: Optional, whole: Optional): Optional =>
  part === undefined || whole === undefined || part < 0 || part > whole ? undefined : part;

/**
 * As the kubelet and cAdvisor compute it: 0 if inactive_file exceeds usage. Where the root has no usage (v2), libcontainer
 * takes anon + file (opencontainers/runc#3933).
 */
function workingSetOf({ usage, anon, file, inactiveFile }: RootCgroup): Optional {
  const difference = minus(usage ?? sum(anon, file), inactiveFile);
  return difference === undefined ? undefined : bytes(Math.max(0, difference));
}

type Named = Pick<
  NodeMemory,
  'zfsCacheBytes' | 'zfsCacheDroppableBytes' | 'hugePagesBytes' | 'hugePagesUsedBytes'
>;

/** Whether the ZFS cache can belong to this machine: an LXC container sees that of its host. */
export const isOfNode = ({ size }: Arcstats, { realUsedBytes, zfsCacheBytes }: NodeMemory): boolean =>
  size === 0 || realUsedBytes === undefined || zfsCacheBytes !== undefined;

/** @param rest real without huge pages, in bytes: a larger cache is not that of this machine */
function zfsCacheOf(arc: Arcstats | undefined, rest: Optional): Named {
  const size = atMost(arc?.size, rest);
  // Size 0: the ZFS module is loaded, but no pool is imported.
  if (arc === undefined || size === undefined || size === 0) return {};
  const { least, evictable } = arc;
  const droppable =
    least === undefined || evictable === undefined
      ? undefined
      : bytes(Math.max(0, Math.min(size - least, evictable)));
  return defined<Named>({ zfsCacheBytes: size, zfsCacheDroppableBytes: droppable });
}

/** The page counts cover the default huge page size only. So the used part is known only if there is no other size. */
function hugePagesOf({ hugePages, hugePagesFree, hugePageSize, hugetlb }: Meminfo, real: Optional): Named {
  const pages = (count: number | undefined): Optional =>
    count === undefined || hugePageSize === undefined ? undefined : bytes(count * hugePageSize);
  const all: Bytes | undefined = atMost(hugetlb ?? pages(hugePages), real);
  if (all === undefined || all === 0) return {};
  const used = all === pages(hugePages) ? atMost(minus(all, pages(hugePagesFree)), all) : undefined;
  return defined<Named>({ hugePagesBytes: all, hugePagesUsedBytes: used });
}

/**
 * The article's formula as printed: usage − (rss + active_file + inactive_file), in bytes. It has an error: it subtracts
 * rss, which is not cache, so only tmpfs is left. For the article's sample it gives 73511239680 bytes, of 74207219712 that
 * cannot be dropped. No figure uses this formula. `realBytes` follows the article's text: without cache, with tmpfs.
 */
export const asPublished = (usage: Bytes, rss: Bytes, activeFile: Bytes, inactiveFile: Bytes): Bytes =>
  bytes(usage - (rss + activeFile + inactiveFile));
