/** Parses every line of a `key number` file, for the few screens that show the kernel's own keys. */
import { LocatedError } from '../model/located-error.ts';
import { excerpt } from '../model/text.ts';
import { isExact, unlimited } from './number.ts';
import { partsAbove, statLag, statWholes } from './wholes.ts';

const linePattern = /^(\S+) (\d+)$/;

/**
 * All keys of the file with their numbers, under the rules of `parseStat`: the result lacks a key whose line is
 * malformed, and a part that exceeds its whole. A `…_limit` that means "unlimited" keeps its rounded number.
 * @throws LocatedError if the file has lines and none of them is usable
 */
export function parseEveryKey(file: string, text: Uint8Array): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  let bad: number | undefined;
  for (const [index, line] of new TextDecoder().decode(text).split('\n').entries()) {
    if (line === '') continue;
    const match = linePattern.exec(line);
    const value = Number(match?.[2]);
    if (
      match?.[1] !== undefined &&
      (isExact(value) || (Number.isFinite(value) && value > unlimited && match[1].endsWith('_limit')))
    ) {
      found.set(match[1], value);
      continue;
    }
    bad ??= index + 1;
    found.delete(line.split(' ', 1)[0] ?? '');
  }
  if (found.size === 0 && bad !== undefined)
    throw new LocatedError({ where: file, line: bad, expected: '"key number"', got: excerpt(text, bad) });
  for (const [part] of partsAbove(statWholes, (key) => found.get(key), statLag)) found.delete(part);
  return found;
}
