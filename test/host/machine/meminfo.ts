/** Reads `/proc/meminfo` without the code under test. */
import fs from 'node:fs';

/** Values in bytes by name. */
export const readMeminfo = (): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...fs.readFileSync('/proc/meminfo', 'utf8').matchAll(/^(\w+): +(\d+) kB$/gm)].map(
      ([, name = '', figure]) => [name, Number(figure) * 1024],
    ),
  );
