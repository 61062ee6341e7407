/** `/proc/spl/kstat/zfs/arcstats` of OpenZFS: two lines of header, then `name type data` rows. */

import { type Bytes, bytes } from '../model/bytes.ts';
import { defined } from '../model/defined.ts';
import { LocatedError, type OnFault } from '../model/located-error.ts';
import type { Arcstats } from '../model/meminfo.ts';
import { excerpt } from '../model/text.ts';

const evictable = [
  'mru_evictable_data',
  'mru_evictable_metadata',
  'mfu_evictable_data',
  'mfu_evictable_metadata',
] as const;
const wanted: ReadonlySet<string> = new Set(['size', 'c_min', ...evictable]);

const form = /^\S+ +\d+ +(\d+)$/;

/**
 * @param onFault takes what is wrong with one row: its figure is absent then
 * @throws Fault where there is no size
 */
export function parseArcstats(file: string, text: Uint8Array, onFault: OnFault): Arcstats {
  const found = new Map<string, Bytes>();
  const faults: LocatedError[] = [];
  for (const [index, row] of new TextDecoder().decode(text).split('\n').entries()) {
    const name = row.split(' ', 1)[0] as string;
    if (!wanted.has(name)) continue;
    const value = bytes(Number(form.exec(row)?.[1]));
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
