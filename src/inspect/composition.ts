/** Usage taken apart: what is real in it and what is not. */

import { type Bytes, bytes, minus, sum } from '../model/bytes.ts';
import type { CgroupSample } from '../model/cgroup.ts';
import type { MemoryUsage } from '../model/usage.ts';
import type { Part } from '../render/tool-reading.ts';

/**
 * Together they are the usage, as far as the kernel gives them. Lists and charges are two ways to count the same
 * pages: locked pages are on no list of their kind, and MADV_FREE pages are charged as anonymous but on a file list.
 */
export function compositionOf({ version, stat = {} }: CgroupSample, usage: MemoryUsage): readonly Part[] {
  const { activeFileBytes: active, inactiveFileBytes: inactive, kernelBytes } = usage;
  // Slab is counted by the byte, kernel memory by the page: a part never shows larger than its whole.
  const slabReclaimableBytes =
    usage.slabReclaimableBytes === undefined || kernelBytes === undefined
      ? usage.slabReclaimableBytes
      : bytes(Math.min(usage.slabReclaimableBytes, kernelBytes));
  const { residualBytes: residual } = usage;
  const lists = sum(stat.activeAnon, stat.inactiveAnon, stat.unevictable);
  // Kernels before 4.19 do not write it on v1: there it is the cache that is on no file list.
  const derived = stat.shmem === undefined ? minus(stat.file, sum(active, inactive)) : undefined;
  const charged = stat.shmem ?? (derived === undefined ? undefined : bytes(Math.max(0, derived)));
  const apart = minus(lists, sum(stat.anon, charged));
  const short = Math.max(0, -(apart ?? 0));
  const lazyFree = Math.min(stat.anon ?? 0, short);
  const anon = stat.anon === undefined ? undefined : bytes(stat.anon - lazyFree);
  // Where the lists are shorter than the tmpfs alone, no more of it than they hold can be shown.
  const shmem = charged === undefined ? undefined : bytes(charged - (short - lazyFree));
  const locked = apart === undefined ? 0 : Math.max(0, apart);
  const kernel = kernelBytes === undefined ? undefined : minus(kernelBytes, slabReclaimableBytes ?? bytes(0));
  // Without a figure for kernel memory the two cannot be told apart.
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
      ? [real('kernel, rest', rest, 'kernel memory, which this kernel does not tell apart, and the residual')]
      : [
          real(
            'kernel',
            kernel,
            slabReclaimableBytes === undefined ? 'slab in it' : 'without slab to reclaim',
          ),
          ...(version === 2
            ? [real('reclaimable slab', slabReclaimableBytes, 'inodes, dentries: real, yet reclaimable')]
            : []),
          ...(version === 2 ? [real('sockets', stat.sock, 'buffers')] : []),
          real('residual', residual, 'counted ahead or lagging: no part explains it'),
        ];
  return [
    real('anonymous', anon, 'heaps, stacks'),
    real('tmpfs', shmem, derived === undefined ? 'shared memory too' : 'cache − active_file − inactive_file'),
    ...(locked > 0 ? [real('locked file', bytes(locked), 'mlock, ramfs: on no list that is reclaimed')] : []),
    ...kernelParts,
    cache('active file', active, 'page cache: can be dropped'),
    cache(
      'inactive file',
      inactive,
      lazyFree > 0 ? 'page cache, freed lazily too' : 'page cache: goes first',
    ),
  ];
}
