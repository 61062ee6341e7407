/** Finds the cgroup mounts in `/proc/self/mountinfo` (proc_pid_mountinfo(5)). */

import type { CgroupMount } from '../model/cgroup.ts';
import { LocatedError } from '../model/located-error.ts';
import { quoted } from '../model/text.ts';

const undoEscapes = (field: string): string =>
  field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** The options of a v1 mount are its controllers, plus the words excluded here (cgroup1_show_options in the kernel). */
const isController = (option: string): boolean =>
  !/^(?:r[ow]|noprefix|xattr|cpuset_v2_mode|favordynmods|clone_children|(?:release_agent|name)=.*)$/s.test(
    option,
  );

/** Every cgroup mount, in the order of the table. @throws LocatedError at the first malformed line */
export function parseMountinfo(file: string, text: string): readonly CgroupMount[] {
  const mounts: CgroupMount[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '') continue;
    const fields = line.split(' ');
    const separator = fields.indexOf('-', 6);
    const [type, , options] = fields.slice(separator + 1);
    if (separator === -1 || type === undefined || options === undefined)
      throw new LocatedError({
        where: file,
        line: index + 1,
        expected: 'a mount as in proc_pid_mountinfo(5)',
        got: quoted(line),
      });
    if (type !== 'cgroup' && type !== 'cgroup2') continue;
    mounts.push({
      version: type === 'cgroup2' ? 2 : 1,
      mountPoint: undoEscapes(fields[4] as string),
      root: undoEscapes(fields[3] as string),
      controllers: type === 'cgroup' ? options.split(',').filter(isController) : [],
    });
  }
  return mounts;
}
