/** On v1 the hugetlb controller has its own hierarchy. This merges its files into the memory tree. */
import fs from 'node:fs';
import path from 'node:path';
import type { RawCgroup } from '../model/cgroup.ts';
import { codeOf, describeErrno, LocatedError } from '../model/located-error.ts';
import type { Tree } from './cgroup-tree.ts';
import { readFile } from './files.ts';

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
    walk: (visit, admit) => tree.walk((raw) => visit(beside(raw)), admit),
    *scan(below) {
      for (const raw of tree.scan(below)) yield beside(raw);
    },
    close: () => tree.close(),
  };
}
