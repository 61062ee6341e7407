/** `/proc/<pid>/smaps_rollup` (from Linux 4.14): the sums over all mappings of a process. */
import { type Bytes, bytes } from '../model/bytes.ts';
import { Fault } from '../model/located-error.ts';
import { excerpt } from './excerpt.ts';

/** Its PSS; undefined for a process without memory, whose file is empty. @throws Fault */
export function parseSmapsRollup(file: string, text: Uint8Array): Bytes | undefined {
  if (text.length === 0) return undefined;
  const lines = new TextDecoder().decode(text).split('\n');
  const index = lines.findIndex((line) => line.startsWith('Pss:'));
  const size = Number(/^Pss:\s+(\d+) kB$/.exec(lines[index] ?? '')?.[1]) * 1024;
  if (Number.isSafeInteger(size)) return bytes(size);
  throw new Fault({
    where: file,
    ...(index >= 0 && { line: index + 1 }),
    expected: '"Pss: number kB"',
    got: index >= 0 ? excerpt(text, index + 1) : `${lines.length} other lines`,
  });
}
