/** The source of each figure of `realmem free`. A formula uses only figures above it. */
import type { NodeMemory } from '../model/report.ts';
import { evaluate } from './formula.ts';

/** The name in `free`, the name in `/proc/meminfo`, and the figure. */
const read: readonly (readonly [string, string, (node: NodeMemory) => number | undefined])[] = [
  ['total', 'MemTotal', ({ totalBytes }) => totalBytes],
  ['free', 'MemFree', ({ freeBytes }) => freeBytes],
  ['shared', 'Shmem', ({ sharedBytes }) => sharedBytes],
  ['buffers', 'Buffers', ({ buffersBytes }) => buffersBytes],
  ['cached', 'Cached, which includes Shmem', ({ cachedBytes }) => cachedBytes],
  ['slab', 'SReclaimable', ({ slabReclaimableBytes }) => slabReclaimableBytes],
  ['available', 'MemAvailable, from Linux 3.14', ({ availableBytes }) => availableBytes],
  ['swap total', 'SwapTotal', ({ swapTotalBytes }) => swapTotalBytes],
  ['swap used', 'SwapTotal − SwapFree', ({ swapUsedBytes }) => swapUsedBytes],
];

/** Figures computed from those above. The third entry, if any, is the figure of the report: absent if it is impossible. */
const computed: readonly (readonly [string, string, ((node: NodeMemory) => number | undefined)?])[] = [
  ['used', 'total − free', ({ usedBytes }) => usedBytes],
  ['-/+ used', 'used − buffers − cached', ({ asPublished }) => asPublished?.realUsedBytes],
  ['-/+ free', 'free + buffers + cached', ({ asPublished }) => asPublished?.realFreeBytes],
  ['swap free', 'swap total − swap used'],
  ['real used', 'used − buffers − cached + shared', ({ realUsedBytes }) => realUsedBytes],
  ['real free', 'total − real used', ({ realFreeBytes }) => realFreeBytes],
  ['used, 3.3.10 to 4.0.0', 'used − buffers − cached − slab'],
  ['used, from 4.0.1', 'total − available'],
];

/** Memory that real used includes, if the host has any. It comes from other files or from several lines of meminfo. */
const included: typeof read = [
  [
    'ZFS cache',
    'part of real used: size in /proc/spl/kstat/zfs/arcstats',
    ({ zfsCacheBytes }) => zfsCacheBytes,
  ],
  [
    'ZFS droppable',
    'the smaller of size − c_min and the sum of the evictable keys of arcstats',
    ({ zfsCacheDroppableBytes }) => zfsCacheDroppableBytes,
  ],
  [
    'huge pages',
    'part of real used: Hugetlb, or HugePages_Total × Hugepagesize before Linux 4.16',
    ({ hugePagesBytes }) => hugePagesBytes,
  ],
  [
    'huge pages used',
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
  for (const [name, formula, of] of computed) {
    const result = evaluate(formula, figures);
    const isKnown = of === undefined || of(node) !== undefined;
    if ('missing' in result || result.value < 0 || !isKnown) {
      lines.push({ name, formula });
      continue;
    }
    figures.set(name, result.value);
    lines.push({ name, formula, numbers: result.numbers, kib: result.value });
  }
  return [
    ...lines,
    ...included.flatMap(([name, formula, of]): FreeLine[] => {
      const value = of(node);
      return value === undefined ? [] : [{ name, formula, kib: Math.floor(value / 1024) }];
    }),
  ];
}

/** One figure of `free` and its source. In KiB, like `free` and `/proc/meminfo`. */
export interface FreeLine {
  readonly name: string;
  /** A line of `/proc/meminfo`, or a formula over other figures of this table. */
  readonly formula: string;
  /** The formula with numbers. Absent for a single name. */
  readonly numbers?: string;
  /** Absent if the kernel does not report a figure that the formula needs, or if the result is impossible. */
  readonly kib?: number;
}
