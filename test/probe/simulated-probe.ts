/** A probe of the simulated kernel. */
import type { SearchOptions } from '../../src/probe/options.ts';
import { type Next, Search } from '../../src/probe/search.ts';
import { chunksOf, MiB, pageBytes, type Simulated } from './simulated.ts';

export const usualOptions: SearchOptions = {
  ...{ durationMs: 120_000, maxStall: 0.1, maxRereads: 10_000, depthBytes: 2 ** 50 },
  ...{ floorBytes: MiB / 2, pageBytes, lagBytes: MiB / 2 },
};

/** Chunks of the cold files, which the workload read once. */
export const firstCold = 500_000;

/** The workload reads hot files until they are active, and cold files once. @param hot and cold in MiB */
export function readFiles(kernel: Simulated, hot: number, cold: number): void {
  for (let chunk = 0; chunk < chunksOf(hot); chunk++) for (const _ of '123') kernel.read(chunk);
  for (let chunk = 0; chunk < chunksOf(cold); chunk++) kernel.read(firstCold + chunk);
}

/** @param isOver called after each action; true ends the probe before its time */
export function searchOn(
  kernel: Simulated,
  options: SearchOptions,
  isOver: (search: Search, next: Next) => boolean = () => false,
): { readonly search: Search; readonly asked: readonly Next[] } {
  const search = new Search(options, kernel.reading());
  const asked: Next[] = [];
  for (let next: Next = { kind: 'wait', ms: 1 }; next.kind !== 'end'; ) {
    next = search.next(kernel.reading());
    asked.push(next);
    kernel.act(next);
    if (isOver(search, next)) break;
  }
  return { search, asked };
}

/** The tolerance that docs/probe.md promises, in bytes. @param needed in MiB */
export const toleranceOf = (needed: number): number => Math.max(0.1 * needed, 4) * MiB;
