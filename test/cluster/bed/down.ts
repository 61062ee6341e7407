/** Takes the cluster down. It works from files on disk, so it also cleans up after an `up` that was killed. */
import fs from 'node:fs';
import path from 'node:path';
import { removePodsCgroup } from '../machine/cgroups.ts';
import { command } from '../machine/command.ts';
import { type Made, recorded } from '../machine/made.ts';
import { unmountRun } from '../machine/mounts.ts';
import { localRoute } from '../machine/network.ts';
import { removeLeftFiles } from '../machine/outside.ts';
import { dirs } from '../machine/paths.ts';
import { startedPrograms, stop } from '../machine/processes.ts';
import { endShims } from '../machine/shims.ts';

export async function down(): Promise<void> {
  if (!fs.existsSync(dirs.run)) return;
  // The kubelet and containerd end first, because they would restart pods and shims. SIGKILL is fine: no data must
  // survive.
  const first = ['kubelet', 'containerd'];
  const others = startedPrograms().filter((name) => !first.includes(name));
  for (const names of [first, others]) await Promise.all(names.map((name) => stop(name, 0)));
  await endShims();
  await removePodsCgroup();
  await unmountRun();
  const made = recorded();
  if (made.length > 0) await removeLeftFiles();
  for (const one of made.toReversed()) await undo(one);
  for (const name of fs.readdirSync(dirs.run))
    if (name !== path.basename(dirs.logs)) fs.rmSync(path.join(dirs.run, name), { recursive: true });
}

async function undo(made: Made): Promise<void> {
  switch (made.kind) {
    case 'address':
      return tryCommand('ip', ['address', 'del', `${made.address}/32`, 'dev', 'lo']);
    case 'local route':
      return tryCommand('ip', ['route', 'del', ...localRoute(made.address)]);
    case 'sysctl':
      return fs.writeFileSync(made.file, made.before);
    case 'directory':
      return removeIfEmpty(made.directory);
    case 'pods cgroup':
      return;
  }
}

/** Ignores failure, because `up` may have been killed before it made the change. */
const tryCommand = (program: string, args: readonly string[]): Promise<void> =>
  command(program, args).then(
    () => {},
    () => {},
  );

function removeIfEmpty(directory: string): void {
  try {
    fs.rmdirSync(directory);
  } catch {
    // The directory does not exist, or other programs use it.
  }
}
