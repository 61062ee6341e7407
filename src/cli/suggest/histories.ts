/** Reads and merges the histories that `suggest` uses: those of a cluster, or files of this machine. */
import { mergeMaps } from '../../checkpoint/cluster.ts';
import { historyFileSuffix } from '../../checkpoint/kept-history.ts';
import { MergedHistories } from '../../checkpoint/merge.ts';
import { now } from '../../edges/clock.ts';
import { filesAt } from '../../edges/files.ts';
import type { Io } from '../../edges/process.ts';
import type { Kube } from '../../kube/client.ts';
import type { ContainerKey } from '../../model/container-key.ts';
import { LocatedError } from '../../model/located-error.ts';
import { mergeFiles } from '../../suggest/sources.ts';

type Values = Readonly<Record<string, string | undefined>>;

export type WantedKey = (key: ContainerKey) => boolean;

/** @throws ApiError; LocatedError if there is no history */
export async function mergeHistories(
  kube: Kube | undefined,
  values: Values,
  wanted: WantedKey,
  io: Pick<Io, 'progress' | 'stateDir'>,
): Promise<MergedHistories> {
  if (kube !== undefined) {
    const merged = new MergedHistories(now() / 1000, wanted);
    try {
      await mergeMaps(kube, values['realmem-namespace'] ?? 'realmem', merged, (read, all) =>
        io.progress(`${read} of ${all} histories read`),
      );
    } finally {
      io.progress('');
    }
    return merged;
  }
  const place = values['history'] ?? io.stateDir;
  // Before the first run of an agent there is no directory. One that --history names must exist.
  const mayLack = values['history'] === undefined;
  const merged = mergeFiles(filesAt(place, historyFileSuffix, mayLack), now() / 1000, wanted);
  if (merged.nodes === 0)
    throw new LocatedError({
      where: place,
      expected: 'the history of an agent',
      got: { message: merged.faults[0] ?? `no file *${historyFileSuffix}` },
      todo: 'run `realmem agent` on this machine for some minutes, or pass --history or --kubeconfig',
    });
  return merged;
}

/** @param workload `deployment/cart` or `cart` @param known gets the workloads of the namespace, `deployment/cart` each */
export function wantedBy(namespace: string | undefined, workload?: string, known?: Set<string>): WantedKey {
  const wanted = workload?.toLowerCase();
  return (key) => {
    if (namespace !== undefined && key.namespace !== namespace) return false;
    if (wanted === undefined) return true;
    const own = key.workload.toLowerCase();
    known?.add(own);
    return own === wanted || own.slice(own.indexOf('/') + 1) === wanted;
  };
}
