/** What is measured: each workload stresses one kind of memory, or a mixture. */
import type { MemoryUsage } from '../../src/model/usage.ts';

export interface Workload {
  readonly name: string;
  /** As test/truth/workload.c knows them; the size is shared out equally. */
  readonly kinds: readonly string[];
  /** The figure in which it must be seen, on both versions or on this one: else it has not done what it is for. */
  readonly shows?: keyof MemoryUsage;
  readonly showsOn?: 1 | 2;
  /** The share of its size, or one of these, that stays by construction when all else is taken back; absent where overheads blur it. */
  readonly stays?: number | readonly number[];
  /** Why the kernel can take more than real leaves out. */
  readonly reclaimable?: string;
  /** Why the kernel cannot take all that it calls reclaimable. */
  readonly pinned?: string;
}

const nodes =
  'index nodes of the page cache (one of 576 bytes for up to 64 pages) go with the pages they point to';
const bufferHeads =
  'each page written through ext4 has a buffer head (104 bytes, 2.5 % of it), which goes with the page; and index nodes';
const objects = 'dentries and inodes that nobody holds are dropped when memory is short';

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
  // v1 counts them outside usage: there only the cgroup of the program is seen.
  { name: 'TCP buffers', kinds: ['tcp'], shows: 'sockBytes', showsOn: 2 },
  { name: 'Unix-socket buffers', kinds: ['unix'], shows: 'kernelBytes' },
  { name: 'pipe buffers', kinds: ['pipes'], shows: 'kernelBytes' },
  // A table is a page; as a guest of some hypervisors the kernel keeps two for each.
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

/** Of the workload's size, the share that its figure must show: other memory of its kinds, or a cache that shrank. */
export const shareShown = ({ kinds }: Workload): number => 0.75 / kinds.length;
