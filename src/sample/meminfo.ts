/** Parses `/proc/meminfo` (proc_meminfo(5)): lines of `Name: number kB`, into bytes. */
import { type Bytes, bytes } from '../model/bytes.ts';
import { LocatedError, mostFaults, type OnFault } from '../model/located-error.ts';
import type { Meminfo } from '../model/meminfo.ts';
import { excerpt } from '../model/text.ts';
import { partsAbove, type Whole } from './wholes.ts';

const names: readonly (readonly [keyof Meminfo, string])[] = [
  ['memTotal', 'MemTotal'],
  ['memFree', 'MemFree'],
  ['buffers', 'Buffers'],
  ['cached', 'Cached'],
  ['memAvailable', 'MemAvailable'],
  ['shmem', 'Shmem'],
  ['slabReclaimable', 'SReclaimable'],
  ['swapTotal', 'SwapTotal'],
  ['swapFree', 'SwapFree'],
  ['hugePages', 'HugePages_Total'],
  ['hugePagesFree', 'HugePages_Free'],
  ['hugePageSize', 'Hugepagesize'],
  ['hugetlb', 'Hugetlb'],
];
const wantedNames = new Set(names.map(([, name]) => name));

const linePattern = /^([^\s:]+):\s+(\d+)(?: kB)?$/;

/** Needed because lxcfs mixes figures of the container with those of its host. The kernel writes all lines at one moment. */
const wholes: readonly Whole[] = [
  ['Cached', 'MemTotal'],
  ['Shmem', 'Cached'],
  ...['MemFree', 'MemAvailable', 'Buffers', 'Shmem', 'SReclaimable', 'Hugetlb'].map(
    (part): Whole => [part, 'MemTotal'],
  ),
  ['SwapFree', 'SwapTotal'],
  ['HugePages_Free', 'HugePages_Total'],
];

/**
 * How far Shmem may exceed Cached, as a share of Cached. On a node without a disk nearly all of Cached is tmpfs. Each CPU
 * buffers some pages before it updates the counters, so Shmem can exceed Cached slightly. Then Shmem counts as Cached.
 */
const sharedLag = 1 / 64;

interface Figure {
  /** Line number, from 1. */
  readonly line: number;
  readonly value: Bytes;
}

/**
 * Memory of the node, in bytes; huge pages in pages.
 * @param onFault receives the error of a malformed or impossible line; the result lacks only that line's figure
 * @throws LocatedError without a usable MemTotal: all other figures are measured against it
 */
export function parseMeminfo(file: string, text: Uint8Array, onFault: OnFault): Meminfo {
  const found = new Map<string, Figure>();
  const faults: LocatedError[] = [];
  const refuse = (name: string, line: number, expected: string): void => {
    found.delete(name);
    faults.push(new LocatedError({ where: file, line, expected, got: excerpt(text, line) }));
  };
  for (const [index, content] of new TextDecoder().decode(text).split('\n').entries()) {
    const name = content.split(':', 1)[0] as string;
    // Ignore other lines: their numbers may be too large. With 5-level page tables VmallocTotal is 12.5 PiB.
    if (!wantedNames.has(name)) continue;
    const value = bytes(Number(linePattern.exec(content)?.[2]) * (content.endsWith(' kB') ? 1024 : 1));
    if (Number.isSafeInteger(value) && (value > 0 || name !== 'MemTotal'))
      found.set(name, { line: index + 1, value });
    else refuse(name, index + 1, value === 0 ? 'MemTotal above 0' : '"Name: number kB"');
  }
  if (!found.has('MemTotal'))
    throw faults[0] ?? new LocatedError({ where: file, expected: 'a line for MemTotal', got: 'other lines' });
  const figureOf = (name: string): Bytes | undefined => found.get(name)?.value;
  const [shared, cached] = [found.get('Shmem'), figureOf('Cached')];
  if (shared !== undefined && cached !== undefined && shared.value <= cached * (1 + sharedLag))
    found.set('Shmem', { ...shared, value: bytes(Math.min(shared.value, cached)) });
  for (const [part, whole] of partsAbove(wholes, figureOf, 0))
    refuse(part, found.get(part)?.line ?? 1, `${part} up to ${whole} (${kib(figureOf(whole))})`);
  refuseSum(figureOf, (name, expected) => refuse(name, found.get(name)?.line ?? 1, expected));
  for (const fault of faults.slice(0, mostFaults)) onFault(fault);
  return Object.fromEntries(
    names.flatMap(([field, name]) => {
      const value = figureOf(name);
      return value === undefined ? [] : [[field, value]];
    }),
  ) as unknown as Meminfo;
}

const kib = (value: Bytes | undefined): string => `${(value ?? 0) / 1024} kB`;

/** Refuses figures whose sum exceeds MemTotal. MemFree is the most reliable part, so the other one is refused. */
function refuseSum(
  figureOf: (name: string) => Bytes | undefined,
  refuse: (name: string, expected: string) => void,
): void {
  const total = figureOf('MemTotal') ?? 0;
  const free = figureOf('MemFree') ?? 0;
  if (free + (figureOf('Buffers') ?? 0) > total) refuse('Buffers', 'MemFree + Buffers up to MemTotal');
  if (free + (figureOf('Buffers') ?? 0) + (figureOf('Cached') ?? 0) > total)
    refuse('Cached', 'MemFree + Buffers + Cached up to MemTotal');
  if (free + (figureOf('Hugetlb') ?? 0) > total) refuse('Hugetlb', 'MemFree + Hugetlb up to MemTotal');
}
