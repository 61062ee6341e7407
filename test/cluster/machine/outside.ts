/** Handles fixed directories of containerd and the kubelet, outside the cluster's own directory. */
import fs from 'node:fs';
import path from 'node:path';
import { record } from './made.ts';
import { containerdSocket, dirs, networkName } from './paths.ts';
import { removeDeadSocket } from './sockets.ts';

const directories = [
  '/run/containerd',
  '/run/containerd/s',
  '/var/lib/kubelet',
  '/var/lib/kubelet/device-plugins',
  '/var/lib/cni',
  '/var/lib/cni/results',
  '/var/log/containers',
];

const sockets = [
  containerdSocket,
  `${containerdSocket}.ttrpc`,
  '/var/lib/kubelet/device-plugins/kubelet.sock',
];

/** Records which of the directories do not exist yet. */
export function recordAbsentDirectories(): void {
  for (const directory of directories)
    if (!fs.existsSync(directory)) record({ kind: 'directory', directory });
}

/** Removes what killed programs leave there: dead sockets, results of our network, and links to our logs. */
export async function removeLeftFiles(): Promise<void> {
  for (const socket of sockets) await removeDeadSocket(socket);
  removeFrom('/var/lib/cni/results', (file) => path.basename(file).startsWith(`${networkName}-`));
  removeFrom('/var/log/containers', (file) => fs.readlinkSync(file).startsWith(`${dirs.run}/`));
}

function removeFrom(directory: string, isOurs: (file: string) => boolean): void {
  if (!fs.existsSync(directory)) return;
  for (const name of fs.readdirSync(directory)) {
    const file = path.join(directory, name);
    if (isOurs(file)) fs.rmSync(file);
  }
}
