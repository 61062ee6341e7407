/** The files of one cgroup, of the root and of the node → figures under the kernel's own names. */

import type { CgroupVersion } from '../model/cgroup.ts';
import { messageOf } from '../model/located-error.ts';
import type { Meminfo } from '../model/meminfo.ts';
import type { ProcessSums } from '../model/process.ts';
import { parseEveryKey } from '../sample/every-key.ts';
import { parseNumber } from '../sample/number.ts';
import type { Figures } from './formula.ts';

/** Files of one number that some tool reads, each under its own name. */
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

export function figuresOf({ version, files, rootFiles, meminfo, sums, faults }: Read): Figures {
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
        // Said already where the sample was made of the same bytes.
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
  /** How many; undefined for a recording without them. */
  readonly processes: number | undefined;
  /** Why one of them could not be read. */
  readonly fault?: string;
  /** What was wrong with files of the cgroup. */
  readonly faults: readonly string[];
}

/** Why a figure is not there, in a sentence. */
export function absenceOf(name: string, { recording, meminfo, processes, fault, faults }: Known): string {
  if (name.startsWith('Σ ')) {
    if (processes === undefined) return 'the recording has no processes';
    if (recording && name === 'Σ writeable/private')
      return 'recordings leave /proc/<pid>/maps out, since it names files';
    return fault === undefined
      ? `${name.slice(2)} cannot be read of every process`
      : `${name.slice(2)} cannot be read of every process: ${fault}`;
  }
  if (/^[A-Z]/.test(name)) return meminfo ? `/proc/meminfo has no ${name}` : 'there is no /proc/meminfo here';
  if (name.startsWith('root ')) return 'the figures of the root cgroup are not there';
  if (faults.some((one) => one.includes(`"${name} `)))
    return `the line of ${name} in memory.stat cannot be used`;
  const what = name.startsWith('memory.') ? name : `${name} in memory.stat`;
  return recording ? `no ${what} in this recording` : `this kernel has no ${what}`;
}
