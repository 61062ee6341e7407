/** Makes the smallest Debian with systemd as its first process, by debootstrap. The cache keeps the result. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { command } from '../machine/command.ts';
import { installPackages } from '../machine/packages.ts';
import { dirs } from '../machine/paths.ts';
import type { Progress } from '../machine/progress.ts';

/** The guest gets runc and the network plugins from this machine, so it needs the same Debian release. */
const suite = /^VERSION_CODENAME=(\w+)$/m.exec(fs.readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'stable';

/** No D-Bus daemon is needed: runc reaches systemd over systemd's private socket for root. */
const packages = ['systemd-sysv'];

export const debianInputs = [suite, ...packages];

const hash = createHash('sha256').update(JSON.stringify(debianInputs)).digest('hex').slice(0, 12);
export const debianTree = path.join(dirs.guest, `debian-${hash}`);

export async function makeDebianTree(progress: Progress): Promise<void> {
  if (fs.existsSync(debianTree)) return;
  await installPackages(['debootstrap'], progress);
  await progress.part('debootstrap, which takes a minute or two', () => debootstrap(progress.signal));
}

async function debootstrap(signal: AbortSignal): Promise<void> {
  // The mirror that this machine's own packages come from.
  const target = ['Created-By: Packages', `Codename: ${suite}`, 'Component: main'];
  const sites = await command('apt-get', ['indextargets', '--format', '$(SITE)', ...target], { signal });
  const [mirror = ''] = sites.split('\n');
  if (mirror === '') throw new Error(`apt has no packages of ${suite} on this machine`);
  const unfinished = `${debianTree}.unfinished`;
  for (const name of fs.readdirSync(dirs.guest))
    if (name.startsWith('debian-')) fs.rmSync(path.join(dirs.guest, name), { recursive: true });
  // If debootstrap is interrupted, the namespaces end its child processes and remove its mounts.
  const apart = ['--mount', '--pid', '--mount-proc', '--fork', '--kill-child'];
  const options = ['--variant=minbase', `--include=${packages.join(',')}`];
  await command('unshare', [...apart, 'debootstrap', ...options, suite, unfinished, mirror], { signal });
  fs.rmSync(path.join(unfinished, 'var/cache/apt/archives'), { recursive: true });
  fs.renameSync(unfinished, debianTree);
}
