/** The smallest Debian that systemd is the first process of, by debootstrap: made once and kept. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { command } from '../command.ts';
import { installPackages } from '../packages.ts';
import { dirs } from '../paths.ts';
import type { Progress } from '../progress.ts';

/** This machine's release: runc and the network plugins are this machine's too. */
const suite = /^VERSION_CODENAME=(\w+)$/m.exec(fs.readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'stable';

/** runc reaches systemd by the socket that systemd keeps for root: no D-Bus daemon is needed. */
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
  // Where this machine has its own packages from.
  const target = ['Created-By: Packages', `Codename: ${suite}`, 'Component: main'];
  const sites = await command('apt-get', ['indextargets', '--format', '$(SITE)', ...target], { signal });
  const [mirror = ''] = sites.split('\n');
  if (mirror === '') throw new Error(`apt has no packages of ${suite} on this machine`);
  const unfinished = `${debianTree}.unfinished`;
  for (const name of fs.readdirSync(dirs.guest))
    if (name.startsWith('debian-')) fs.rmSync(path.join(dirs.guest, name), { recursive: true });
  // Cut off, it would leave mounts and children: here they end with it.
  const apart = ['--mount', '--pid', '--mount-proc', '--fork', '--kill-child'];
  const options = ['--variant=minbase', `--include=${packages.join(',')}`];
  await command('unshare', [...apart, 'debootstrap', ...options, suite, unfinished, mirror], { signal });
  fs.rmSync(path.join(unfinished, 'var/cache/apt/archives'), { recursive: true });
  fs.renameSync(unfinished, debianTree);
}
