/** The processes of the host that is read, or of a recording of it. */
import fs from 'node:fs';
import path from 'node:path';
import { codeOf, describeErrno, LocatedError } from '../model/located-error.ts';
import { readFile } from './files.ts';
import { mountsOf, type ParseMountinfo } from './hierarchy.ts';

export type ProcessFile = 'status' | 'statm' | 'smaps_rollup' | 'maps' | 'cgroup';

/** In bytes. A process may have 65,530 mappings, and with vm.max_map_count raised for a database four times as many. */
const longest: Readonly<Record<ProcessFile, number>> = {
  ...{ status: 2 ** 20, statm: 2 ** 20, smaps_rollup: 2 ** 20, cgroup: 2 ** 20 },
  maps: 64 * 2 ** 20,
};

export interface ProcessTable {
  /** Every process there is. */
  pids(): readonly number[];
  /** Undefined where there is no such file: the process has ended, or was not recorded. @throws Fault */
  read(pid: number, file: ProcessFile): Uint8Array | undefined;
}

/** @param root what stands for the host's `/` */
export function processTable(root: string, parseMountinfo: ParseMountinfo): ProcessTable {
  const proc = path.join(mountsOf(root, parseMountinfo).procRoot, 'proc');
  return {
    pids() {
      if (!fs.existsSync(proc)) return [];
      return fs
        .readdirSync(proc)
        .filter((name) => /^[1-9]\d*$/.test(name))
        .map(Number)
        .sort((a, b) => a - b);
    },
    read(pid, file) {
      const place = path.join(proc, String(pid), file);
      try {
        return readFile(place, longest[file]);
      } catch (error) {
        // ESRCH: it ended while its file was open.
        if (['ENOENT', 'ENOTDIR', 'ESRCH'].includes(codeOf(error) ?? '')) return undefined;
        throw error instanceof LocatedError
          ? error
          : new LocatedError({ where: place, expected: 'to read it', got: describeErrno(error) });
      }
    },
  };
}
