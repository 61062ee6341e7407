/** `memory.stat` of both versions → one set of names. */
import { type Bytes, bytes } from '../model/bytes.ts';
import type { CgroupVersion, MemoryStat } from '../model/cgroup.ts';
import { KeyTable, lineOf, parseKeyed } from './keyed.ts';
import { exact, limitOf } from './number.ts';

/**
 * Ours, v2's key, v1's key. v1 keeps local figures beside the hierarchical `total_` ones: only the latter match
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
  ['slab', 'slab', undefined],
  ['slabReclaimable', 'slab_reclaimable', undefined],
  ['sock', 'sock', undefined],
  ['zswap', 'zswap', undefined],
  ['refaultFile', 'workingset_refault_file', 'total_workingset_refault_file'],
  ['hierarchicalLimit', undefined, 'hierarchical_memory_limit'],
];

const columns = { 1: 2, 2: 1 } as const;

function tableOf(version: CgroupVersion) {
  const present = fields.filter((field) => field[columns[version]] !== undefined);
  const table = new KeyTable(present.map((field) => field[columns[version]] as string));
  return { names: present.map((field) => field[0]), table, values: new Float64Array(present.length) };
}

const tables = { 1: tableOf(1), 2: tableOf(2) };

/** @throws Fault at a broken line, or at a number too large to be one. */
export function parseStat(file: string, text: Uint8Array, version: CgroupVersion): MemoryStat {
  const { names, table, values } = tables[version];
  parseKeyed(file, text, table, values);
  const stat: { -readonly [field in keyof MemoryStat]: Bytes } = {};
  for (let slot = 0; slot < names.length; slot++) {
    const value = values[slot] as number;
    if (Number.isNaN(value)) continue;
    const name = names[slot] as keyof MemoryStat;
    if (name === 'hierarchicalLimit') {
      const limit = limitOf(file, () => lineOf(text, table.keys[slot] as string), value, text);
      if (limit !== 'none') stat.hierarchicalLimit = limit;
    } else {
      stat[name] = bytes(exact(file, () => lineOf(text, table.keys[slot] as string), value, text));
    }
  }
  return stat;
}
