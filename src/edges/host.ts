/** The host that is read: the live one, or a recording under a directory of its own. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { CgroupVersion } from '../model/cgroup.ts';
import { Fault, InputFault, messageOf } from '../model/fault.ts';
import type { CgroupMount } from '../model/mount.ts';
import { CgroupTree } from './cgroup-tree.ts';
import { codeOf } from './errors.ts';

export interface HostOptions {
  /** What stands for the host's `/`. */
  readonly root: string;
  readonly hotFiles: Readonly<Record<CgroupVersion, readonly string[]>>;
  readonly parseMountinfo: (file: string, text: string) => readonly CgroupMount[];
}

/** Written into a recording beside the host's own files. */
export interface RecordingNote {
  /** RFC 3339 */
  readonly at: string;
  readonly node: string;
}

export const noteFile = 'recording.json';

const mountTable = 'proc/self/mountinfo';

/** Where cgroups are mounted unless a mount table says otherwise. */
const standard = '/sys/fs/cgroup';

export interface Cgroups {
  readonly version: CgroupVersion;
  readonly tree: Pick<CgroupTree, 'walk' | 'close'>;
  /** Below the root that stands for the host's `/`. */
  readonly mountPoint: string;
  /** The path of the cgroup that is mounted there. */
  readonly mountRoot: string;
}

export interface Host {
  readonly name: string;
  readonly kernel: string | undefined;
  /** Absent where no memory hierarchy was found; `why` says it in a sentence. */
  readonly cgroups: Cgroups | undefined;
  readonly why: string | undefined;
  /** The lines of `/proc/self/mountinfo` about cgroups; undefined where there are none. */
  readonly mountTable: string | undefined;
  /** Set for a recording. Live: undefined. */
  readonly recording: { readonly at: string | undefined } | undefined;
  /** Undefined where a recording has none. @throws Fault */
  meminfo(): { readonly file: string; readonly text: Uint8Array } | undefined;
  /** A file that lies in the recording beside the host's own; undefined on a live host, or where there is none. */
  recorded(file: string): { readonly file: string; readonly text: string } | undefined;
  close(): void;
}

/** statfs(2) types of the kernel's own cgroup file systems. */
const cgroupFileSystems = new Set([0x27e0eb, 0x63677270]);

/** Descriptors left for sockets, logs and files read once. */
const reserved = 128;

/** @throws InputFault when the root is no directory; Fault when its mount table or its note is broken. */
export function openHost(options: HostOptions): Host {
  const { root } = options;
  if (!fs.statSync(root, { throwIfNoEntry: false })?.isDirectory())
    throw new InputFault({
      where: root,
      expected: "a directory that stands for the host's /",
      got: 'none',
      todo: 'check --root',
    });
  const text = (file: string): string | undefined => readText(path.join(root, file));
  const table = text(mountTable);
  const found = findMemory(options, table);
  const cgroups = 'why' in found ? undefined : openTree(root, found, options.hotFiles[found.version]);
  const live = cgroups?.live ?? root === '/';
  const note = live ? undefined : noteOf(root, text(noteFile));
  const hostname = note?.node ?? text('proc/sys/kernel/hostname')?.trim();
  return {
    name: hostname ?? (live ? os.hostname() : path.basename(path.resolve(root))),
    kernel: text('proc/sys/kernel/osrelease')?.trim(),
    cgroups,
    why: 'why' in found ? found.why : undefined,
    mountTable: table === undefined ? undefined : cgroupLines(table),
    recording: live ? undefined : { at: note?.at },
    meminfo() {
      const file = '/proc/meminfo';
      try {
        return { file, text: fs.readFileSync(path.join(root, file)) };
      } catch (error) {
        if (!live && codeOf(error) === 'ENOENT') return undefined;
        throw new Fault({ where: file, expected: 'to read it', got: codeOf(error) ?? messageOf(error) });
      }
    },
    recorded(file) {
      const content = live ? undefined : text(file);
      return content === undefined ? undefined : { file: path.join(root, file), text: content };
    },
    close: () => cgroups?.tree.close(),
  };
}

interface Found {
  readonly version: CgroupVersion;
  readonly mountPoint: string;
  readonly mountRoot: string;
}

function openTree(
  root: string,
  found: Found,
  hotFiles: readonly string[],
): Cgroups & { readonly live: boolean } {
  const directory = path.join(root, found.mountPoint);
  const live = cgroupFileSystems.has(fs.statfsSync(directory).type);
  // Seen from inside a cgroup namespace the mounted root reads /../..: what is above cannot be known.
  const mountRoot = found.mountRoot.includes('..') ? '/' : found.mountRoot;
  const tree = new CgroupTree({
    directory,
    root: mountRoot,
    live,
    hotFiles,
    maxOpen: openLimit() - reserved,
  });
  return { ...found, mountRoot, live, tree };
}

/** Told by the type, which follows the separator. */
const cgroupLines = (table: string): string | undefined =>
  table
    .split('\n')
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => `${line}\n`)
    .join('') || undefined;

/** Node raises its own soft limit to the hard one when it starts. */
function openLimit(): number {
  const match = /^Max open files\s+(\d+|unlimited)/m.exec(readText('/proc/self/limits') ?? '');
  return match?.[1] === undefined ? 1024 : match[1] === 'unlimited' ? 1_000_000 : Number(match[1]);
}

/** Memory is on v2 only where that mount's `cgroup.controllers` lists it: on hybrid hosts it is on v1. */
function findMemory(
  { root, parseMountinfo }: HostOptions,
  table: string | undefined,
): Found | { readonly why: string } {
  const mounted =
    table === undefined ? undefined : byMounts(root, parseMountinfo(path.join(root, mountTable), table));
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

/** A recording reduced to some cgroups may lack the root's own files. */
function holds(directory: string, file: string): boolean {
  if (!fs.existsSync(directory)) return false;
  const entries = fs.readdirSync(directory, { withFileTypes: true });
  return (
    entries.some((entry) => entry.name === file) ||
    entries.some((entry) => entry.isDirectory() && holds(path.join(directory, entry.name), file))
  );
}

function noteOf(root: string, text: string | undefined): RecordingNote | undefined {
  if (text === undefined) return undefined;
  const where = path.join(root, noteFile);
  try {
    const note: unknown = JSON.parse(text);
    if (typeof note === 'object' && note !== null && 'at' in note && 'node' in note) {
      if (typeof note.at === 'string' && typeof note.node === 'string')
        return { at: note.at, node: note.node };
    }
  } catch {
    // The same fault as for JSON of another shape.
  }
  throw new Fault({ where, expected: '{"at": <RFC 3339>, "node": <name>}', got: text.slice(0, 80) });
}

function readText(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw new Fault({ where: file, expected: 'to read it', got: codeOf(error) ?? messageOf(error) });
  }
}
