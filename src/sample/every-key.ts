/** A file of `key number` lines, all of them: for the few places that show what the kernel wrote. */
import { LocatedError } from '../model/located-error.ts';
import { excerpt } from '../model/text.ts';
import { isExact, unlimited } from './number.ts';
import { partsAbove, statLag, statWholes } from './wholes.ts';

const form = /^(\S+) (\d+)$/;

/**
 * As `parseStat` reads it: a key whose line cannot be used is absent, and so is a part that is larger than its whole.
 * Limits that are none are rounded. @throws Fault where nothing in it can be used
 */
export function parseEveryKey(file: string, text: Uint8Array): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  let bad: number | undefined;
  for (const [index, line] of new TextDecoder().decode(text).split('\n').entries()) {
    if (line === '') continue;
    const match = form.exec(line);
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
