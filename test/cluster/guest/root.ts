/** Makes the guest's root disk, once per set of inputs. Guests never write to it. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { binary } from '../bed/binaries.ts';
import { containerdConfig, kubeletConfig, networkConfig, staticPods } from '../bed/node-config.ts';
import { command } from '../machine/command.ts';
import { dirs, guestBase } from '../machine/paths.ts';
import type { Progress } from '../machine/progress.ts';
import type { Kernel } from './kernel.ts';
import { type System, script } from './system.ts';

const texts = (system: System): Readonly<Record<string, string>> => ({
  '/etc/node/network.sh': script('network.sh'),
  '/etc/node/kubelet.sh': script('kubelet.sh'),
  '/www/cgi-bin/shell': script('shell.sh'),
  '/www/cgi-bin/import': script('import.sh'),
  '/etc/node/containerd.toml': containerdConfig(guestBase, '/usr/bin/containerd-shim-runc-v2', system.driver),
  // The kubelet listens on all addresses, because QEMU forwards connections to the address that it gave the guest.
  '/etc/node/kubelet.json': kubeletConfig(guestBase, '/etc/node', '0.0.0.0', system.driver),
  [`${guestBase}/cni/network.conflist`]: networkConfig(guestBase, '10.89.0.0/16'),
  '/etc/resolv.conf': 'nameserver 10.0.2.3\n',
  '/etc/machine-id': `${'7e57'.repeat(8)}\n`,
  ...system.texts(),
});

const programs = (): Readonly<Record<string, string>> => ({
  '/usr/bin/containerd': binary('containerd'),
  '/usr/bin/containerd-shim-runc-v2': binary('containerd-shim-runc-v2'),
  '/usr/bin/ctr': binary('ctr'),
  '/usr/bin/kubelet': binary('kubelet'),
  '/usr/sbin/runc': '/usr/sbin/runc',
  '/usr/lib/cni/ptp': '/usr/lib/cni/ptp',
  '/usr/lib/cni/host-local': '/usr/lib/cni/host-local',
});

export async function makeRoot(system: System, kernel: Kernel, progress: Progress): Promise<string> {
  const inputs = [kernel.version, texts(system), programs(), system.inputs];
  const hash = createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 12);
  const image = path.join(dirs.guest, `${system.name}-${hash}.img`);
  if (!fs.existsSync(image)) {
    await system.prepare(progress);
    await progress.part('disk of the guest', () => build(system, kernel, image));
  }
  return image;
}

async function build(system: System, kernel: Kernel, image: string): Promise<void> {
  for (const name of fs.readdirSync(dirs.guest))
    if (name.startsWith(`${system.name}-`)) fs.rmSync(path.join(dirs.guest, name), { recursive: true });
  const root = path.join(dirs.guest, `${system.name}-tree`);
  fs.mkdirSync(root);
  await system.fill(root);
  for (const name of [staticPods(guestBase), `${guestBase}/containerd`])
    fs.mkdirSync(path.join(root, name), { recursive: true });
  for (const [to, text] of Object.entries(texts(system)))
    put(root, to, (file) => fs.writeFileSync(file, text));
  for (const [to, from] of Object.entries(programs())) put(root, to, (file) => fs.copyFileSync(from, file));
  const libraries = await command('ldd', ['/usr/sbin/runc', '/usr/lib/cni/ptp', '/usr/lib/cni/host-local']);
  // Libraries that the system already has stay.
  for (const [library] of libraries.matchAll(/\/lib\S+\.so\S*/g))
    if (!fs.existsSync(path.join(root, library)))
      put(root, library, (file) => fs.copyFileSync(library, file));
  fs.cpSync(kernel.modules, path.join(root, 'lib/modules', kernel.version), { recursive: true });
  // The image file is sparse: it takes only the used part of the 4 GiB.
  const options = ['-q', '-t', 'ext4', '-O', '^has_journal', '-E', 'lazy_itable_init=1', '-d', root];
  await command('mke2fs', [...options, `${image}.unfinished`, '4G']);
  fs.renameSync(`${image}.unfinished`, image);
  fs.rmSync(root, { recursive: true });
}

function put(root: string, name: string, write: (file: string) => void): void {
  const file = path.join(root, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  write(file);
  // systemd warns about executable unit files.
  fs.chmodSync(file, name.startsWith('/etc/') ? 0o644 : 0o755);
}
