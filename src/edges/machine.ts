/** The machine that this process runs on, as far as the kernel's own lag depends on it. */
import fs from 'node:fs';
import os from 'node:os';
import { type Machine, usualPageBytes } from '../model/cgroup.ts';

/** Key of the page size in the auxiliary vector (getauxval(3)). */
const AT_PAGESZ = 6n;

export const thisMachine = (): Machine => ({ pageBytes: pageSize(), cpus: onlineCpus() });

/** Node has no call for it: from the vector that the kernel hands to each process, pairs of 64-bit numbers. */
function pageSize(): number {
  try {
    const vector = fs.readFileSync('/proc/self/auxv');
    const at = (offset: number): bigint =>
      os.endianness() === 'LE' ? vector.readBigUInt64LE(offset) : vector.readBigUInt64BE(offset);
    for (let offset = 0; offset + 16 <= vector.length; offset += 16)
      if (at(offset) === AT_PAGESZ) return Number(at(offset + 8));
  } catch {
    // A process that may not look at itself.
  }
  return usualPageBytes;
}

/** All of the machine's, whatever this process may use: each holds pages back. `0-3,6`. */
function onlineCpus(): number {
  try {
    const text = fs.readFileSync('/sys/devices/system/cpu/online', 'utf8').trim();
    const cpus = text.split(',').reduce((sum, range) => {
      const [first = Number.NaN, last = first] = range.split('-').map(Number);
      return sum + last - first + 1;
    }, 0);
    if (cpus > 0) return cpus;
  } catch {
    // Without /sys, what Node found in /proc/cpuinfo.
  }
  return Math.max(1, os.cpus().length);
}
