/** Splits usage into parts, and says which of them are real memory. */

import { type Bytes, bytes, minus, sum } from '../model/bytes.ts';
import type { CgroupSample } from '../model/cgroup.ts';
import type { MemoryUsage } from '../model/usage.ts';
import type { Part } from '../render/tool-reading.ts';

/**
 * The parts add up to usage, as far as the kernel reports them. LRU lists and charges count the same pages in two ways.
 * Locked pages are on the unevictable list instead of the list of their kind. MADV_FREE pages are charged as anonymous but
 * are on a file list.
 */
export function compositionOf({ version, stat = {} }: CgroupSample, usage: MemoryUsage): readonly Part[] {
  const { activeFileBytes: active, inactiveFileBytes: inactive, kernelBytes } = usage;
  // The kernel counts slab in bytes and kernel memory in pages. Do not show a part larger than its whole.
  const slabReclaimableBytes =
    usage.slabReclaimableBytes === undefined || kernelBytes === undefined
      ? usage.slabReclaimableBytes
      : bytes(Math.min(usage.slabReclaimableBytes, kernelBytes));
  const { residualBytes: residual } = usage;
  const lists = sum(stat.activeAnon, stat.inactiveAnon, stat.unevictable);
  // Kernels before 4.19 have no shmem on v1: derive it as the cache that is on no file list.
  const derived = stat.shmem === undefined ? minus(stat.file, sum(active, inactive)) : undefined;
  const charged = stat.shmem ?? (derived === undefined ? undefined : bytes(Math.max(0, derived)));
  const apart = minus(lists, sum(stat.anon, charged));
  const short = Math.max(0, -(apart ?? 0));
  const lazyFree = Math.min(stat.anon ?? 0, short);
  const anon = stat.anon === undefined ? undefined : bytes(stat.anon - lazyFree);
  // If the lists are shorter than tmpfs alone, show only as much tmpfs as they contain.
  const shmem = charged === undefined ? undefined : bytes(charged - (short - lazyFree));
  const locked = apart === undefined ? 0 : Math.max(0, apart);
  const kernel = kernelBytes === undefined ? undefined : minus(kernelBytes, slabReclaimableBytes ?? bytes(0));
  // Without a figure for kernel memory, it cannot be separated from the residual.
  const rest = minus(usage.usageBytes, sum(lists, active, inactive));
  const real = (name: string, value: Bytes | undefined, note: string): Part => ({
    ...{ name, real: true, note },
    ...(value !== undefined && { bytes: value }),
  });
  const cache = (name: string, value: Bytes | undefined, note: string): Part => ({
    ...real(name, value, note),
    real: false,
  });
  const kernelParts =
    kernelBytes === undefined
      ? [real('kernel, rest', rest, 'kernel memory, which this kernel does not report, and the residual')]
      : [
          real(
            'kernel',
            kernel,
            slabReclaimableBytes === undefined ? 'slab included' : 'without reclaimable slab',
          ),
          ...(version === 2
            ? [real('reclaimable slab', slabReclaimableBytes, 'inodes, dentries: real, but reclaimable')]
            : []),
          ...(version === 2 ? [real('sockets', stat.sock, 'buffers')] : []),
          real('residual', residual, 'no part explains it: the kernel counts ahead or late'),
        ];
  return [
    real('anonymous', anon, 'heaps, stacks'),
    real('tmpfs', shmem, derived === undefined ? 'and shared memory' : 'cache − active_file − inactive_file'),
    ...(locked > 0
      ? [real('locked file', bytes(locked), 'mlock, ramfs: the kernel reclaims no such page')]
      : []),
    ...kernelParts,
    cache('active file', active, 'page cache: the kernel can drop it'),
    cache(
      'inactive file',
      inactive,
      lazyFree > 0 ? 'page cache, and lazily freed memory' : 'page cache: the kernel drops it first',
    ),
  ];
}
