/** Makes the initrd of the guest's kernel. It contains disk drivers, and the keys, which each start creates anew. */
import fs from 'node:fs';
import path from 'node:path';
import { issue, pki, writeKubeconfig } from '../bed/certificates.ts';
import { command } from '../machine/command.ts';
import { dirs, guestAddress, guestNode, kubeconfig } from '../machine/paths.ts';
import type { Kernel } from './kernel.ts';

/** In load order. */
const modules = [
  'virtio_ring',
  'virtio',
  'virtio_pci_legacy_dev',
  'virtio_pci_modern_dev',
  'virtio_pci',
  'virtio_blk',
];

export async function makeInitrd(kernel: Kernel): Promise<string> {
  const root = path.join(dirs.run, 'guest-initrd');
  for (const name of ['bin', 'modules', 'keys', 'dev', 'root'])
    fs.mkdirSync(path.join(root, name), { recursive: true });
  fs.copyFileSync('/bin/busybox', path.join(root, 'bin/busybox'));
  fs.copyFileSync(new URL('initrd.sh', import.meta.url), path.join(root, 'init'));
  fs.chmodSync(path.join(root, 'init'), 0o755);
  copyDiskDrivers(kernel, path.join(root, 'modules'));
  await makeKeys(path.join(root, 'keys'));
  const file = path.join(dirs.run, 'guest-initrd.cpio');
  await command('sh', ['-c', 'find . | busybox cpio -o -H newc >"$1"', 'sh', file], { cwd: root });
  return file;
}

/** Names them in load order. */
export function copyDiskDrivers(kernel: Kernel, directory: string): void {
  const files = fs.readdirSync(kernel.modules, { recursive: true, encoding: 'utf8' });
  for (const [at, name] of modules.entries()) {
    const file = files.find((one) => path.basename(one) === `${name}.ko`);
    if (file === undefined) throw new Error(`kernel ${kernel.version} has no module ${name}`);
    fs.copyFileSync(path.join(kernel.modules, file), path.join(directory, `${at}-${name}.ko`));
  }
}

async function makeKeys(directory: string): Promise<void> {
  await issue('guest-kubelet', `/O=system:nodes/CN=system:node:${guestNode}`);
  await issue('guest-kubelet-server', `/CN=${guestNode}`, [`IP:${guestAddress}`, `DNS:${guestNode}`]);
  writeKubeconfig('guest-kubelet');
  const copies = {
    'ca.crt': pki('ca.crt'),
    'kubelet-server.crt': pki('guest-kubelet-server.crt'),
    'kubelet-server.key': pki('guest-kubelet-server.key'),
    kubeconfig: kubeconfig('guest-kubelet'),
  };
  for (const [name, from] of Object.entries(copies)) fs.copyFileSync(from, path.join(directory, name));
}
