/** The host that is read: the live one, or a recording under a directory of its own. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { CgroupMount, CgroupVersion, Machine } from '../model/cgroup.ts';
import { codeOf, describeErrno, InputError, LocatedError, messageOf } from '../model/located-error.ts';
import { CgroupTree, type Tree } from './cgroup-tree.ts';
import { readFile, readText } from './files.ts';
import type { ParseMountinfo } from './hierarchy.ts';
import { cgroupLines, type Found, findMemory, mountsOf } from './hierarchy.ts';
import { withHugetlb } from './hugetlb.ts';
import { thisMachine } from './machine.ts';

export interface HostOptions {
  /** What stands for the host's `/`. */
  readonly root: string;
  readonly hotFiles: Readonly<Record<CgroupVersion, readonly string[]>>;
  readonly parseMountinfo: ParseMountinfo;
  /** What a root that is no live host says of itself, and what stands over its files. @throws Fault */
  readonly openRecording: (root: string) => Overlay;
  /** Descriptors left for what else the process does. */
  readonly reservedDescriptors: number;
}

/** A recording: the files below its root are its first sample, the others stand over them. */
export interface Overlay {
  readonly cursor: Cursor;
  /** What it says of the host that it was made of. Absent: it does not say. */
  readonly node?: string;
  readonly machine?: Machine;
  /** Its kernel has no multi-generational LRU. Absent: nobody noted it. */
  readonly lruGen?: false;
  /** A file of the host as it is in the sample that is shown. @param first what the first sample has of it */
  read(file: string, first: () => Uint8Array | undefined): Uint8Array | undefined;
  /** @param directory of the tree's top below the root @param top the path of the cgroup that is mounted there */
  over(tree: Tree, directory: string, top: string): Tree;
}

export interface Cgroups {
  readonly version: CgroupVersion;
  readonly tree: Tree;
  /** Below the root that stands for the host's `/`. */
  readonly mountPoint: string;
  /** The path of the cgroup that is mounted there. */
  readonly mountRoot: string;
}

/** Where in a recording one is. */
export interface Cursor {
  /** When the sample was taken that is shown now: RFC 3339; undefined where the recording does not say. */
  readonly at: string | undefined;
  readonly isLast: boolean;
  /** Goes on to the next sample; the last one stays. @throws Fault */
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
  /** Absent for a recording that does not say. */
  readonly machine?: Machine;
  /** Absent where no memory hierarchy was found; `why` says it in a sentence. */
  readonly cgroups: Cgroups | undefined;
  readonly why: string | undefined;
  /** The lines of `/proc/self/mountinfo` about cgroups; undefined where there are none. */
  readonly mountTable: string | undefined;
  /** Set for a recording. Live: undefined. */
  readonly recording: Cursor | undefined;
  /** Undefined where a recording has none. @throws Fault */
  meminfo(): NodeFile | undefined;
  /**
   * What the kernel's file says of the multi-generational LRU. 'none': this kernel has no such file, and so no such LRU.
   * Undefined: nobody knows. It can be switched while the kernel runs. @throws Fault
   */
  lruGen(): NodeFile | 'none' | undefined;
  /** What ZFS says of its cache; undefined where there is no ZFS. @throws Fault */
  arcstats(): NodeFile | undefined;
  /** A file that lies in the recording beside the host's own; undefined on a live host, or where there is none. */
  recorded(file: string): { readonly file: string; readonly text: string } | undefined;
  close(): void;
}

/** What this machine calls itself. */
export const hostName = (): string => os.hostname();

/** statfs(2) types of the kernel's own cgroup file systems. */
const cgroupFileSystems = new Set([0x27e0eb, 0x63677270]);

/** More would cost more than they save: each takes some 5 KiB of kernel memory, which is charged to the agent. */
const mostOpen = 4096;

/** Bytes: OpenZFS writes some 10 KiB. */
const longestArcstats = 256 * 1024;

/** lxcfs puts files of its own over those of /proc that tell of the machine. */
const isOfLxc = (table: string | undefined): boolean =>
  table !== undefined && /^(?:\S+ ){4}\/proc\/meminfo .* - fuse\.lxcfs /m.test(table);

/** @throws InputFault when the root is no directory; Fault when there is nothing to read, or what says how is broken. */
export function openHost(options: HostOptions): Host {
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
      expected: 'sys/fs/cgroup with memory in it, or proc/meminfo',
      got: 'neither',
      todo: 'check --root',
    });
  const live = opened?.live ?? root === '/';
  const recording = live ? undefined : options.openRecording(root);
  const cgroups = opened && { ...opened, tree: treeOf(root, opened, mounts, recording) };
  const machine = live ? thisMachine() : recording?.machine;
  const hostname = recording?.node ?? proc('sys/kernel/hostname')?.trim();
  const nodeFile = (file: string, mayLack: boolean, longest?: number): NodeFile | undefined => {
    const read = (): Uint8Array => readFile(path.join(procRoot, file), longest);
    try {
      const content = recording === undefined ? read() : recording.read(file.slice(1), read);
      return content && { file, text: content };
    } catch (error) {
      if (mayLack && ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return undefined;
      throw new LocatedError({ where: file, expected: 'to read it', got: codeOf(error) ?? messageOf(error) });
    }
  };
  return {
    name: hostname ?? (live ? hostName() : path.basename(path.resolve(root))),
    kernel: proc('sys/kernel/osrelease')?.trim(),
    ...(machine !== undefined && { machine }),
    cgroups,
    why: 'why' in found ? found.why : undefined,
    mountTable: table === undefined ? undefined : cgroupLines(table),
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
    // A container of LXC has a meminfo of its own, and of ZFS what its host has.
    arcstats: () =>
      isOfLxc(table) ? undefined : nodeFile('/proc/spl/kstat/zfs/arcstats', true, longestArcstats),
    recorded(file) {
      const content = live ? undefined : text(file);
      return content === undefined ? undefined : { file: path.join(root, file), text: content };
    },
    close: () => cgroups?.tree.close(),
  };
}

const lruGenFile = '/sys/kernel/mm/lru_gen/enabled';

/** @param root a live host's is that of this process: it is the same kernel @throws Fault */
function readLruGen(root: string): Uint8Array | undefined {
  try {
    return readFile(path.join(root, lruGenFile));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new LocatedError({ where: lruGenFile, expected: 'to read it', got: code ?? messageOf(error) });
  }
}

/** @throws InputFault */
function checkRoot(root: string): void {
  const wrong = (got: string): InputError =>
    new InputError({
      where: root,
      expected: "a directory that stands for the host's /",
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
  found: Found,
): Cgroups & { readonly live: boolean } {
  const directory = path.join(root, found.mountPoint);
  // A link in a recording may not show another host under its name.
  const [from, to] = [root, directory].map((place) => fs.realpathSync(place)) as [string, string];
  if (path.relative(from, to).startsWith('..'))
    throw new LocatedError({
      where: directory,
      expected: `a directory below ${root}`,
      got: `a link to ${to}`,
    });
  const live = cgroupFileSystems.has(fs.statfsSync(directory).type);
  // Seen from inside a cgroup namespace the mounted root reads /../..: what is above cannot be known.
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

/** Live: with the files of hugetlb's own hierarchy. Recorded: as it is in the sample that is shown. */
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

/** Node raises its own soft limit to the hard one when it starts. */
function openLimit(): number {
  const match = /^Max open files\s+(\d+|unlimited)/m.exec(readText('/proc/self/limits') ?? '');
  return match?.[1] === undefined ? 1024 : match[1] === 'unlimited' ? 1_000_000 : Number(match[1]);
}
