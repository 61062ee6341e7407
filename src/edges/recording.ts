/** A recording: what is read of a host, written down as it is read, at the same paths. */
import fs from 'node:fs';
import path from 'node:path';
import { CgroupGone, type RawCgroup } from '../model/cgroup.ts';
import { Fault, InputFault, messageOf } from '../model/fault.ts';
import { codeOf } from './errors.ts';
import type { Host } from './host.ts';

/** Read for the record alone: they answer the questions that come after. */
const further = {
  1: [
    'cgroup.procs',
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
    'cgroup.procs',
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
  const writeFile = (file: string, content: string | Uint8Array): void => {
    const target = path.join(directory, file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, content);
    files++;
  };
  return {
    get files() {
      return files;
    },
    writeFile,
    of(host) {
      const { cgroups } = host;
      if (host.kernel !== undefined) writeFile('proc/sys/kernel/osrelease', `${host.kernel}\n`);
      if (host.mountTable !== undefined) writeFile('proc/self/mountinfo', host.mountTable);
      return {
        ...host,
        ...(cgroups !== undefined && {
          cgroups: {
            ...cgroups,
            tree: {
              close: () => {},
              walk: (visit) =>
                cgroups.tree.walk((raw) => {
                  const place = path.join(cgroups.mountPoint, path.relative(cgroups.mountRoot, raw.id.path));
                  fs.mkdirSync(path.join(directory, place), { recursive: true });
                  const written = new Set<string>();
                  const below = visit(
                    tee(raw, (file, bytes) => {
                      written.add(file);
                      writeFile(path.join(place, file), bytes);
                    }),
                  );
                  for (const file of further[cgroups.version]) {
                    const bytes = written.has(file) ? undefined : tryRead(raw, file);
                    if (bytes !== undefined) writeFile(path.join(place, file), bytes);
                  }
                  return below;
                }),
            },
          },
        }),
        meminfo() {
          const found = host.meminfo();
          if (found !== undefined) writeFile('proc/meminfo', found.text);
          return found;
        },
      };
    },
  };
}

const tee = (raw: RawCgroup, keep: (file: string, bytes: Uint8Array) => void): RawCgroup => ({
  id: raw.id,
  read(file) {
    const bytes = raw.read(file);
    if (bytes !== undefined) keep(file, bytes);
    return bytes;
  },
});

/** Some files refuse to be read on some kernels: the record goes on without them. */
function tryRead(raw: RawCgroup, file: string): Uint8Array | undefined {
  try {
    return raw.read(file);
  } catch (error) {
    if (error instanceof CgroupGone) throw error;
    return undefined;
  }
}
