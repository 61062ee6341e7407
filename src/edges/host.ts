/** The host that is read: the live one, or a recording under a directory of its own. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { CgroupVersion } from '../model/cgroup.ts';
import { Fault, InputFault, messageOf } from '../model/fault.ts';
import { CgroupTree } from './cgroup-tree.ts';
import { codeOf, denied } from './errors.ts';
import { readFile, readText } from './files.ts';
import type { ParseMountinfo } from './hierarchy.ts';
import { cgroupLines, type Found, findMemory, mountsOf } from './hierarchy.ts';

export interface HostOptions {
  /** What stands for the host's `/`. */
  readonly root: string;
  readonly hotFiles: Readonly<Record<CgroupVersion, readonly string[]>>;
  readonly parseMountinfo: ParseMountinfo;
}

/** Written into a recording beside the host's own files. */
export interface RecordingNote {
  /** RFC 3339; absent for the recording of one that had no time. */
  readonly at?: string;
  readonly node: string;
}

export const noteFile = 'recording.json';

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

/** What this machine calls itself. */
export const hostName = (): string => os.hostname();

/** statfs(2) types of the kernel's own cgroup file systems. */
const cgroupFileSystems = new Set([0x27e0eb, 0x63677270]);

/** Descriptors left for sockets, logs and files read once. */
const reserved = 128;

/** @throws InputFault when the root is no directory; Fault when there is nothing to read, or what says how is broken. */
export function openHost(options: HostOptions): Host {
  const { root } = options;
  checkRoot(root);
  const text = (file: string): string | undefined => readText(path.join(root, file));
  const { procRoot, table, mounts } = mountsOf(root, options.parseMountinfo);
  const proc = (file: string): string | undefined => readText(path.join(procRoot, 'proc', file));
  const found = findMemory(root, mounts);
  const cgroups = 'why' in found ? undefined : openTree(root, found, options.hotFiles[found.version]);
  if (cgroups === undefined && !fs.existsSync(path.join(procRoot, 'proc/meminfo')))
    throw new Fault({
      where: root,
      expected: 'sys/fs/cgroup with memory in it, or proc/meminfo',
      got: 'neither',
      todo: 'check --root',
    });
  const live = cgroups?.live ?? root === '/';
  const note = live ? undefined : noteOf(root, text(noteFile));
  const hostname = note?.node ?? proc('sys/kernel/hostname')?.trim();
  return {
    name: hostname ?? (live ? hostName() : path.basename(path.resolve(root))),
    kernel: proc('sys/kernel/osrelease')?.trim(),
    cgroups,
    why: 'why' in found ? found.why : undefined,
    mountTable: table === undefined ? undefined : cgroupLines(table),
    recording: live ? undefined : { at: note?.at },
    meminfo() {
      const file = '/proc/meminfo';
      try {
        return { file, text: readFile(path.join(procRoot, file)) };
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

/** @throws InputFault */
function checkRoot(root: string): void {
  const wrong = (got: string): InputFault =>
    new InputFault({
      where: root,
      expected: "a directory that stands for the host's /",
      got,
      todo: 'check --root',
    });
  try {
    if (fs.statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) throw wrong('none');
  } catch (error) {
    throw error instanceof Fault ? error : wrong(denied(error));
  }
}

function openTree(
  root: string,
  found: Found,
  hotFiles: readonly string[],
): Cgroups & { readonly live: boolean } {
  const directory = path.join(root, found.mountPoint);
  // A link in a recording may not show another host under its name.
  const [from, to] = [root, directory].map((place) => fs.realpathSync(place)) as [string, string];
  if (path.relative(from, to).startsWith('..'))
    throw new Fault({ where: directory, expected: `a directory below ${root}`, got: `a link to ${to}` });
  const live = cgroupFileSystems.has(fs.statfsSync(directory).type);
  // Seen from inside a cgroup namespace the mounted root reads /../..: what is above cannot be known.
  const mountRoot = found.mountRoot.split('/').includes('..') ? '/' : found.mountRoot;
  const tree = new CgroupTree({
    directory,
    root: mountRoot,
    live,
    hotFiles,
    maxOpen: openLimit() - reserved,
  });
  return { ...found, mountRoot, live, tree };
}

/** Node raises its own soft limit to the hard one when it starts. */
function openLimit(): number {
  const match = /^Max open files\s+(\d+|unlimited)/m.exec(readText('/proc/self/limits') ?? '');
  return match?.[1] === undefined ? 1024 : match[1] === 'unlimited' ? 1_000_000 : Number(match[1]);
}

function noteOf(root: string, text: string | undefined): RecordingNote | undefined {
  if (text === undefined) return undefined;
  const where = path.join(root, noteFile);
  try {
    const note: unknown = JSON.parse(text);
    const { at, node } = note as { at?: unknown; node?: unknown };
    if (typeof node === 'string' && at === undefined) return { node };
    if (typeof node === 'string' && typeof at === 'string' && !Number.isNaN(Date.parse(at)))
      return { at, node };
  } catch {
    // The same fault as for JSON of another shape.
  }
  throw new Fault({ where, expected: '{"at": <RFC 3339>, "node": <name>}', got: text.slice(0, 80) });
}
