/** Huge pages in cgroups. On v1 the hugetlb controller has its own hierarchy: this merges its files into the memory tree. */
import fs from 'node:fs';
import path from 'node:path';
import type { CgroupMount, CgroupVersion, RawCgroup } from '../model/cgroup.ts';
import { codeOf, describeErrno, LocatedError } from '../model/located-error.ts';
import type { Tree } from './cgroup-tree.ts';
import { readFile, readText } from './files.ts';

/** One directory for each size that this kernel has: `hugepages-2048kB`. */
const sizesDirectory = '/sys/kernel/mm/hugepages';

/**
 * The sizes of huge pages that the cgroups of a live host can have, spelled as in the names of the controller's files:
 * `2MB`. They are fixed at boot.
 * @returns undefined if the kernel's list is not visible here
 */
export function hugePageSizes(
  root: string,
  { version, mountPoint }: { readonly version: CgroupVersion; readonly mountPoint: string },
  mounts: readonly CgroupMount[] | undefined,
  directory = sizesDirectory,
): readonly string[] | undefined {
  const controllers =
    version === 1
      ? mounts?.flatMap((mount) => mount.controllers)
      : readText(path.join(root, mountPoint, 'cgroup.controllers'))?.split(/\s/);
  if (controllers?.includes('hugetlb') === false) return [];
  try {
    return fs.readdirSync(directory).flatMap((name) => {
      const kib = Number(/^hugepages-(\d+)kB$/.exec(name)?.[1]);
      return Number.isNaN(kib) ? [] : [sizeName(kib)];
    });
  } catch {
    return undefined;
  }
}

/** As `hugetlb_cgroup_file_init` in the kernel's mm/hugetlb_cgroup.c. */
const sizeName = (kib: number): string =>
  kib >= 1024 ** 2 ? `${kib / 1024 ** 2}GB` : kib >= 1024 ? `${kib / 1024}MB` : `${kib}KB`;

/**
 * The same tree with the hugetlb files in it, as on v2 and in recordings.
 * @param directory mount point of the hugetlb hierarchy
 * @param root path of the cgroup mounted there
 */
export function withHugetlb(tree: Tree, directory: string, root: string): Tree {
  const known = new WeakMap<RawCgroup, RawCgroup>();
  // Huge page sizes are the same for the whole machine: a file that one cgroup lacks, all lack.
  const absent = new Set<string>();
  const read = (cgroup: string, file: string): Uint8Array | undefined => {
    const where = path.join(directory, path.relative(root, cgroup), file);
    try {
      return absent.has(file) ? undefined : readFile(where);
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'ENOENT' && code !== 'ENODEV')
        throw error instanceof LocatedError
          ? error
          : new LocatedError({ where, expected: 'a readable file', got: describeErrno(error) });
      if (fs.existsSync(path.dirname(where))) absent.add(file);
      return undefined;
    }
  };
  const beside = (raw: RawCgroup): RawCgroup => {
    const made = known.get(raw) ?? {
      id: raw.id,
      read: (file: string) => (file.startsWith('hugetlb.') ? read(raw.id.path, file) : raw.read(file)),
    };
    known.set(raw, made);
    return made;
  };
  return {
    walk: (visit, admit, leave) =>
      tree.walk((raw) => visit(beside(raw)), admit, leave && ((raw, looked) => leave(beside(raw), looked))),
    *scan(below) {
      for (const raw of tree.scan(below)) yield beside(raw);
    },
    close: () => tree.close(),
  };
}
