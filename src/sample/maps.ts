/** Adds up `/proc/<pid>/maps` (proc_pid_maps(5)) as `pmap -d` does. Uses addresses and permissions, never file names. */
import { bytes } from '../model/bytes.ts';
import { LocatedError } from '../model/located-error.ts';
import type { MapTotals } from '../model/process.ts';
import { excerpt } from '../model/text.ts';

const linePattern = /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) [r-]([w-])[x-]([ps]) /;

/** Totals in bytes; undefined if nothing is mapped. @throws LocatedError at the first malformed line */
export function parseMaps(file: string, text: Uint8Array): MapTotals | undefined {
  let [mapped, writablePrivate, shared] = [0n, 0n, 0n];
  for (const [index, line] of new TextDecoder().decode(text).split('\n').entries()) {
    if (line === '') continue;
    const match = linePattern.exec(line);
    const length = match === null ? -1n : BigInt(`0x${match[2]}`) - BigInt(`0x${match[1]}`);
    // A double cannot hold more than 2^53 bytes exactly. No real process maps that much.
    if (match === null || length < 0n || mapped + length > BigInt(Number.MAX_SAFE_INTEGER))
      throw new LocatedError({
        where: file,
        line: index + 1,
        expected: '"from-to rights …"',
        got: excerpt(text, index + 1),
      });
    mapped += length;
    if (match[4] === 's') shared += length;
    else if (match[3] === 'w') writablePrivate += length;
  }
  if (mapped === 0n) return undefined;
  const [all, own, common] = [mapped, writablePrivate, shared].map((sum) => bytes(Number(sum)));
  return { mapped: all ?? bytes(0), writablePrivate: own ?? bytes(0), shared: common ?? bytes(0) };
}
