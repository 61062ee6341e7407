/** `/proc/meminfo` as the founding document reads it, one figure made of those before. */
import type { NodeMemory } from '../model/report.ts';
import { reckon } from './formula.ts';

/** What `/proc/meminfo` gives, under the names of free, and what it calls them. */
const read: readonly (readonly [string, string, (node: NodeMemory) => number | undefined])[] = [
  ['total', 'MemTotal', ({ totalBytes }) => totalBytes],
  ['free', 'MemFree', ({ freeBytes }) => freeBytes],
  ['shared', 'Shmem', ({ sharedBytes }) => sharedBytes],
  ['buffers', 'Buffers', ({ buffersBytes }) => buffersBytes],
  ['cached', 'Cached, with Shmem in it', ({ cachedBytes }) => cachedBytes],
  ['slab', 'SReclaimable', ({ slabReclaimableBytes }) => slabReclaimableBytes],
  ['available', 'MemAvailable, from Linux 3.14', ({ availableBytes }) => availableBytes],
  ['swap total', 'SwapTotal', ({ swapTotalBytes }) => swapTotalBytes],
  ['swap used', 'SwapTotal − SwapFree', ({ swapUsedBytes }) => swapUsedBytes],
];

/** What is made of these. */
const made: readonly (readonly [string, string])[] = [
  ['used', 'total − free'],
  ['-/+ used', 'used − buffers − cached'],
  ['-/+ free', 'free + buffers + cached'],
  ['swap free', 'swap total − swap used'],
  ['real used', 'used − buffers − cached + shared'],
  ['real free', 'total − real used'],
  ['used, 3.3.10 to 4.0.0', 'used − buffers − cached − slab'],
  ['used, from 4.0.1', 'total − available'],
];

/** What stands in real used, where there is any: no file of the kernel's own has it in a line beside the others. */
const held: typeof read = [
  ['of it ZFS', 'size in /proc/spl/kstat/zfs/arcstats', ({ zfsCacheBytes }) => zfsCacheBytes],
  [
    'can be dropped',
    'size − c_min or all that is evictable there, whichever is less',
    ({ zfsCacheDroppableBytes }) => zfsCacheDroppableBytes,
  ],
  [
    'of it huge pages',
    'Hugetlb, or HugePages_Total × Hugepagesize before Linux 4.16',
    ({ hugePagesBytes }) => hugePagesBytes,
  ],
  [
    'huge, in use',
    '(HugePages_Total − HugePages_Free) × Hugepagesize',
    ({ hugePagesUsedBytes }) => hugePagesUsedBytes,
  ],
];

export function freeLines(node: NodeMemory): readonly FreeLine[] {
  const figures = new Map<string, number>();
  const lines = read.map(([name, formula, of]): FreeLine => {
    const value = of(node);
    if (value === undefined) return { name, formula };
    const kib = Math.floor(value / 1024);
    figures.set(name, kib);
    return { name, formula, kib };
  });
  for (const [name, formula] of made) {
    const reckoned = reckon(formula, figures);
    if ('missing' in reckoned) {
      lines.push({ name, formula });
      continue;
    }
    figures.set(name, reckoned.value);
    lines.push({ name, formula, numbers: reckoned.numbers, kib: reckoned.value });
  }
  return [
    ...lines,
    ...held.flatMap(([name, formula, of]): FreeLine[] => {
      const value = of(node);
      return value === undefined ? [] : [{ name, formula, kib: Math.floor(value / 1024) }];
    }),
  ];
}

/** One figure of `free`, and where it comes from. In KiB, as `free` and `/proc/meminfo` write them. */
export interface FreeLine {
  readonly name: string;
  /** A line of `/proc/meminfo`, or other figures by their names here. */
  readonly formula: string;
  /** The formula with numbers, where it is more than a name. */
  readonly numbers?: string;
  /** Absent where the kernel does not give all that it is made of. */
  readonly kib?: number;
}
