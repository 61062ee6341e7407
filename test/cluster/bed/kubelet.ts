/** The kubelet of the node on this machine. */
import fs from 'node:fs';
import path from 'node:path';
import { claimPodsCgroup } from '../machine/cgroups.ts';
import { dirs, hostNode, kubeconfig, nodeAddress } from '../machine/paths.ts';
import { start, untilReady } from '../machine/processes.ts';
import { isNodeReady } from './api.ts';
import { binary } from './binaries.ts';
import { kubeletConfig, staticPods } from './node-config.ts';

export async function startKubelet(signal: AbortSignal): Promise<void> {
  claimPodsCgroup();
  fs.mkdirSync(staticPods(dirs.run), { recursive: true });
  const file = path.join(dirs.run, 'kubelet.json');
  fs.writeFileSync(file, kubeletConfig(dirs.run, dirs.pki, nodeAddress));
  await start('kubelet', binary('kubelet'), [
    `--config=${file}`,
    `--kubeconfig=${kubeconfig('kubelet')}`,
    `--root-dir=${path.join(dirs.run, 'kubelet')}`,
    `--hostname-override=${hostNode}`,
    `--node-ip=${nodeAddress}`,
    '--v=2',
  ]);
  await untilReady('kubelet', () => isNodeReady(hostNode), { signal });
}
