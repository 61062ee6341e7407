/** On v1 the hugetlb controller has a hierarchy of its own, beside that of memory. */
import fs from 'node:fs';
import path from 'node:path';
import type { RawCgroup } from '../model/cgroup.ts';
import { codeOf, describeErrno, LocatedError } from '../model/located-error.ts';
import type { Tree } from './cgroup-tree.ts';
import { readFile } from './files.ts';

/**
 * The same tree; files of the hugetlb controller are read from where they are, as if they stood beside those of memory,
 * where v2 has them and a recording keeps them.
 * @param directory where the hugetlb hierarchy is mounted
 * @param root the path of the cgroup that is mounted there
 */
export function withHugetlb(tree: Tree, directory: string, root: string): Tree {
  const known = new WeakMap<RawCgroup, RawCgroup>();
  // Sizes of huge pages are the machine's: what one cgroup has no file for, none has.
  const absent = new Set<string>();
  const read = (cgroup: string, file: string): Uint8Array | undefined => {
    const place = path.join(directory, path.relative(root, cgroup), file);
    try {
      return absent.has(file) ? undefined : readFile(place);
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'ENOENT' && code !== 'ENODEV')
        throw error instanceof LocatedError
          ? error
          : new LocatedError({ where: place, expected: 'to read it', got: describeErrno(error) });
      if (fs.existsSync(path.dirname(place))) absent.add(file);
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
