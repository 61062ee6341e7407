/** Taps a host: keeps every byte that one pass reads. */
import path from 'node:path';
import type { Cgroups, Host, NodeFile } from '../edges/host.ts';
import type { CgroupVersion, RawCgroup } from '../model/cgroup.ts';

/** Files that only a recording reads. They help to answer later questions about it. */
const further: Readonly<Record<CgroupVersion, readonly string[]>> = {
  1: [
    'memory.failcnt',
    'memory.kmem.tcp.limit_in_bytes',
    'memory.kmem.tcp.usage_in_bytes',
    'memory.limit_in_bytes',
    'memory.max_usage_in_bytes',
    'memory.memsw.limit_in_bytes',
    'memory.memsw.usage_in_bytes',
    'memory.numa_stat',
    'memory.oom_control',
    'memory.soft_limit_in_bytes',
    'memory.stat',
    'memory.swappiness',
    'memory.use_hierarchy',
  ],
  2: [
    'cgroup.controllers',
    'cgroup.events',
    'cgroup.stat',
    'cgroup.subtree_control',
    'memory.current',
    'memory.events',
    'memory.events.local',
    'memory.high',
    'memory.low',
    'memory.max',
    'memory.min',
    'memory.numa_stat',
    'memory.peak',
    'memory.pressure',
    'memory.stat',
    'memory.swap.current',
    'memory.swap.max',
    'memory.zswap.current',
  ],
};

/** The bytes of one pass. Paths are those of the host, without the leading `/`. */
export interface Snapshot {
  /** Directory of each cgroup → its inode number, which distinguishes it from an earlier one of the same name. */
  readonly cgroups: Map<string, number>;
  /** Path → content. */
  readonly files: Map<string, Uint8Array>;
  /** Path → content at the second reading, for files that had changed by then. */
  readonly again: Map<string, Uint8Array>;
}

/** How a recording writes paths and contents: unchanged, or with names replaced. */
export interface Renaming {
  /** The path of a cgroup in its hierarchy. */
  cgroup(path: string): string;
  mountPoint(path: string): string;
  content(file: string, content: Uint8Array): Uint8Array;
}

export const asItIs: Renaming = {
  cgroup: (path) => path,
  mountPoint: (path) => path,
  content: (_, content) => content,
};

/** Returns the same host, but it adds every byte read to the snapshot, and the files that only a recording needs. */
export function tapped(host: Host, into: Snapshot, renaming: Renaming): Host {
  const text = new TextEncoder();
  const keep = (file: string, content: Uint8Array): void =>
    void into.files.set(file, renaming.content(file, content));
  const kept = (found: NodeFile | undefined): NodeFile | undefined => {
    if (found !== undefined) keep(found.file.slice(1), found.text);
    return found;
  };
  const { cgroups } = host;
  if (host.kernel !== undefined) keep('proc/sys/kernel/osrelease', text.encode(`${host.kernel}\n`));
  if (host.mountTable !== undefined) keep('proc/self/mountinfo', text.encode(host.mountTable));
  // The recording also contains cgroups that the scan found and the walk left out. So a replay leaves out the same ones.
  let scanned: TappedCgroup[] = [];
  return {
    ...host,
    cgroups: cgroups && {
      ...cgroups,
      tree: {
        close: () => {},
        *scan(below) {
          scanned = [];
          for (const raw of cgroups.tree.scan(below)) {
            const tap = new TappedCgroup(raw);
            scanned.push(tap);
            yield tap;
          }
        },
        walk(visit, admit = () => true) {
          const refused = new Set<string>();
          const keepTap = (tap: TappedCgroup): void => {
            const directory = directoryOf(cgroups, tap, renaming);
            into.cgroups.set(directory, tap.id.inode);
            for (const [file, bytes] of tap.first) into.files.set(path.join(directory, file), bytes);
            for (const [file, bytes] of tap.second) into.again.set(path.join(directory, file), bytes);
          };
          const skipped = cgroups.tree.walk(
            (raw) => {
              const tap = new TappedCgroup(raw);
              const below = visit(tap);
              tap.readMore(further[cgroups.version]);
              keepTap(tap);
              return below;
            },
            (cgroup) => {
              const admitted = admit(cgroup);
              if (!admitted) refused.add(cgroup);
              return admitted;
            },
          );
          if (refused.size > 0)
            for (const tap of scanned) {
              const { path: cgroup } = tap.id;
              if (!refused.has(cgroup) && !refused.has(path.dirname(cgroup))) continue;
              refused.add(cgroup);
              keepTap(tap);
            }
          scanned = [];
          return skipped;
        },
      },
    },
    lruGen() {
      const found = host.lruGen();
      return typeof found === 'object' ? kept(found) : found;
    },
    meminfo: () => kept(host.meminfo()),
    arcstats: () => kept(host.arcstats()),
  };
}

/** The directory of a cgroup, below that of the recording. */
function directoryOf({ mountPoint, mountRoot }: Cgroups, { id }: RawCgroup, renaming: Renaming): string {
  const below = path.relative(renaming.cgroup(mountRoot), renaming.cgroup(id.path));
  return path.join(renaming.mountPoint(mountPoint), below).slice(1);
}

/** A cgroup that keeps a copy of all bytes read. The host reuses its buffer, so the bytes are valid only until the next read. */
class TappedCgroup implements RawCgroup {
  readonly id: RawCgroup['id'];
  readonly first = new Map<string, Uint8Array>();
  readonly second = new Map<string, Uint8Array>();
  private readonly raw: RawCgroup;

  constructor(raw: RawCgroup) {
    this.id = raw.id;
    this.raw = raw;
  }

  read(file: string): Uint8Array | undefined {
    const bytes = this.raw.read(file);
    if (bytes === undefined) return undefined;
    const before = this.first.get(file);
    if (before === undefined) this.first.set(file, new Uint8Array(bytes));
    else if (Buffer.compare(before, bytes) !== 0) this.second.set(file, new Uint8Array(bytes));
    return bytes;
  }

  /**
   * Reads files that only a recording needs. Ignores errors: some kernels refuse some files, and a cgroup may disappear
   * right after the pass read it.
   */
  readMore(files: readonly string[]): void {
    for (const file of files)
      try {
        if (!this.first.has(file)) this.read(file);
      } catch {
        // The recording lacks this file.
      }
  }
}
