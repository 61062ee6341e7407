/** Checks whether the files of other users' processes can be read, which `realmem explain` and `realmem ps` need. */

import { processTable } from '../edges/processes.ts';
import { messageOf } from '../model/located-error.ts';
import { parseMountinfo } from '../sample/mountinfo.ts';
import { type Check, ok, warn } from './check.ts';

/** Enough to meet processes of several users. */
const mostTried = 200;

export function checkProcesses(root: string): Check {
  const name = 'processes';
  try {
    const table = processTable(root, parseMountinfo);
    const pids = table.pids();
    if (pids.length === 0) return ok(name, 'none here: ps and explain show no processes');
    const refused = pids.slice(0, mostTried).flatMap((pid) => {
      try {
        table.read(pid, 'smaps_rollup');
        return [];
      } catch (error) {
        return [messageOf(error)];
      }
    });
    const [first] = refused;
    if (first === undefined) return ok(name, 'their files in /proc can be read');
    const tried = Math.min(pids.length, mostTried);
    return warn(
      name,
      `${refused.length} of ${tried} cannot be read, so ps and explain lack their PSS. The first: ${first}`,
      'run ps and explain as root, with the capability CAP_SYS_PTRACE',
    );
  } catch (error) {
    return warn(name, messageOf(error));
  }
}
