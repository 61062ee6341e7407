/** This machine's properties that determine how far the kernel's memory counters lag, and what it says of this process. */
import fs from 'node:fs';
import os from 'node:os';
import { type Machine, usualPageBytes } from '../model/cgroup.ts';
import { defined } from '../model/json.ts';

/** Key of the page size in the auxiliary vector (getauxval(3)). */
const AT_PAGESZ = 6n;

/** The version of Node that runs this program: `26.10.0`. */
export const nodeVersion = (): string => process.versions.node;

export const thisMachine = (): Machine => ({ pageBytes: pageSize(), cpus: onlineCpus() });

/** What the kernel says of this process. Absent: unreadable. */
export interface OwnProcess {
  /** `/proc/self/stat` */
  readonly stat?: string;
  /** `/proc/self/limits` */
  readonly limits?: string;
  /** `/proc/stat` */
  readonly systemStat?: string;
  readonly openDescriptors?: number;
  readonly pageBytes: number;
}

/** @param pageBytes as `thisMachine` says it */
export function thisProcess(pageBytes: number): OwnProcess {
  const read = <Value>(how: () => Value): Value | undefined => {
    try {
      return how();
    } catch {
      // A figure less, and the others remain.
      return undefined;
    }
  };
  return {
    ...defined({
      stat: read(() => fs.readFileSync('/proc/self/stat', 'latin1')),
      limits: read(() => fs.readFileSync('/proc/self/limits', 'latin1')),
      systemStat: read(() => fs.readFileSync('/proc/stat', 'latin1')),
      // One of them is the directory itself, open while it is read.
      openDescriptors: read(() => fs.readdirSync('/proc/self/fd').length - 1),
    }),
    pageBytes,
  };
}

/** Node has no API for the page size. Read it from the auxiliary vector: pairs of 64-bit numbers (key, value). */
function pageSize(): number {
  try {
    const vector = fs.readFileSync('/proc/self/auxv');
    const at = (offset: number): bigint =>
      os.endianness() === 'LE' ? vector.readBigUInt64LE(offset) : vector.readBigUInt64BE(offset);
    for (let offset = 0; offset + 16 <= vector.length; offset += 16)
      if (at(offset) === AT_PAGESZ) return Number(at(offset + 8));
  } catch {
    // Without permission for /proc/self, assume the usual page size.
  }
  return usualPageBytes;
}

/** All online CPUs, not only those this process may use: each one batches its counter updates. Format: `0-3,6`. */
function onlineCpus(): number {
  try {
    const text = fs.readFileSync('/sys/devices/system/cpu/online', 'utf8').trim();
    const cpus = text.split(',').reduce((sum, range) => {
      const [first = Number.NaN, last = first] = range.split('-').map(Number);
      return sum + last - first + 1;
    }, 0);
    if (cpus > 0) return cpus;
  } catch {
    // Without /sys, use Node's count from /proc/cpuinfo.
  }
  return Math.max(1, os.cpus().length);
}
