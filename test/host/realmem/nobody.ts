/** Runs realmem as a user without privileges. */
import fs from 'node:fs';
import type { Cleanup } from '../machine/cleanup.ts';
import { requireTools } from '../machine/command.ts';
import { type Launch, project } from './agent.ts';

const id = 65534;

/** This project and this node may be in a directory for root only (/root), so bind-mount them for such a process. */
const script = `
  mount --no-mtab --bind "$1" "$3/project" && mount --no-mtab --bind "$2" "$3/node" && cd / &&
  directory=$3 && shift 3 &&
  exec setpriv --reuid ${id} --regid ${id} --clear-groups --no-new-privs \\
    "$directory/node" "$directory/project/src/cli.ts" "$@"`;

/** The command before the arguments of `realmem`, and a directory of this user. */
export function asNobody(cleanup: Cleanup): { readonly launch: Launch; readonly home: string } {
  requireTools('unshare', 'mount', 'setpriv');
  const directory = cleanup.directory();
  const home = `${directory}/home`;
  fs.mkdirSync(`${directory}/project`);
  fs.writeFileSync(`${directory}/node`, '');
  fs.mkdirSync(home);
  fs.chownSync(home, id, id);
  const launch = ['unshare', '--mount', 'sh', '-c', script, 'sh', project, process.execPath, directory];
  return { launch: launch as [string, ...string[]], home };
}
