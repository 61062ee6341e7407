/** The processes of a live host or a recording. */
import fs from 'node:fs';
import path from 'node:path';
import { codeOf, describeErrno, LocatedError } from '../model/located-error.ts';
import { readFile } from './files.ts';
import { mountsOf, type ParseMountinfo } from './hierarchy.ts';

export type ProcessFile = 'status' | 'statm' | 'smaps_rollup' | 'maps' | 'cgroup' | 'stat';

/** Maximum size in bytes. A process may have 65,530 mappings; databases raise vm.max_map_count to four times that. */
const longest: Readonly<Record<ProcessFile, number>> = {
  ...{ status: 2 ** 20, statm: 2 ** 20, smaps_rollup: 2 ** 20, cgroup: 2 ** 20, stat: 2 ** 20 },
  maps: 64 * 2 ** 20,
};

export interface ProcessTable {
  /** All process IDs, ascending. */
  pids(): readonly number[];
  /** Undefined when the file is missing: the process ended, or was not recorded. @throws LocatedError */
  read(pid: number, file: ProcessFile): Uint8Array | undefined;
}

/** @param root the directory that represents the host's `/` */
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
      const where = path.join(proc, String(pid), file);
      try {
        return readFile(where, longest[file]);
      } catch (error) {
        // ESRCH: the process ended while its file was open.
        if (['ENOENT', 'ENOTDIR', 'ESRCH'].includes(codeOf(error) ?? '')) return undefined;
        throw error instanceof LocatedError
          ? error
          : new LocatedError({ where, expected: 'a readable file', got: describeErrno(error) });
      }
    },
  };
}
