/** Asks the kernel to take page cache from one cgroup. Only this folder writes to cgroups. */
import fs from 'node:fs';
import type { RawCgroup } from '../../model/cgroup.ts';
import { codeOf, describeErrno, LocatedError } from '../../model/located-error.ts';
import { CgroupFiles, CgroupReader } from '../cgroup-files.ts';

export interface Reclaimer {
  /**
   * Asks the kernel to take page cache. It may take more or less.
   * @param amount bytes @param keep bytes of usage that must remain
   * @throws LocatedError if the kernel refuses, or if the cgroup is not as it was at first
   */
  take(amount: number, keep: number): Promise<void>;
  /** Leaves everything as it was before. */
  close(): Promise<void>;
}

/** The files that a probe reads repeatedly. */
const read = ['memory.current', 'memory.usage_in_bytes', 'memory.stat', 'memory.pressure'];

/** The files of one cgroup. Their descriptors stay open, so a new cgroup of the same path is never read. */
export function openFiles(directory: string, id: RawCgroup['id']): RawCgroup & { close(): void } {
  const files = new CgroupFiles(directory, new CgroupReader(read, read.length, true));
  return { id, read: (file) => files.read(file), close: () => files.close() };
}

const reclaimFile = 'memory.reclaim';

/** The kernel then takes file pages only (Documentation/admin-guide/cgroup-v2.rst). */
const onlyFiles = 'swappiness=0';

/** The kernel took less than asked for, or a signal interrupted it. */
const isPartial = (error: unknown): boolean => ['EAGAIN', 'EINTR'].includes(codeOf(error) ?? '');

/**
 * Opens `memory.reclaim` of cgroup v2. It changes no setting.
 * @param anonymousIsSafe the machine has no swap, so the kernel cannot reclaim anonymous pages
 * @throws LocatedError without that file, or if the kernel could take anonymous pages
 */
export function openReclaim(directory: string, anonymousIsSafe: boolean): Reclaimer {
  const where = `${directory}/${reclaimFile}`;
  const fault = (expected: string, got: string, todo?: string): LocatedError =>
    new LocatedError({ where, expected, got: { message: got }, ...(todo !== undefined && { todo }) });
  let descriptor: number;
  try {
    descriptor = fs.openSync(where, fs.constants.O_WRONLY);
  } catch (error) {
    throw codeOf(error) === 'ENOENT'
      ? fault('the file memory.reclaim', 'none', 'use Linux 5.19 or newer')
      : fault('a writable file', describeErrno(error), 'run as root, with /sys/fs/cgroup writable');
  }
  // Asking for 0 bytes takes nothing, and shows whether the kernel knows the word.
  const knowsWord = ((): boolean => {
    try {
      fs.writeSync(descriptor, `0 ${onlyFiles}`);
      return true;
    } catch {
      return false;
    }
  })();
  if (!knowsWord && !anonymousIsSafe) {
    fs.closeSync(descriptor);
    throw fault(
      `a kernel that knows "${onlyFiles}" here, because swap is on`,
      'one that could swap out the memory of the program',
      'turn swap off, or use a newer kernel',
    );
  }
  return {
    async take(amount) {
      try {
        fs.writeSync(descriptor, knowsWord ? `${amount} ${onlyFiles}` : `${amount}`);
      } catch (error) {
        if (!isPartial(error)) throw fault(`to take ${amount} bytes`, describeErrno(error));
      }
    },
    async close() {
      fs.closeSync(descriptor);
    },
  };
}
