/** Parses the memory of one process: `/proc/<pid>/statm` (proc_pid_statm(5)) and `smaps_rollup`. */

import { type Bytes, bytes } from '../model/bytes.ts';
import { LocatedError } from '../model/located-error.ts';
import { excerpt } from '../model/text.ts';

export interface Statm {
  readonly sizePages: number;
  readonly residentPages: number;
  readonly sharedPages: number;
}

/** The first three fields, in pages. @throws LocatedError at anything but numbers */
export function parseStatm(file: string, text: Uint8Array): Statm {
  const fields = new TextDecoder().decode(text).replace(/\n$/, '').split(' ');
  const numbers = fields.map((field) => (/^\d+$/.test(field) ? Number(field) : Number.NaN));
  const [sizePages, residentPages, sharedPages] = numbers;
  if (
    sizePages === undefined ||
    residentPages === undefined ||
    sharedPages === undefined ||
    !numbers.every(Number.isSafeInteger)
  )
    throw new LocatedError({
      where: file,
      line: 1,
      expected: 'numbers of pages: size resident shared …',
      got: excerpt(text, 1),
    });
  return { sizePages, residentPages, sharedPages };
}

/** PSS in bytes; undefined for a process without memory, whose file is empty. @throws LocatedError without a Pss line */
export function parseSmapsRollup(file: string, text: Uint8Array): Bytes | undefined {
  if (text.length === 0) return undefined;
  const lines = new TextDecoder().decode(text).split('\n');
  const index = lines.findIndex((line) => line.startsWith('Pss:'));
  const size = Number(/^Pss:\s+(\d+) kB$/.exec(lines[index] ?? '')?.[1]) * 1024;
  if (Number.isSafeInteger(size)) return bytes(size);
  throw new LocatedError({
    where: file,
    ...(index >= 0 && { line: index + 1 }),
    expected: '"Pss: number kB"',
    got: index >= 0 ? excerpt(text, index + 1) : `${lines.length} other lines`,
  });
}
