/** Where the memory hierarchy of a host is. */
import fs from 'node:fs';
import path from 'node:path';
import type { CgroupMount, CgroupVersion } from '../model/cgroup.ts';
import { scan } from './cgroup-scan.ts';
import { readText } from './files.ts';

export type ParseMountinfo = (file: string, text: string) => readonly CgroupMount[];

const mountTable = 'proc/self/mountinfo';

/** Where cgroups are mounted unless a mount table says otherwise. */
const standard = '/sys/fs/cgroup';

export interface Found {
  readonly version: CgroupVersion;
  readonly mountPoint: string;
  readonly mountRoot: string;
}

/** The lines of a mount table about cgroups: told by the type, which follows the separator. */
export const cgroupLines = (table: string): string | undefined =>
  table
    .split('\n')
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => `${line}\n`)
    .join('') || undefined;

/** A mount table that came from elsewhere may not lead out of its root. */
const contained = (mount: CgroupMount): CgroupMount => ({
  ...mount,
  mountPoint: path.resolve('/', mount.mountPoint),
});

/** What tells where a host's cgroups are, and where the rest of its /proc is. */
export interface Mounts {
  /** What stands for the `/` above the host's `/proc`. */
  readonly procRoot: string;
  /** Its mount table; undefined for a recording without one. */
  readonly table: string | undefined;
  /** As seen from the root that stands for the host's `/`. */
  readonly mounts: readonly CgroupMount[] | undefined;
}

/**
 * The host's own mount table. In a pod there is none: only its cgroups are mounted below `root`, which our own table
 * tells, and our /proc is of the same kernel.
 */
export function mountsOf(root: string, parse: ParseMountinfo): Mounts {
  const file = path.join(root, mountTable);
  const table = readText(file);
  if (table !== undefined) return { procRoot: root, table, mounts: parse(file, table).map(contained) };
  const own = `/${mountTable}`;
  const text = root === '/' || fs.existsSync(path.join(root, 'proc')) ? undefined : readText(own);
  const place = `${fs.realpathSync(root)}/`;
  const below = (text === undefined ? [] : parse(own, text))
    .filter(({ mountPoint }) => mountPoint.startsWith(place))
    .map((mount) => ({ ...mount, mountPoint: mount.mountPoint.slice(place.length - 1) }));
  if (below.length === 0) return { procRoot: root, table: undefined, mounts: undefined };
  return { procRoot: '/', table: undefined, mounts: below };
}

/** Memory is on v2 only where that mount's `cgroup.controllers` lists it: on hybrid hosts it is on v1. */
export function findMemory(
  root: string,
  mounts: readonly CgroupMount[] | undefined,
): Found | { readonly why: string } {
  const mounted = mounts === undefined ? undefined : byMounts(root, mounts);
  return (
    mounted ??
    byTree(root) ?? {
      why:
        root === '/'
          ? 'No cgroup hierarchy with the memory controller is mounted here: the kernel may have it switched off (cgroup_disable=memory), or this container may not see it.'
          : 'There is no cgroup tree with memory in this recording (below sys/fs/cgroup).',
    }
  );
}

function byMounts(root: string, mounts: readonly CgroupMount[]): Found | undefined {
  const usable = mounts.filter(({ version, controllers, mountPoint }) => {
    const directory = path.join(root, mountPoint);
    return version === 1
      ? controllers.includes('memory') && fs.existsSync(directory)
      : listsMemory(directory);
  });
  // The same hierarchy can be mounted in parts as well: the whole one first.
  const [found] = usable.sort((a, b) => a.root.length - b.root.length);
  return found && { version: found.version, mountPoint: found.mountPoint, mountRoot: found.root };
}

/** A recording without a mount table is told by its tree. */
function byTree(root: string): Found | undefined {
  const at = (version: CgroupVersion, mountPoint: string): Found => ({ version, mountPoint, mountRoot: '/' });
  const directory = path.join(root, standard);
  if (listsMemory(directory)) return at(2, standard);
  if (fs.existsSync(path.join(directory, 'memory'))) return at(1, `${standard}/memory`);
  if (listsMemory(path.join(directory, 'unified'))) return at(2, `${standard}/unified`);
  return holds(directory, 'memory.current') ? at(2, standard) : undefined;
}

const listsMemory = (directory: string): boolean =>
  readText(path.join(directory, 'cgroup.controllers'))?.split(/\s/).includes('memory') ?? false;

/** How many cgroups are looked at for a file that tells the version: a recording has it in its first ones. */
const mostLookedAt = 10_000;

/** A recording reduced to some cgroups may lack the root's own files. */
function holds(directory: string, file: string): boolean {
  let looked = 0;
  for (const raw of scan({ directory, path: '/' }, false, () => true)) {
    if (raw.read(file) !== undefined) return true;
    if (++looked === mostLookedAt) break;
  }
  return false;
}
