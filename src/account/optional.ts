/** Sums of figures that may be absent: what one part lacks is not known of the whole. */
import { type Bytes, bytes } from '../model/bytes.ts';

export type Optional = Bytes | undefined;

export function sum(...parts: readonly Optional[]): Optional {
  let total = 0;
  for (const part of parts) {
    if (part === undefined) return undefined;
    total += part;
  }
  return bytes(total);
}

export const minus = (from: Optional, part: Optional): Optional =>
  from === undefined || part === undefined ? undefined : bytes(from - part);
