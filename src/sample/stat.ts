/** Parses `memory.stat` of both cgroup versions into one set of names. */
import { bytes } from '../model/bytes.ts';
import type { CgroupVersion, MemoryStat } from '../model/cgroup.ts';
import type { OnFault } from '../model/located-error.ts';
import { faultAt, KeyTable, parseKeyed } from './keyed.ts';
import { exactly, isExact, unlimited } from './number.ts';
import { partsAbove, statLag, statWholes } from './wholes.ts';

/**
 * Our name, the key of v2, the key of v1. v1 has local figures and hierarchical ones (`total_`). Only the latter match
 * usage, which is hierarchical. Sources: Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst.
 */
const fields: readonly (readonly [keyof MemoryStat, string | undefined, string | undefined])[] = [
  ['anon', 'anon', 'total_rss'],
  ['file', 'file', 'total_cache'],
  ['shmem', 'shmem', 'total_shmem'],
  ['fileMapped', 'file_mapped', 'total_mapped_file'],
  ['activeAnon', 'active_anon', 'total_active_anon'],
  ['inactiveAnon', 'inactive_anon', 'total_inactive_anon'],
  ['activeFile', 'active_file', 'total_active_file'],
  ['inactiveFile', 'inactive_file', 'total_inactive_file'],
  ['unevictable', 'unevictable', 'total_unevictable'],
  ['kernel', 'kernel', undefined],
  ['kernelStack', 'kernel_stack', undefined],
  ['pagetables', 'pagetables', undefined],
  ['secPagetables', 'sec_pagetables', undefined],
  ['percpu', 'percpu', undefined],
  ['vmalloc', 'vmalloc', undefined],
  ['slab', 'slab', undefined],
  ['slabReclaimable', 'slab_reclaimable', undefined],
  ['sock', 'sock', undefined],
  ['zswap', 'zswap', undefined],
  ['swap', undefined, 'total_swap'],
  ['swapCached', 'swapcached', 'total_swapcached'],
  ['hugetlb', 'hugetlb', undefined],
  // Linux 5.9 split the refaults into anon and file. Before, one key counted those of files. The last key present wins.
  ['refaultFile', 'workingset_refault', undefined],
  ['refaultFile', 'workingset_refault_file', 'total_workingset_refault_file'],
  ['hierarchicalLimit', undefined, 'hierarchical_memory_limit'],
];

const columns = { 1: 2, 2: 1 } as const;

/**
 * The keys of the formula for real: the file lists are subtracted, the anonymous lists are its lower bound. In the order of
 * `fields`.
 */
const brief: ReadonlySet<keyof MemoryStat> = new Set([
  'activeAnon',
  'inactiveAnon',
  'activeFile',
  'inactiveFile',
]);

function tableOf(version: CgroupVersion, wanted: (name: keyof MemoryStat) => boolean) {
  const present = fields.filter((field) => field[columns[version]] !== undefined && wanted(field[0]));
  const table = new KeyTable(present.map((field) => field[columns[version]] as string));
  // All passes of a process share the array of values.
  return { names: present.map((field) => field[0]), table, values: new Float64Array(present.length) };
}

const all = { 1: tableOf(1, () => true), 2: tableOf(2, () => true) };
const few = { 1: tableOf(1, (name) => brief.has(name)), 2: tableOf(2, (name) => brief.has(name)) };

/**
 * Figures in bytes, refaults as a count.
 * @param detailed parse all fields; otherwise only those of the formula for real
 * @param onFault receives the error of a malformed or impossible key; the result lacks only that key
 * @throws LocatedError if nothing in the file is usable
 */
export function parseStat(
  file: string,
  text: Uint8Array,
  version: CgroupVersion,
  detailed: boolean,
  onFault: OnFault,
): MemoryStat {
  const { names, table, values } = (detailed ? all : few)[version];
  parseKeyed(file, text, table, values, onFault);
  if (detailed) refuseParts(file, text, table, values, onFault);
  else if (isExact(sumOf(values)))
    return {
      activeAnon: bytes(values[0] as number),
      inactiveAnon: bytes(values[1] as number),
      activeFile: bytes(values[2] as number),
      inactiveFile: bytes(values[3] as number),
    };
  const stat: { -readonly [field in keyof MemoryStat]: MemoryStat[field] } = {};
  for (let slot = 0; slot < names.length; slot++) {
    const value = values[slot] as number;
    const name = names[slot] as keyof MemoryStat;
    if (Number.isNaN(value)) continue;
    if (name === 'hierarchicalLimit' && value > unlimited) stat.hierarchicalLimit = 'none';
    else if (isExact(value)) stat[name] = bytes(value);
    else onFault(faultAt(file, text, table.keys[slot] as string, exactly));
  }
  return stat;
}

/** NaN if a key is absent. */
function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let slot = 0; slot < values.length; slot++) sum += values[slot] as number;
  return sum;
}

/** Removes the parts that exceed their wholes. */
function refuseParts(
  file: string,
  text: Uint8Array,
  { keys }: KeyTable,
  values: Float64Array,
  onFault: OnFault,
): void {
  const figureOf = (key: string): number | undefined => {
    const value = values[keys.indexOf(key)];
    // Leave an overflowed number to the caller, which reports it as such.
    return value === undefined || !isExact(value) ? undefined : value;
  };
  for (const [part, whole] of partsAbove(statWholes, figureOf, statLag)) {
    values[keys.indexOf(part)] = Number.NaN;
    onFault(faultAt(file, text, part, `${part} up to ${whole} (${figureOf(whole)})`));
  }
}
