/** `/proc/<pid>/statm` (proc_pid_statm(5)): seven numbers, in pages. */
import { Fault } from '../model/located-error.ts';
import { excerpt } from './excerpt.ts';

export interface Statm {
  readonly sizePages: number;
  readonly residentPages: number;
  readonly sharedPages: number;
}

/** @throws Fault at anything but numbers */
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
    throw new Fault({
      where: file,
      line: 1,
      expected: 'numbers of pages: size resident shared …',
      got: excerpt(text, 1),
    });
  return { sizePages, residentPages, sharedPages };
}
