/** Sums over the processes of a cgroup, of the figures that `ps`, `top` and `pmap` show. */
import { type Bytes, bytes } from '../model/bytes.ts';
import { defined } from '../model/json.ts';
import type { ProcessMemory, ProcessSums } from '../model/process.ts';

/** A sum is unknown if one process lacks the figure. Processes without memory (kernel threads, zombies) do not count. */
export function sumsOf(processes: readonly ProcessMemory[]): ProcessSums {
  const counted = processes.filter(({ none }) => none === undefined);
  const add = (of: (process: ProcessMemory) => Bytes | undefined): Bytes | undefined => {
    let sum = 0;
    for (const process of counted) {
      const part = of(process);
      if (part === undefined) return undefined;
      sum += part;
    }
    return bytes(sum);
  };
  return defined<ProcessSums>({
    vszBytes: add(({ vszBytes }) => vszBytes),
    rssBytes: add(({ rssBytes }) => rssBytes),
    sharedBytes: add(({ sharedBytes }) => sharedBytes),
    anonBytes: add(({ anonBytes }) => anonBytes),
    fileBytes: add(({ fileBytes }) => fileBytes),
    shmemBytes: add(({ shmemBytes }) => shmemBytes),
    pssBytes: add(({ pssBytes }) => pssBytes),
    swapBytes: add(({ swapBytes }) => swapBytes),
    mappedBytes: add(({ maps }) => maps?.mapped),
    writablePrivateBytes: add(({ maps }) => maps?.writablePrivate),
  });
}
