/** Visits every cgroup of a tree once without keeping any. The memory of a scan grows only with the tree's depth. */
import fs from 'node:fs';
import type { RawCgroup } from '../model/cgroup.ts';
import { CgroupFiles, CgroupReader } from './cgroup-files.ts';

/** Maximum depth. A node that runs in a container and has pods itself reaches about ten levels. */
export const deepest = 64;

/** Maximum length of a path, in characters. Pods of nodes in containers have about 400. */
export const longestPath = 1024;

/** Directory entries that Node reads per system call. */
const entriesAtOnce = 512;

/** Opens a directory to list it entry by entry. A list of all entries could exceed the agent's memory. */
export const openDirectory = (directory: string): fs.Dir =>
  fs.opendirSync(directory, { bufferSize: entriesAtOnce });

export const childOf = (parent: string, name: string): string => `${parent === '/' ? '' : parent}/${name}`;

/** Node decodes invalid UTF-8 as U+FFFD, so two different names could look equal. */
export const isText = (name: string): boolean => !name.includes('\ufffd');

interface Location {
  readonly directory: string;
  readonly path: string;
}

/** A directory that the scan is listing. */
interface OpenDirectory extends Location {
  readonly dir: fs.Dir;
}

/**
 * Yields cgroups depth first, parents before children. Skips the children of a cgroup that cannot be listed.
 * @param top the mount point and the path of the cgroup mounted there
 * @param live the tree is on the kernel's cgroup file system
 * @param below called after each yield: whether to descend into the cgroup just yielded
 * @param reader shared with other scans; keeps no file open
 */
export function* scan(
  top: Location,
  live: boolean,
  below: () => boolean,
  reader = new CgroupReader([], 0, live),
): Generator<RawCgroup, void> {
  const above: OpenDirectory[] = [];
  try {
    for (let at: Location | undefined = top; at !== undefined; at = nextOf(above)) {
      const { directory, path } = at;
      const stat = unlessUnreadable(() => fs.statSync(directory, { throwIfNoEntry: false }));
      if (stat === undefined) continue;
      const files = new CgroupFiles(directory, reader);
      yield { id: { path, inode: stat.ino }, read: (file) => files.read(file) };
      // On the cgroup file system each child adds a link (its `..`). Two links are the name and `.`: no children.
      const isLeaf = live && stat.nlink === 2;
      if (!below() || isLeaf || above.length >= deepest) continue;
      const dir = unlessUnreadable(() => openDirectory(directory));
      if (dir !== undefined) above.push({ directory, path, dir });
    }
  } finally {
    for (const { dir } of above) dir.closeSync();
  }
}

/** The next child of the deepest open directory; closes directories that are exhausted. */
function nextOf(above: OpenDirectory[]): Location | undefined {
  for (let last = above.at(-1); last !== undefined; last = above.at(-1)) {
    const { dir } = last;
    for (let entry = read(dir); entry != null; entry = read(dir)) {
      const path = childOf(last.path, entry.name);
      if (entry.isDirectory() && isText(entry.name) && path.length <= longestPath)
        return { directory: `${last.directory}/${entry.name}`, path };
    }
    dir.closeSync();
    above.pop();
  }
  return undefined;
}

const read = (dir: fs.Dir): fs.Dirent | null | undefined => unlessUnreadable(() => dir.readSync());

/** Undefined when the action fails: the cgroup is gone, or unreadable. `CgroupTree.walk` reports the reason. */
function unlessUnreadable<Value>(act: () => Value): Value | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
