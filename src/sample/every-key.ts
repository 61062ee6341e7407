/** A file of `key number` lines, all of them: for the few places that show what the kernel wrote. */
import { Fault } from '../model/fault.ts';
import { excerpt } from './excerpt.ts';

const form = /^(\S+) (\d+)$/;

/** Numbers beyond 2^53 (limits that are none) are rounded. @throws Fault at a line of another form */
export function parseEveryKey(file: string, text: Uint8Array): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const [index, line] of new TextDecoder().decode(text).split('\n').entries()) {
    if (line === '') continue;
    const match = form.exec(line);
    const value = Number(match?.[2]);
    if (match?.[1] === undefined || !Number.isFinite(value))
      throw new Fault({
        where: file,
        line: index + 1,
        expected: '"key number"',
        got: excerpt(text, index + 1),
      });
    found.set(match[1], value);
  }
  return found;
}
