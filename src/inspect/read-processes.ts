/** Reads the memory of processes in `/proc`. */
import type { ProcessFile, ProcessTable } from '../edges/processes.ts';
import { type Bytes, bytes } from '../model/bytes.ts';
import { defined } from '../model/json.ts';
import { messageOf } from '../model/located-error.ts';
import type { Processes, ProcessMemory } from '../model/process.ts';
import { parseMaps } from '../sample/maps.ts';
import { parseSmapsRollup, parseStatm } from '../sample/process-memory.ts';
import { parseStatus, type Status } from '../sample/status.ts';

/** @param pids as in cgroup.procs: 0 is a process in a PID namespace that is hidden from here */
export function readProcesses(pids: readonly number[], table: ProcessTable): Processes {
  const processes: ProcessMemory[] = [];
  const faults = new Set<string>();
  let [gone, unseen] = [0, 0];
  for (const pid of pids) {
    const get: Get = (file, parse) => {
      try {
        const text = table.read(pid, file);
        return text === undefined ? undefined : parse(`/proc/${pid}/${file}`, text);
      } catch (error) {
        faults.add(messageOf(error));
        return undefined;
      }
    };
    if (pid === 0) unseen++;
    else {
      const faultsBefore = faults.size;
      const status = get('status', parseStatus);
      if (status !== undefined) processes.push(processOf(pid, status, get));
      else if (faults.size === faultsBefore) gone++;
      else processes.push({ pid });
    }
  }
  return { processes, gone, unseen, faults: [...faults] };
}

type Get = <Value>(file: ProcessFile, parse: (file: string, text: Uint8Array) => Value) => Value | undefined;

function processOf(pid: number, status: Status, get: Get): ProcessMemory {
  const { name: command, size: vszBytes, rss: rssBytes, anon, file, shmem, swap } = status;
  const known = { pid, command };
  if (vszBytes === undefined) return defined<ProcessMemory>({ ...none, ...known, none: true });
  return defined<ProcessMemory>({
    ...none,
    ...known,
    vszBytes,
    rssBytes,
    sharedBytes: file !== undefined && shmem !== undefined ? bytes(file + shmem) : sharedOf(vszBytes, get),
    anonBytes: anon,
    fileBytes: file,
    shmemBytes: shmem,
    pssBytes: get('smaps_rollup', parseSmapsRollup),
    swapBytes: swap,
    maps: get('maps', parseMaps),
  });
}

const none: { readonly [field in keyof ProcessMemory]-?: undefined } = {
  ...{ pid: undefined, command: undefined, none: undefined, vszBytes: undefined, rssBytes: undefined },
  ...{ sharedBytes: undefined, anonBytes: undefined, fileBytes: undefined, shmemBytes: undefined },
  ...{ pssBytes: undefined, swapBytes: undefined, maps: undefined },
};

/** Kernels before 4.5 split RSS only in statm, in pages. The ratio of its first figure to VmSize gives the page size. */
function sharedOf(vsz: Bytes, get: Get): Bytes | undefined {
  const statm = get('statm', parseStatm);
  if (statm === undefined || statm.sizePages === 0) return undefined;
  const shared = Math.round((statm.sharedPages * vsz) / statm.sizePages);
  return Number.isSafeInteger(shared) ? bytes(shared) : undefined;
}
