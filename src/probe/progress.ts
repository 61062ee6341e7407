/** How far a probe is. */
import { type Bytes, formatBytes } from '../model/bytes.ts';
import type { Search } from './search.ts';

export interface Progress {
  readonly elapsedMs: number;
  readonly firstCacheBytes: Bytes;
  readonly cacheBytes: Bytes;
  readonly steps: number;
  /** Pages reread since the start. */
  readonly rereads: number;
}

export const progressOf = ({ first, last, steps }: Search): Progress => ({
  elapsedMs: last.at - first.at,
  firstCacheBytes: first.cacheBytes,
  cacheBytes: last.cacheBytes,
  steps: steps.length,
  rereads: last.rereads - first.rereads,
});

export function progressLine(progress: Progress, durationMs: number): string {
  const { elapsedMs, firstCacheBytes, cacheBytes, steps, rereads } = progress;
  const cache = `${formatBytes(firstCacheBytes)} → ${formatBytes(cacheBytes)}`;
  return `${seconds(elapsedMs)} of ${seconds(durationMs)}   page cache ${cache}   steps ${steps}   pages reread ${rereads}`;
}

export const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
