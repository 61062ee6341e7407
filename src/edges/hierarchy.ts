/** Finds the cgroup hierarchy that has the memory controller. */
import fs from 'node:fs';
import path from 'node:path';
import type { CgroupMount, CgroupVersion } from '../model/cgroup.ts';
import { scan } from './cgroup-scan.ts';
import { readText } from './files.ts';

export type ParseMountinfo = (file: string, text: string) => readonly CgroupMount[];

const mountTable = 'proc/self/mountinfo';

/** The mount point when there is no mount table. */
const standard = '/sys/fs/cgroup';

export interface FoundHierarchy {
  readonly version: CgroupVersion;
  readonly mountPoint: string;
  readonly mountRoot: string;
}

/** The cgroup lines of a mount table. The file system type follows the separator ` - ` (proc_pid_mountinfo(5)). */
export const cgroupLines = (table: string): string | undefined =>
  table
    .split('\n')
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => `${line}\n`)
    .join('') || undefined;

/** A recorded mount table is untrusted: its paths must stay below the recording's root. */
const contained = (mount: CgroupMount): CgroupMount => ({
  ...mount,
  mountPoint: path.resolve('/', mount.mountPoint),
});

/** The host's cgroup mounts, and the location of its /proc. */
export interface Mounts {
  /** The directory that contains the host's `/proc`. */
  readonly procRoot: string;
  /** Text of the host's mount table. Undefined for a recording without one. */
  readonly table: string | undefined;
  /** Mount points relative to the root that represents the host's `/`. */
  readonly mounts: readonly CgroupMount[] | undefined;
}

/**
 * Reads the host's mount table. In a pod it is missing: only the host's cgroups are mounted below `root`. Then our own mount
 * table shows them, and our own /proc belongs to the same kernel.
 * @throws LocatedError when the table is broken
 */
export function mountsOf(root: string, parse: ParseMountinfo): Mounts {
  const file = path.join(root, mountTable);
  const table = readText(file);
  if (table !== undefined) return { procRoot: root, table, mounts: parse(file, table).map(contained) };
  const own = `/${mountTable}`;
  const text = root === '/' || fs.existsSync(path.join(root, 'proc')) ? undefined : readText(own);
  const prefix = `${fs.realpathSync(root)}/`;
  const below = (text === undefined ? [] : parse(own, text))
    .filter(({ mountPoint }) => mountPoint.startsWith(prefix))
    .map((mount) => ({ ...mount, mountPoint: mount.mountPoint.slice(prefix.length - 1) }));
  if (below.length === 0) return { procRoot: root, table: undefined, mounts: undefined };
  return { procRoot: '/', table: undefined, mounts: below };
}

/**
 * Finds the memory hierarchy. It is v2 only if the v2 mount's `cgroup.controllers` lists memory: on hybrid hosts it is v1.
 * @returns `why`: the reason, in a sentence, why there is none
 */
export function findMemory(
  root: string,
  mounts: readonly CgroupMount[] | undefined,
): FoundHierarchy | { readonly why: string } {
  const mounted = mounts === undefined ? undefined : byMounts(root, mounts);
  return (
    mounted ??
    byTree(root) ?? {
      why:
        root === '/'
          ? 'No cgroup hierarchy with the memory controller is mounted here: the kernel may have it disabled (cgroup_disable=memory), or this container may not see it.'
          : 'The recording has no cgroup tree with the memory controller below sys/fs/cgroup.',
    }
  );
}

function byMounts(root: string, mounts: readonly CgroupMount[]): FoundHierarchy | undefined {
  const usable = mounts.filter(({ version, controllers, mountPoint }) => {
    const directory = path.join(root, mountPoint);
    return version === 1
      ? controllers.includes('memory') && fs.existsSync(directory)
      : listsMemory(directory);
  });
  // The hierarchy can be mounted whole and in parts: prefer the mount with the shortest root.
  const [found] = usable.sort((a, b) => a.root.length - b.root.length);
  return found && { version: found.version, mountPoint: found.mountPoint, mountRoot: found.root };
}

/** Without a mount table: by the standard paths. */
function byTree(root: string): FoundHierarchy | undefined {
  const at = (version: CgroupVersion, mountPoint: string): FoundHierarchy => ({
    version,
    mountPoint,
    mountRoot: '/',
  });
  const directory = path.join(root, standard);
  if (listsMemory(directory)) return at(2, standard);
  if (fs.existsSync(path.join(directory, 'memory'))) return at(1, `${standard}/memory`);
  if (listsMemory(path.join(directory, 'unified'))) return at(2, `${standard}/unified`);
  return holds(directory, 'memory.current') ? at(2, standard) : undefined;
}

const listsMemory = (directory: string): boolean =>
  readText(path.join(directory, 'cgroup.controllers'))?.split(/\s/).includes('memory') ?? false;

/** Maximum number of cgroups to search for a v2 file. A recording has it in one of the first. */
const mostSearched = 10_000;

/** Whether any cgroup has this file. A recording reduced to some cgroups may lack the root's files. */
function holds(directory: string, file: string): boolean {
  let searched = 0;
  for (const raw of scan({ directory, path: '/' }, false, () => true)) {
    if (raw.read(file) !== undefined) return true;
    if (++searched === mostSearched) break;
  }
  return false;
}
