/** Parses `/proc/<pid>/cgroup` (cgroups(7)) and `cgroup.procs`. */
import type { CgroupVersion } from '../model/cgroup.ts';
import { LocatedError } from '../model/located-error.ts';
import { excerpt } from '../model/text.ts';

/**
 * The cgroup path of a process in the memory hierarchy; undefined if it has none there.
 * @throws LocatedError at the first malformed line
 */
export function parseProcessCgroup(
  file: string,
  text: Uint8Array,
  version: CgroupVersion,
): string | undefined {
  let found: string | undefined;
  for (const [index, line] of new TextDecoder().decode(text).split('\n').entries()) {
    if (line === '') continue;
    const match = /^(\d+):([^:]*):(\/.*)$/s.exec(line);
    if (match === null)
      throw new LocatedError({
        where: file,
        line: index + 1,
        expected: '"number:controllers:/path"',
        got: excerpt(text, index + 1),
      });
    const [, number, controllers = '', path] = match;
    const ours = version === 2 ? number === '0' : controllers.split(',').includes('memory');
    if (ours) found ??= path;
  }
  return found;
}

/** PIDs, one per line; 0 is a process outside this PID namespace. @throws LocatedError at the first malformed line */
export function parseProcs(file: string, text: Uint8Array): readonly number[] {
  const pids: number[] = [];
  for (const [index, line] of new TextDecoder().decode(text).split('\n').entries()) {
    if (line === '') continue;
    if (!/^\d{1,10}$/.test(line))
      throw new LocatedError({
        where: file,
        line: index + 1,
        expected: 'a PID',
        got: excerpt(text, index + 1),
      });
    pids.push(Number(line));
  }
  return pids;
}
