/** Files of one cgroup, of the root cgroup and of the node → figures under the kernel's names. */

import type { CgroupVersion } from '../model/cgroup.ts';
import { messageOf } from '../model/located-error.ts';
import type { Meminfo } from '../model/meminfo.ts';
import type { ProcessSums } from '../model/process.ts';
import { parseEveryKey } from '../sample/every-key.ts';
import { parseNumber } from '../sample/number.ts';
import type { Figures } from './formula.ts';

/** Files that contain one number and that some tool reads. */
const numberFiles = {
  1: [
    'memory.usage_in_bytes',
    'memory.memsw.usage_in_bytes',
    'memory.kmem.usage_in_bytes',
    'memory.kmem.tcp.usage_in_bytes',
    'memory.max_usage_in_bytes',
    'memory.failcnt',
  ],
  2: ['memory.current', 'memory.swap.current', 'memory.peak'],
} as const;

export const filesOf = (version: CgroupVersion): readonly string[] => [
  ...numberFiles[version],
  'memory.stat',
];

interface Read {
  readonly version: CgroupVersion;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly rootFiles: ReadonlyMap<string, Uint8Array>;
  readonly meminfo: Meminfo | undefined;
  readonly sums: ProcessSums;
  readonly faults: string[];
}

export function kernelFiguresOf({ version, files, rootFiles, meminfo, sums, faults }: Read): Figures {
  const figures = new Map<string, number>();
  const set = (name: string, value: number | undefined): void => {
    if (value !== undefined) figures.set(name, value);
  };
  for (const [found, prefix] of [
    [files, ''],
    [rootFiles, 'root '],
  ] as const)
    for (const file of filesOf(version)) {
      const text = found.get(file);
      if (text === undefined) continue;
      try {
        if (file === 'memory.stat')
          for (const [key, value] of parseEveryKey(file, text)) set(`${prefix}${key}`, value);
        else set(`${prefix}${file}`, parseNumber(file, text));
      } catch (error) {
        // The sample comes from the same bytes and may have reported this fault.
        const why = messageOf(error);
        if (!faults.some((one) => one.endsWith(why))) faults.push(why);
      }
    }
  set('MemTotal', meminfo?.memTotal);
  set('MemFree', meminfo?.memFree);
  set('Buffers', meminfo?.buffers);
  set('Cached', meminfo?.cached);
  set('SReclaimable', meminfo?.slabReclaimable);
  set('MemAvailable', meminfo?.memAvailable);
  set('Σ VmRSS', sums.rssBytes);
  set('Σ writeable/private', sums.writablePrivateBytes);
  return figures;
}

interface Known {
  readonly recording: boolean;
  readonly meminfo: boolean;
  /** The number of processes; undefined for a recording without processes. */
  readonly processes: number | undefined;
  /** Why a process could not be read. */
  readonly fault?: string;
  /** Faults in files of the cgroup. */
  readonly faults: readonly string[];
}

/** One sentence that says why a figure is missing. */
export function absenceOf(name: string, { recording, meminfo, processes, fault, faults }: Known): string {
  if (name.startsWith('Σ ')) {
    if (processes === undefined) return 'this recording has no processes';
    if (recording && name === 'Σ writeable/private')
      return 'recordings omit /proc/<pid>/maps, because it names files';
    return fault === undefined
      ? `realmem could not read ${name.slice(2)} of every process`
      : `realmem could not read ${name.slice(2)} of every process: ${fault}`;
  }
  if (/^[A-Z]/.test(name)) return meminfo ? `/proc/meminfo has no ${name}` : 'this host has no /proc/meminfo';
  if (name.startsWith('root ')) return 'the root cgroup has no such figure';
  if (faults.some((one) => one.includes(`"${name} `))) return `the line ${name} of memory.stat is invalid`;
  const file = name.startsWith('memory.') ? name : 'memory.stat';
  if (faults.some((one) => isAbout(file, one))) return `realmem could not read ${file}`;
  const what = file === name ? name : `${name} in memory.stat`;
  return recording ? `this recording has no ${what}` : `this kernel has no ${what}`;
}

/** Whether a fault makes the whole file useless. One that names a line of memory.stat costs only that line. */
function isAbout(file: string, fault: string): boolean {
  const at = file === 'memory.stat' ? `${file}: ` : `${file}:`;
  // A lone slash before the file means the root cgroup.
  return fault.startsWith(at) || fault.indexOf(`/${at}`) > 1;
}
