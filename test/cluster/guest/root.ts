/** The guest's disk: made once for each set of what goes into it, and never written by a guest. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { binary } from '../binaries.ts';
import { command } from '../command.ts';
import { installBusybox } from '../images.ts';
import { containerdConfig, kubeletConfig, networkConfig, staticPods } from '../node-config.ts';
import { dirs, guestBase } from '../paths.ts';
import type { Progress } from '../progress.ts';
import type { Kernel } from './kernel.ts';

const script = (name: string): string => fs.readFileSync(new URL(name, import.meta.url), 'utf8');

const texts = (): Readonly<Record<string, string>> => ({
  '/sbin/init': script('init.sh'),
  '/www/cgi-bin/shell': script('shell.sh'),
  '/www/cgi-bin/import': script('import.sh'),
  '/etc/node/containerd.toml': containerdConfig(guestBase, '/usr/bin/containerd-shim-runc-v2'),
  // All addresses: QEMU hands connections to the one that it gave the guest.
  '/etc/node/kubelet.json': kubeletConfig(guestBase, '/etc/node', '0.0.0.0'),
  [`${guestBase}/cni/network.conflist`]: networkConfig(guestBase, '10.89.0.0/16'),
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
  '/etc/group': 'root:x:0:\n',
  '/etc/resolv.conf': 'nameserver 10.0.2.3\n',
  '/etc/os-release': fs.readFileSync('/etc/os-release', 'utf8'),
  '/etc/machine-id': `${'7e57'.repeat(8)}\n`,
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

export async function makeRoot(kernel: Kernel, progress: Progress): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([kernel.version, texts(), programs()]));
  const image = path.join(dirs.guest, `root-${hash.digest('hex').slice(0, 12)}.img`);
  if (!fs.existsSync(image)) await progress.part('disk of the guest', () => build(kernel, image));
  return image;
}

async function build(kernel: Kernel, image: string): Promise<void> {
  for (const name of fs.readdirSync(dirs.guest))
    if (name.startsWith('root-')) fs.rmSync(path.join(dirs.guest, name), { recursive: true });
  const root = path.join(dirs.guest, 'root-tree');
  const empty = 'dev proc sys run tmp root var lib/modules'.split(' ');
  for (const name of [...empty, staticPods(guestBase)])
    fs.mkdirSync(path.join(root, name), { recursive: true });
  fs.symlinkSync('/run', path.join(root, 'var/run'));
  await installBusybox(path.join(root, 'bin'));
  for (const [to, text] of Object.entries(texts())) put(root, to, (file) => fs.writeFileSync(file, text));
  for (const [to, from] of Object.entries(programs())) put(root, to, (file) => fs.copyFileSync(from, file));
  const libraries = await command('ldd', ['/usr/sbin/runc', '/usr/lib/cni/ptp', '/usr/lib/cni/host-local']);
  for (const [library] of libraries.matchAll(/\/lib\S+\.so\S*/g))
    put(root, library, (file) => fs.copyFileSync(library, file));
  fs.cpSync(kernel.modules, path.join(root, 'lib/modules', kernel.version), { recursive: true });
  // Sparse: of the 4 GiB, what is used is stored.
  const options = ['-q', '-t', 'ext4', '-O', '^has_journal', '-E', 'lazy_itable_init=1', '-d', root];
  await command('mke2fs', [...options, `${image}.unfinished`, '4G']);
  fs.renameSync(`${image}.unfinished`, image);
  fs.rmSync(root, { recursive: true });
}

function put(root: string, name: string, write: (file: string) => void): void {
  const file = path.join(root, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  write(file);
  fs.chmodSync(file, 0o755);
}
