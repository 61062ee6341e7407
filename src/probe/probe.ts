/** Probes one container from the first reading to the answer. */
import { lagOf } from '../account/residual.ts';
import { sleep, ticks } from '../edges/clock.ts';
import { type Cgroups, directoryOf, type Host } from '../edges/host.ts';
import { openLimit } from '../edges/reclaim/lowered-limit.ts';
import { openFiles, openReclaim } from '../edges/reclaim/reclaimer.ts';
import { usualPageBytes } from '../model/cgroup.ts';
import { limitInForce, nearLimit } from '../model/usage.ts';
import type { Answer } from './answer.ts';
import type { SearchOptions } from './options.ts';
import { readingOf } from './reading.ts';
import { runProbe } from './run.ts';
import type { Search } from './search.ts';
import type { ProbedContainer } from './target.ts';

/** What the user allows. */
export interface Allowed extends Pick<SearchOptions, 'durationMs' | 'maxStall' | 'maxRereads'> {
  /** Bytes, or a share of the page cache from 0 to 1. */
  readonly depth: { readonly bytes: number } | { readonly share: number };
}

/** Page cache that stays, in bytes. On v1 the limit is that much above real for a moment. */
const floors = { 1: 2 * 2 ** 20, 2: 2 ** 19 };

export function searchOptions(
  { detail: { observation, version } }: ProbedContainer,
  { machine }: Pick<Host, 'machine'>,
  { depth, ...allowed }: Allowed,
): SearchOptions {
  const { usage } = observation;
  const cache = (usage.activeFileBytes ?? 0) + (usage.inactiveFileBytes ?? 0);
  const limit = limitInForce(usage);
  // The other half of the lag belongs to the pages that usage is charged in advance.
  const lagBytes = lagOf(machine) / 2;
  return {
    ...allowed,
    depthBytes: 'bytes' in depth ? depth.bytes : depth.share * cache,
    floorBytes: Math.max(floors[version], lagBytes),
    ...(limit !== undefined && { mostRealBytes: nearLimit * limit.bytes }),
    pageBytes: machine?.pageBytes ?? usualPageBytes,
    lagBytes,
  };
}

/**
 * @param root the directory that represents the host's `/`
 * @throws LocatedError if the kernel or the rights do not allow it; CgroupGone if the container ends
 */
export async function probe(
  { detail: { observation, version }, isWithoutSwap }: ProbedContainer,
  cgroups: Cgroups,
  root: string,
  options: SearchOptions,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: (search: Search) => void },
): Promise<Answer> {
  const { id } = observation.sample;
  const directory = directoryOf(root, cgroups, id.path);
  const files = openFiles(directory, id);
  const read = () => readingOf(files, version, ticks());
  try {
    read();
    const reclaimer =
      version === 2
        ? openReclaim(directory, isWithoutSwap)
        : await openLimit(directory, () => read().usageBytes);
    try {
      return await runProbe({ read, reclaimer, sleep, progress }, options, signal);
    } finally {
      await reclaimer.close();
    }
  } finally {
    files.close();
  }
}
