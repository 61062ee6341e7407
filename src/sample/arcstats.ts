/** Parses `/proc/spl/kstat/zfs/arcstats` (OpenZFS): two header lines, then rows of `name type data`, data in bytes. */

import { type Bytes, bytes } from '../model/bytes.ts';
import { defined } from '../model/json.ts';
import { LocatedError, type OnFault } from '../model/located-error.ts';
import type { Arcstats } from '../model/meminfo.ts';
import { excerpt } from '../model/text.ts';

const evictable = [
  'mru_evictable_data',
  'mru_evictable_metadata',
  'mfu_evictable_data',
  'mfu_evictable_metadata',
] as const;
const wantedRows: ReadonlySet<string> = new Set(['size', 'c_min', ...evictable]);

const linePattern = /^\S+ +\d+ +(\d+)$/;

/**
 * Sizes of the ZFS cache, in bytes.
 * @param onFault receives the error of a malformed row, at most three; the result lacks that row's figure
 * @throws LocatedError if the file has no usable `size` row
 */
export function parseArcstats(file: string, text: Uint8Array, onFault: OnFault): Arcstats {
  const found = new Map<string, Bytes>();
  const faults: LocatedError[] = [];
  for (const [index, row] of new TextDecoder().decode(text).split('\n').entries()) {
    const name = row.split(' ', 1)[0] as string;
    if (!wantedRows.has(name)) continue;
    const value = bytes(Number(linePattern.exec(row)?.[1]));
    if (Number.isSafeInteger(value)) found.set(name, value);
    else {
      found.delete(name);
      faults.push(
        new LocatedError({
          where: file,
          line: index + 1,
          expected: '"name type number"',
          got: excerpt(text, index + 1),
        }),
      );
    }
  }
  const size = found.get('size');
  if (size === undefined)
    throw faults[0] ?? new LocatedError({ where: file, expected: 'a row for size', got: 'other rows' });
  for (const fault of faults.slice(0, 3)) onFault(fault);
  const parts = evictable.map((name) => found.get(name));
  return defined<Arcstats>({
    size,
    least: found.get('c_min'),
    evictable: parts.includes(undefined)
      ? undefined
      : bytes(parts.reduce<number>((sum, part) => sum + (part ?? 0), 0)),
  });
}
