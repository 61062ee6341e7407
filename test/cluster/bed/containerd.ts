/** The container runtime of the node on this machine. */
import fs from 'node:fs';
import path from 'node:path';
import { command } from '../machine/command.ts';
import { containerdSocket, dirs } from '../machine/paths.ts';
import { start, untilReady } from '../machine/processes.ts';
import { isListening } from '../machine/sockets.ts';
import { binary } from './binaries.ts';
import { containerdConfig, networkConfig } from './node-config.ts';

export async function startContainerd(signal: AbortSignal): Promise<void> {
  if (await isListening(containerdSocket))
    throw new Error(`another containerd listens at ${containerdSocket}, the only path that cAdvisor knows`);
  const network = path.join(dirs.run, 'cni');
  fs.mkdirSync(network);
  fs.writeFileSync(path.join(network, 'network.conflist'), networkConfig(dirs.run, '10.88.0.0/16'));
  const file = path.join(dirs.run, 'containerd.toml');
  fs.writeFileSync(file, containerdConfig(dirs.run, binary('containerd-shim-runc-v2')));
  await start('containerd', binary('containerd'), ['--config', file]);
  await untilReady('containerd', () => isListening(containerdSocket), { signal });
}

/** Runs ctr in the containerd namespace that the kubelet uses. */
export const ctr = (...args: string[]): Promise<string> =>
  command(binary('ctr'), ['--address', containerdSocket, '--namespace', 'k8s.io', ...args], {
    timeoutMs: 120_000,
  });
