/** Real memory with what a person must know of it. */
import { formatBytes } from '../model/bytes.ts';
import type { MemoryUsage } from '../model/usage.ts';

/** Marked where it is a lower bound. */
export const realSize = ({ realBytes, clamped }: MemoryUsage): string | undefined =>
  realBytes === undefined ? undefined : `${clamped === true ? '≥' : ''}${formatBytes(realBytes)}`;
