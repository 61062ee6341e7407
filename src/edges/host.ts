/** Opens the host to read: the live machine, or a recording below a directory. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { CgroupId, CgroupMount, CgroupVersion, Machine } from '../model/cgroup.ts';
import { defined } from '../model/json.ts';
import { codeOf, describeErrno, InputError, LocatedError, messageOf } from '../model/located-error.ts';
import type { RuntimeName } from '../model/observation.ts';
import { CgroupTree, type Tree } from './cgroup-tree.ts';
import { readFile, readText } from './files.ts';
import type { ParseMountinfo } from './hierarchy.ts';
import { cgroupLines, type FoundHierarchy, findMemory, mountsOf } from './hierarchy.ts';
import { hugePageSizes, withHugetlb } from './hugetlb.ts';
import { thisMachine } from './machine.ts';
import { RuntimeNames } from './runtime-names.ts';
import type { Mounted } from './watch/memory-events.ts';

export interface HostOptions {
  /** The directory that represents the host's `/`. */
  readonly root: string;
  readonly hotFiles: Readonly<Record<CgroupVersion, readonly string[]>>;
  readonly parseMountinfo: ParseMountinfo;
  /** Opens the recording at a root that is not a live host. @throws LocatedError */
  readonly openRecording: (root: string) => Overlay;
  /** Descriptors reserved for the rest of the process. */
  readonly reservedDescriptors: number;
}

/** A recording. The files below its root are its first sample; later samples override them. */
export interface Overlay {
  readonly cursor: Cursor;
  /** Name of the recorded host. Absent: not recorded. */
  readonly node?: string;
  readonly machine?: Machine;
  /** The kernel has no multi-generational LRU. Absent: not recorded. */
  readonly lruGen?: false;
  /** A host file in the current sample. @param first reads it from the first sample */
  read(file: string, first: () => Uint8Array | undefined): Uint8Array | undefined;
  /**
   * The tree with the current sample's files.
   * @param directory the mount point below the root
   * @param top path of the cgroup mounted there
   */
  over(tree: Tree, directory: string, top: string): Tree;
}

export interface Cgroups {
  readonly version: CgroupVersion;
  readonly tree: Tree;
  /** Relative to the root that represents the host's `/`. */
  readonly mountPoint: string;
  /** Path of the cgroup mounted there. */
  readonly mountRoot: string;
  /** Sizes of the huge pages that cgroups can have, as in the kernel's file names. Undefined: unknown, as in recordings. */
  readonly hugePageSizes?: readonly string[];
}

/** @param root the directory that represents the host's `/` @param cgroup its path in the hierarchy */
export const directoryOf = (root: string, { mountPoint, mountRoot }: Cgroups, cgroup: string): string =>
  path.join(root, mountPoint, path.relative(mountRoot, cgroup));

/** The current position in a recording. */
export interface Cursor {
  /** When the current sample was taken: RFC 3339. Undefined: not recorded. */
  readonly at: string | undefined;
  readonly isLast: boolean;
  /** Advances to the next sample. At the last one it does nothing. @throws LocatedError */
  next(): void;
}

/** A file of the node as a whole. */
export interface NodeFile {
  readonly file: string;
  readonly text: Uint8Array;
}

export interface Host {
  readonly name: string;
  readonly kernel: string | undefined;
  /** Absent for a recording without it. */
  readonly machine?: Machine;
  /** Undefined when no memory hierarchy was found. Then `why` gives the reason in a sentence. */
  readonly cgroups: Cgroups | undefined;
  readonly why: string | undefined;
  /** The cgroup lines of `/proc/self/mountinfo`. Undefined: there are none. */
  readonly mountTable: string | undefined;
  /** The hierarchy whose kernel reports memory events. Absent on v1, and for a recording. */
  readonly reportsEvents?: Mounted;
  /** Undefined on a live host. */
  readonly recording: Cursor | undefined;
  /** `/proc/meminfo`. Undefined for a recording without it. @throws LocatedError */
  meminfo(): NodeFile | undefined;
  /**
   * The kernel's switch for the multi-generational LRU. It can change at run time. 'none': the kernel has no such file, so no
   * such LRU. Undefined: unknown.
   * @throws LocatedError
   */
  lruGen(): NodeFile | 'none' | undefined;
  /** Statistics of the ZFS cache (ARC). Undefined without ZFS. @throws LocatedError */
  arcstats(): NodeFile | undefined;
  /** The name that docker, podman or nerdctl has for the container of this cgroup. Undefined: none, or unreadable. */
  containerName(id: CgroupId): RuntimeName | undefined;
  /** A file that the recorder added next to the host's files. Undefined on a live host, or when missing. */
  recorded(file: string): { readonly file: string; readonly text: string } | undefined;
  close(): void;
}

