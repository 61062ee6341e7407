/** A recording: what is read of a host, written down as it is read, at the same paths. */
import fs from 'node:fs';
import path from 'node:path';
import type { RawCgroup } from '../model/cgroup.ts';
import { Fault, InputFault, messageOf } from '../model/fault.ts';
import { codeOf } from './errors.ts';
import type { Cgroups, Host } from './host.ts';

/** Read for the record alone: they answer the questions that come after. */
const further = {
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
} as const;

export interface Recording {
  /** How many files were written. */
  readonly files: number;
  /** The same host; whatever is read of it is written down. */
  of(host: Host): Host;
  /** @throws InputFault where anything could not be written */
  finish(): void;
  /** @param file below the recording's directory */
  writeFile(file: string, content: string | Uint8Array): void;
}

/** @throws InputFault unless the directory is new or empty: two recordings in one place are neither */
export function openRecording(directory: string): Recording {
  try {
    fs.mkdirSync(directory, { recursive: true });
    if (fs.readdirSync(directory).length > 0)
      throw new InputFault({
        where: directory,
        expected: 'a new or empty directory',
        got: 'one with files in it',
      });
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new InputFault({
      where: directory,
      expected: 'a directory that can be written',
      got: codeOf(error) ?? messageOf(error),
    });
  }
  let files = 0;
  let failure: unknown;
  // A write that fails must not pass for a read that did: it is kept, and told at the end.
  const attempt = (write: () => void): void => {
    try {
      if (failure === undefined) write();
    } catch (error) {
      failure = error;
    }
  };
  const writeFile = (file: string, content: string | Uint8Array): void =>
    attempt(() => {
      const target = path.join(directory, file);
      fs.mkdirSync(path.dirname(target), { recursive: true });
      fs.writeFileSync(target, content);
      files++;
    });

  /** What a visit read of a cgroup to its end, and so has in the report, and more where there is more. */
  const keep = (
    raw: RawCgroup,
    { version, mountPoint, mountRoot }: Cgroups,
    read: Map<string, Uint8Array>,
  ): void => {
    for (const file of further[version]) {
      const bytes = read.has(file) ? undefined : tryRead(raw, file);
      if (bytes !== undefined) read.set(file, bytes);
    }
    const place = path.join(mountPoint, path.relative(mountRoot, raw.id.path));
    attempt(() => fs.mkdirSync(path.join(directory, place), { recursive: true }));
    for (const [file, bytes] of read) writeFile(path.join(place, file), bytes);
  };

  return {
    get files() {
      return files;
    },
    writeFile,
    finish() {
      if (failure === undefined) return;
      throw new InputFault({
        where: directory,
        expected: 'to write the recording there',
        got: messageOf(failure),
      });
    },
    of(host) {
      const { cgroups } = host;
      if (host.kernel !== undefined) writeFile('proc/sys/kernel/osrelease', `${host.kernel}\n`);
      if (host.mountTable !== undefined) writeFile('proc/self/mountinfo', host.mountTable);
      return {
        ...host,
        cgroups: cgroups && {
          ...cgroups,
          tree: {
            close: () => {},
            walk: (visit) =>
              cgroups.tree.walk((raw) => {
                const read = new Map<string, Uint8Array>();
                const below = visit(tee(raw, read));
                keep(raw, cgroups, read);
                return below;
              }),
          },
        },
        meminfo() {
          const found = host.meminfo();
          if (found !== undefined) writeFile('proc/meminfo', found.text);
          return found;
        },
      };
    },
  };
}

/** Copies, since the bytes of a live host are good only until the next read. */
const tee = (raw: RawCgroup, into: Map<string, Uint8Array>): RawCgroup => ({
  id: raw.id,
  read(file) {
    const bytes = raw.read(file);
    if (bytes !== undefined) into.set(file, new Uint8Array(bytes));
    return bytes;
  },
});

/**
 * Some files refuse to be read on some kernels, and a cgroup may go when the report has it already: the record goes on
 * without them.
 */
function tryRead(raw: RawCgroup, file: string): Uint8Array | undefined {
  try {
    const bytes = raw.read(file);
    return bytes === undefined ? undefined : new Uint8Array(bytes);
  } catch {
    return undefined;
  }
}
