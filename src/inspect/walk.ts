/** One walk that reads a cgroup, the processes below it, and the root, and keeps the bytes of their files. */
import type { Cgroups } from '../edges/host.ts';
import { CgroupGone, type CgroupSample, type RawCgroup } from '../model/cgroup.ts';
import { messageOf } from '../model/located-error.ts';
import { sampleCgroup } from '../sample/cgroup.ts';
import { parseProcs } from '../sample/process-cgroup.ts';
import { filesOf } from './figures.ts';

export interface TargetFiles {
  readonly sample: CgroupSample | undefined;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly rootFiles: ReadonlyMap<string, Uint8Array>;
  /** Undefined if no cgroup.procs exists at all. */
  readonly pids: readonly number[] | undefined;
  readonly faults: string[];
}

/** The maximum number of cgroups below the target whose processes we read. */
const mostBelow = 50_000;

/** Reads cgroups below the target even if the selection of the agent excludes them. */
export function readCgroup({ version, tree }: Cgroups, path: string): TargetFiles {
  const files = new Map<string, Uint8Array>();
  const rootFiles = new Map<string, Uint8Array>();
  const faults: string[] = [];
  let sample: TargetFiles['sample'];
  let pids: number[] | undefined;
  const keep = (raw: RawCgroup, into: Map<string, Uint8Array>): void => {
    for (const file of filesOf(version)) read(tee(raw, into), file, faults);
  };
  let asked = 0;
  let goesBelow = false;
  for (const raw of tree.scan(() => goesBelow)) {
    const { path: here } = raw.id;
    const inside = here === path || path === '/' || here.startsWith(`${path}/`);
    goesBelow = inside || here === '/' || path.startsWith(`${here}/`);
    if (here === path) {
      sample = unlessGone(() => sampleCgroup(tee(raw, files), version, true));
      faults.push(...(sample?.faults ?? []));
      keep(raw, files);
    }
    if (here === '/') keep(raw, rootFiles);
    if (!inside) continue;
    if (asked++ > mostBelow) {
      faults.push(
        `${path} has more than ${mostBelow} cgroups below it: the processes of the others are missing`,
      );
      break;
    }
    const procs = read(raw, 'cgroup.procs', faults);
    if (procs === undefined) continue;
    pids ??= [];
    try {
      for (const pid of parseProcs(`${here}/cgroup.procs`, procs)) pids.push(pid);
    } catch (error) {
      faults.push(messageOf(error));
    }
  }
  return { sample, files, rootFiles, pids, faults };
}

function unlessGone<Value>(act: () => Value): Value | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof CgroupGone) return undefined;
    throw error;
  }
}

/** Copies each file at its first read: the next read of a live host overwrites the bytes. */
const tee = (raw: RawCgroup, into: Map<string, Uint8Array>): RawCgroup => ({
  id: raw.id,
  read(file) {
    const text = raw.read(file);
    if (text !== undefined && !into.has(file)) into.set(file, new Uint8Array(text));
    return text;
  },
});

function read(raw: RawCgroup, file: string, faults: string[]): Uint8Array | undefined {
  try {
    return raw.read(file);
  } catch (error) {
    const why = messageOf(error);
    if (why !== '' && !faults.includes(why)) faults.push(why);
    return undefined;
  }
}
