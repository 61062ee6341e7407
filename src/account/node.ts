/** `/proc/meminfo` → the founding document's table, and the honest figures beside it. */
import { bytes } from '../model/bytes.ts';
import type { Meminfo } from '../model/meminfo.ts';
import type { NodeMemory } from '../model/report.ts';

export function accountNode(info: Meminfo): NodeMemory {
  const { memTotal, memFree, buffers, cached, shmem, swapTotal, swapFree } = info;
  const used = memTotal - memFree;
  const published = used - buffers - cached;
  return {
    totalBytes: memTotal,
    freeBytes: memFree,
    usedBytes: bytes(used),
    buffersBytes: buffers,
    cachedBytes: cached,
    ...(shmem !== undefined && { sharedBytes: shmem }),
    ...(info.slabReclaimable !== undefined && { slabReclaimableBytes: info.slabReclaimable }),
    ...(info.memAvailable !== undefined && { availableBytes: info.memAvailable }),
    ...(swapTotal !== undefined && { swapTotalBytes: swapTotal }),
    ...(swapTotal !== undefined && swapFree !== undefined && { swapUsedBytes: bytes(swapTotal - swapFree) }),
    // Cached has the tmpfs in it, which nobody can drop: it goes back in.
    ...(shmem !== undefined && {
      realUsedBytes: bytes(published + shmem),
      realFreeBytes: bytes(memTotal - published - shmem),
    }),
    asPublished: {
      realUsedBytes: bytes(published),
      realFreeBytes: bytes(memFree + buffers + cached),
    },
  };
}