/** This machine's host name. */
export const hostName = (): string => os.hostname();

/** statfs(2) types of the kernel's cgroup file systems: v1, v2. */
const cgroupFileSystems = new Set([0x27e0eb, 0x63677270]);

/** Maximum number of open descriptors. Each takes some 5 KiB of kernel memory, charged to the agent. */
const mostOpen = 4096;

/** Bytes. OpenZFS writes some 10 KiB. */
const longestArcstats = 256 * 1024;

/** Whether lxcfs replaces /proc/meminfo: then this is an LXC container. */
const isOfLxc = (table: string | undefined): boolean =>
  table !== undefined && /^(?:\S+ ){4}\/proc\/meminfo .* - fuse\.lxcfs /m.test(table);

/**
 * Opens a live host or a recording.
 * @throws InputError when the root is no directory; LocatedError when it has nothing to read, or a broken manifest or mount
 * table
 */
export function openHost(options: HostOptions, platform: string = process.platform): Host {
  if (options.root === '/' && platform !== 'linux')
    throw new LocatedError({
      where: 'this host',
      expected: 'Linux, because realmem reads its cgroups',
      got: platform,
      todo: 'use `kubectl realmem` for a cluster, or --root DIR for a recording',
    });
  const { root } = options;
  checkRoot(root);
  const text = (file: string): string | undefined => readText(path.join(root, file));
  const { procRoot, table, mounts } = mountsOf(root, options.parseMountinfo);
  const proc = (file: string): string | undefined => readText(path.join(procRoot, 'proc', file));
  const found = findMemory(root, mounts);
  const opened = 'why' in found ? undefined : openTree(options, found);
  if (opened === undefined && !fs.existsSync(path.join(procRoot, 'proc/meminfo')))
    throw new LocatedError({
      where: root,
      expected: 'sys/fs/cgroup with the memory controller, or proc/meminfo',
      got: 'neither',
      todo: 'check --root',
    });
  const live = opened?.live ?? root === '/';
  const recording = live ? undefined : options.openRecording(root);
  const cgroups = opened && {
    ...opened,
    tree: treeOf(root, opened, mounts, recording),
    ...(live && defined({ hugePageSizes: hugePageSizes(root, opened, mounts) })),
  };
  const machine = live ? thisMachine() : recording?.machine;
  const hostname = recording?.node ?? proc('sys/kernel/hostname')?.trim();
  const runtimeNames = new RuntimeNames(root);
  const nodeFile = (file: string, mayLack: boolean, longest?: number): NodeFile | undefined => {
    const read = (): Uint8Array => readFile(path.join(procRoot, file), longest);
    try {
      const content = recording === undefined ? read() : recording.read(file.slice(1), read);
      return content && { file, text: content };
    } catch (error) {
      if (mayLack && ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return undefined;
      throw new LocatedError({
        where: file,
        expected: 'a readable file',
        got: codeOf(error) ?? messageOf(error),
      });
    }
  };
  return {
    name: hostname ?? (live ? hostName() : path.basename(path.resolve(root))),
    kernel: proc('sys/kernel/osrelease')?.trim(),
    ...(machine !== undefined && { machine }),
    cgroups,
    why: 'why' in found ? found.why : undefined,
    mountTable: table === undefined ? undefined : cgroupLines(table),
    ...(opened?.live === true && opened.version === 2 && { reportsEvents: mountedAt(root, opened) }),
    recording: recording?.cursor,
    meminfo: () => nodeFile('/proc/meminfo', !live),
    lruGen() {
      const read = (): Uint8Array | undefined => readLruGen(live ? '/' : root);
      const text = recording === undefined ? read() : recording.read(lruGenFile.slice(1), read);
      if (text !== undefined) return { file: lruGenFile, text };
      const isKnown = live
        ? fs.existsSync(path.dirname(path.dirname(lruGenFile)))
        : recording?.lruGen === false;
      return isKnown ? 'none' : undefined;
    },
    // An LXC container has its own meminfo, but its arcstats are those of the host.
    arcstats: () =>
      isOfLxc(table) ? undefined : nodeFile('/proc/spl/kstat/zfs/arcstats', true, longestArcstats),
    containerName: (id) => runtimeNames.nameOf(id),
    recorded(file) {
      const content = live ? undefined : text(file);
      return content === undefined ? undefined : { file: path.join(root, file), text: content };
    },
    close: () => cgroups?.tree.close(),
  };
}

const lruGenFile = '/sys/kernel/mm/lru_gen/enabled';

/** @param root `/` for a live host: the kernel is the same for this process @throws LocatedError */
function readLruGen(root: string): Uint8Array | undefined {
  try {
    return readFile(path.join(root, lruGenFile));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new LocatedError({ where: lruGenFile, expected: 'a readable file', got: code ?? messageOf(error) });
  }
}

/** @throws InputError when the root is no directory */
function checkRoot(root: string): void {
  const wrong = (got: string): InputError =>
    new InputError({
      where: root,
      expected: "a directory with the host's root file system",
      got,
      todo: 'check --root',
    });
  try {
    if (fs.statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) throw wrong('none');
  } catch (error) {
    throw error instanceof LocatedError ? error : wrong(describeErrno(error));
  }
}

function openTree(
  { root, hotFiles, reservedDescriptors }: HostOptions,
  found: FoundHierarchy,
): Cgroups & { readonly live: boolean } {
  const directory = path.join(root, found.mountPoint);
  // A link in a recording must not lead to the files of another host.
  const [from, to] = [root, directory].map((one) => fs.realpathSync(one)) as [string, string];
  if (path.relative(from, to).startsWith('..'))
    throw new LocatedError({
      where: directory,
      expected: `a directory below ${root}`,
      got: `a link to ${to}`,
    });
  const live = cgroupFileSystems.has(fs.statfsSync(directory).type);
  // Inside a cgroup namespace the mounted root reads /../..: the levels above are unknown.
  const mountRoot = found.mountRoot.split('/').includes('..') ? '/' : found.mountRoot;
  const tree = new CgroupTree({
    directory,
    root: mountRoot,
    live,
    hotFiles: hotFiles[found.version],
    maxOpen: Math.min(openLimit() - reservedDescriptors, mostOpen),
  });
  return { ...found, mountRoot, live, tree };
}

const mountedAt = (root: string, { mountPoint, mountRoot }: Cgroups): Mounted => ({
  directory: path.join(root, mountPoint),
  root: mountRoot,
  live: true,
});

/** Live on v1: adds the files of the hugetlb hierarchy. Recorded: shows the current sample. */
function treeOf(
  root: string,
  { version, live, tree, mountPoint, mountRoot }: Cgroups & { readonly live: boolean },
  mounts: readonly CgroupMount[] | undefined,
  recording: Overlay | undefined,
): Cgroups['tree'] {
  if (recording !== undefined) return recording.over(tree, mountPoint, mountRoot);
  const hugetlb = mounts?.find(
    ({ controllers }) => controllers.includes('hugetlb') && !controllers.includes('memory'),
  );
  if (!live || version === 2 || hugetlb === undefined) return tree;
  return withHugetlb(tree, path.join(root, hugetlb.mountPoint), mountRoot);
}

/** The process's limit of open files. Node raises its soft limit to the hard limit at start. */
function openLimit(): number {
  const match = /^Max open files\s+(\d+|unlimited)/m.exec(readText('/proc/self/limits') ?? '');
  return match?.[1] === undefined ? 1024 : match[1] === 'unlimited' ? 1_000_000 : Number(match[1]);
}
