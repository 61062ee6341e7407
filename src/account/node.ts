/** `/proc/meminfo` → the founding document's table, and the honest figures beside it. */
import { bytes } from '../model/bytes.ts';
import { defined } from '../model/defined.ts';
import type { Meminfo } from '../model/meminfo.ts';
import type { NodeMemory } from '../model/report.ts';
import { minus, type Optional, sum } from './optional.ts';

export function accountNode(info: Meminfo): NodeMemory {
  const { memTotal, memFree, buffers, cached, shmem, swapTotal, swapFree } = info;
  const used = within(minus(memTotal, memFree), memTotal);
  const published = within(minus(used, sum(buffers, cached)), used);
  // Cached has the tmpfs in it, which nobody can drop: it goes back in.
  const real = within(sum(published, shmem), used);
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
    parts: undefined,
    asPublished:
      published === undefined
        ? undefined
        : { realUsedBytes: published, realFreeBytes: bytes(memTotal - published) },
  });
}

/** A difference below zero, or a part larger than its whole, is made of figures of which one is wrong: unknown. */
const within = (part: Optional, whole: Optional): Optional =>
  part === undefined || whole === undefined || part < 0 || part > whole ? undefined : part;
