/** Parses `/proc/<pid>/status` (proc_pid_status(5)); sizes in bytes. */
import { type Bytes, bytes } from '../model/bytes.ts';
import { defined } from '../model/json.ts';
import { LocatedError } from '../model/located-error.ts';
import { excerpt } from '../model/text.ts';

export interface Status {
  /** As the kernel writes it, with line feeds and backslashes escaped. */
  readonly name?: string;
  /** Absent for kernel threads and zombies: these have no memory. */
  readonly size?: Bytes;
  readonly rss?: Bytes;
  /** `anon`, `file` and `shmem` are the three parts of rss. Linux has them since 4.5. */
  readonly anon?: Bytes;
  readonly file?: Bytes;
  readonly shmem?: Bytes;
  readonly swap?: Bytes;
}

const sizes: Readonly<Record<string, Exclude<keyof Status, 'name'>>> = {
  VmSize: 'size',
  VmRSS: 'rss',
  RssAnon: 'anon',
  RssFile: 'file',
  RssShmem: 'shmem',
  VmSwap: 'swap',
};

/** @throws LocatedError at the first line without a colon, and at a malformed size */
export function parseStatus(file: string, text: Uint8Array): Status {
  const status: { -readonly [field in keyof Status]: Status[field] | undefined } = {};
  for (const [index, line] of new TextDecoder().decode(text).split('\n').entries()) {
    if (line === '') continue;
    const colon = line.indexOf(':');
    const key = line.slice(0, colon);
    const field = Object.hasOwn(sizes, key) ? sizes[key] : undefined;
    const kib = /^\s*(\d+) kB$/.exec(line.slice(colon + 1))?.[1];
    const size = Number(kib) * 1024;
    if (colon < 1 || (field !== undefined && !Number.isSafeInteger(size)))
      throw new LocatedError({
        where: file,
        line: index + 1,
        expected: field === undefined ? '"Name: value"' : `"${key}: number kB"`,
        got: excerpt(text, index + 1),
      });
    if (key === 'Name') status.name = line.slice(colon + 1).replace(/^\t/, '');
    if (field !== undefined) status[field] = bytes(size);
  }
  return defined<Status>(status as { [field in keyof Status]: Status[field] | undefined });
}
