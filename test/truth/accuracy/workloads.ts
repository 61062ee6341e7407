/** The workloads to measure. Each one takes one kind of memory, or a mixture. */
import type { MemoryUsage } from '../../../src/model/usage.ts';

export interface Workload {
  readonly name: string;
  /** Kinds of test/truth/machine/workload.c. Each gets an equal share of the size. */
  readonly kinds: readonly string[];
  /** The figure that must show the memory, on both cgroup versions or on this one. Else the workload did not work. */
  readonly shows?: keyof MemoryUsage;
  readonly showsOn?: 1 | 2;
  /** The share of its size that must remain after reclaim, or several possible ones. Absent if overhead blurs it. */
  readonly stays?: number | readonly number[];
  /** Why the kernel can reclaim a part of real. */
  readonly reclaimable?: string;
  /** Why the kernel cannot reclaim all that it counts as reclaimable. */
  readonly pinned?: string;
}

const nodes =
  'the kernel frees the index nodes of the page cache (576 bytes for up to 64 pages) with their pages';
const bufferHeads =
  'the kernel frees the buffer head of a page written through ext4 (104 bytes, 2.5 % of the page) and its index node with the page';
const objects = 'the kernel drops unused dentries and inodes when memory is short';

export const workloads: readonly Workload[] = [
  { name: 'anonymous', kinds: ['anonymous'], shows: 'rssBytes', stays: 1 },
  { name: 'anonymous, MADV_FREE', kinds: ['lazyfree'], shows: 'lazyFreeBytes', stays: 0 },
  { name: 'file, read once', kinds: ['read'], shows: 'cacheBytes', stays: 0, reclaimable: nodes },
  { name: 'file, read twice', kinds: ['reread'], shows: 'activeFileBytes', stays: 0, reclaimable: nodes },
  { name: 'file, written', kinds: ['written'], shows: 'cacheBytes', stays: 0, reclaimable: bufferHeads },
  { name: 'file, dirty', kinds: ['dirty'], shows: 'cacheBytes', stays: 0, reclaimable: bufferHeads },
  { name: 'file, mapped', kinds: ['mapped'], shows: 'mappedFileBytes', stays: 0, reclaimable: nodes },
  {
    name: 'file, mapped executable',
    kinds: ['executable'],
    shows: 'mappedFileBytes',
    stays: 0,
    reclaimable: nodes,
  },
  { name: 'file, locked', kinds: ['locked'], shows: 'unevictableBytes', stays: 1 },
  {
    name: 'file, written and locked',
    kinds: ['lockedwritten'],
    shows: 'unevictableBytes',
    pinned: 'buffer heads stay as long as their pages, and these are locked',
  },
  { name: 'tmpfs', kinds: ['tmpfs'], shows: 'shmemBytes', stays: 1 },
  { name: 'memfd', kinds: ['memfd'], shows: 'shmemBytes', stays: 1 },
  { name: 'inodes and dentries', kinds: ['inodes'], shows: 'kernelBytes', stays: 0, reclaimable: objects },
  { name: 'negative dentries', kinds: ['negative'], shows: 'kernelBytes', stays: 0, reclaimable: objects },
  {
    name: 'files held open',
    kinds: ['heldfiles'],
    shows: 'kernelBytes',
    pinned: 'the dentry and the inode of a file that is open or mapped are in use',
  },
  // v1 counts TCP buffers outside usage.
  { name: 'TCP buffers', kinds: ['tcp'], shows: 'sockBytes', showsOn: 2 },
  { name: 'Unix-socket buffers', kinds: ['unix'], shows: 'kernelBytes' },
  { name: 'pipe buffers', kinds: ['pipes'], shows: 'kernelBytes' },
  // A page table takes one page, and two on a guest of some hypervisors.
  { name: 'page tables', kinds: ['pagetables'], shows: 'kernelBytes', stays: [1, 2] },
  {
    name: 'a quarter each: anonymous, tmpfs, file read twice, file written',
    kinds: ['anonymous', 'tmpfs', 'reread', 'written'],
    shows: 'cacheBytes',
    stays: 0.5,
    reclaimable: bufferHeads,
  },
  {
    name: 'a quarter each: anonymous, Unix sockets, inodes, file mapped',
    kinds: ['anonymous', 'unix', 'inodes', 'mapped'],
    shows: 'kernelBytes',
    reclaimable: objects,
  },
];

/** The share of the size that the figure must show. The rest is memory of other kinds, or a cache that shrank. */
export const shareShown = ({ kinds }: Workload): number => 0.75 / kinds.length;
