/** One pass over a host, with every byte of it kept. */
import path from 'node:path';
import type { Cgroups, Host, NodeFile } from '../edges/host.ts';
import type { CgroupVersion, RawCgroup } from '../model/cgroup.ts';

/** Read for the record alone: they answer the questions that come after. */
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

/** Paths in it are those of the host, without the leading `/`. */
export interface Snapshot {
  /** The directory of each cgroup, and what tells it from another one of that name. */
  readonly cgroups: Map<string, number>;
  readonly files: Map<string, Uint8Array>;
  /** Of files that were read twice, and had changed: what the second reading gave. */
  readonly again: Map<string, Uint8Array>;
}

/** How names stand in a recording: as they are, or made unreadable. */
export interface Renaming {
  /** A cgroup's path in its hierarchy. */
  cgroup(path: string): string;
  mountPoint(path: string): string;
  content(file: string, content: Uint8Array): Uint8Array;
}

export const asItIs: Renaming = {
  cgroup: (path) => path,
  mountPoint: (path) => path,
  content: (_, content) => content,
};

/** The same host; whatever is read of it, and what is worth more, goes into the snapshot. */
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
  // What a scan finds and the walk leaves out is in the recording with what the scan read: a replay leaves out the same.
  let scanned: Reading[] = [];
  return {
    ...host,
    cgroups: cgroups && {
      ...cgroups,
      tree: {
        close: () => {},
        *scan(below) {
          scanned = [];
          for (const raw of cgroups.tree.scan(below)) {
            const reading = new Reading(raw);
            scanned.push(reading);
            yield reading;
          }
        },
        walk(visit, admit = () => true) {
          const refused = new Set<string>();
          const keepReading = (reading: Reading): void => {
            const place = placeOf(cgroups, reading, renaming);
            into.cgroups.set(place, reading.id.inode);
            for (const [file, bytes] of reading.first) into.files.set(path.join(place, file), bytes);
            for (const [file, bytes] of reading.second) into.again.set(path.join(place, file), bytes);
          };
          const skipped = cgroups.tree.walk(
            (raw) => {
              const reading = new Reading(raw);
              const below = visit(reading);
              reading.readMore(further[cgroups.version]);
              keepReading(reading);
              return below;
            },
            (cgroup) => {
              const admitted = admit(cgroup);
              if (!admitted) refused.add(cgroup);
              return admitted;
            },
          );
          if (refused.size > 0)
            for (const reading of scanned) {
              const { path: cgroup } = reading.id;
              if (!refused.has(cgroup) && !refused.has(path.dirname(cgroup))) continue;
              refused.add(cgroup);
              keepReading(reading);
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

/** Below the directory of the recording. */
function placeOf({ mountPoint, mountRoot }: Cgroups, { id }: RawCgroup, renaming: Renaming): string {
  const below = path.relative(renaming.cgroup(mountRoot), renaming.cgroup(id.path));
  return path.join(renaming.mountPoint(mountPoint), below).slice(1);
}

/** Copies, since the bytes of a live host are good only until the next read. */
class Reading implements RawCgroup {
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
   * Some files refuse to be read on some kernels, and a cgroup may go when the report has it already: the record goes on
   * without them.
   */
  readMore(files: readonly string[]): void {
    for (const file of files)
      try {
        if (!this.first.has(file)) this.read(file);
      } catch {
        // Nothing to keep.
      }
  }
}
