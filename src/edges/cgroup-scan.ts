/** Every cgroup of a tree once, with nothing remembered: the memory that a scan takes grows with the depth alone. */
import fs from 'node:fs';
import type { RawCgroup } from '../model/cgroup.ts';
import { CgroupFiles, Reading } from './cgroup-files.ts';

/** How many levels of cgroups are read. Nodes in containers, with pods of their own, have about ten. */
export const deepest = 64;

/** How long a path may be, in characters. Pods of nodes in containers have about 400. */
export const longestPath = 1024;

/** How many entries of a directory Node reads at once. */
const entriesAtOnce = 512;

/** A directory, listed entry by entry: a list of all can be larger than the memory of the agent. */
export const openDirectory = (directory: string): fs.Dir =>
  fs.opendirSync(directory, { bufferSize: entriesAtOnce });

export const childOf = (parent: string, name: string): string => `${parent === '/' ? '' : parent}/${name}`;

/** Node writes this character for bytes that are no UTF-8: several names could come out as one. */
export const isText = (name: string): boolean => !name.includes('\ufffd');

interface At {
  readonly directory: string;
  readonly path: string;
}

interface Listed extends At {
  readonly dir: fs.Dir;
}

/**
 * Parents first, one branch after the other. A cgroup that cannot be listed has nothing below it here.
 * @param top where the hierarchy is mounted, and the path of the cgroup that stands there
 * @param below whether to look below the cgroup that was given last
 */
export function* scan(top: At, live: boolean, below: () => boolean): Generator<RawCgroup, void> {
  const reading = new Reading([], 0, live);
  const above: Listed[] = [];
  try {
    for (let at: At | undefined = top; at !== undefined; at = nextOf(above)) {
      const { directory, path } = at;
      const stat = unlessUnreadable(() => fs.statSync(directory, { throwIfNoEntry: false }));
      if (stat === undefined) continue;
      const files = new CgroupFiles(directory, reading);
      yield { id: { path, inode: stat.ino }, read: (file) => files.read(file) };
      // On the kernel's own file system each directory in it is a link to it, beside its name and its own `.`.
      const isLeaf = live && stat.nlink === 2;
      if (!below() || isLeaf || above.length >= deepest) continue;
      const dir = unlessUnreadable(() => openDirectory(directory));
      if (dir !== undefined) above.push({ directory, path, dir });
    }
  } finally {
    for (const { dir } of above) dir.closeSync();
  }
}

/** The next directory that a walk would read, in the deepest that is being listed. */
function nextOf(above: Listed[]): At | undefined {
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

/** Undefined for what has gone, and for what may not be read: the walk says why. */
function unlessUnreadable<Value>(act: () => Value): Value | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
