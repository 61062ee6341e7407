/** Starts the cluster: the node on this machine and the control plane. */
import fs from 'node:fs';
import { makeOwnImages, ownArchives } from '../images/archive.ts';
import { forward, takeAddresses } from '../machine/network.ts';
import { recordAbsentDirectories } from '../machine/outside.ts';
import { installPackages } from '../machine/packages.ts';
import { dirs, hostNode, nodeAddress, serviceAddress } from '../machine/paths.ts';
import { isRunning, startedPrograms, untilReady } from '../machine/processes.ts';
import type { Progress } from '../machine/progress.ts';
import { hasDefaultServiceAccount, isNodeReady } from './api.ts';
import { buildBinaries } from './binaries.ts';
import { issue, makeAuthority, writeKubeconfig } from './certificates.ts';
import { ctr, startContainerd } from './containerd.ts';
import { startApiServer, startControllers, startEtcd } from './control-plane.ts';
import { down } from './down.ts';
import { startKubelet } from './kubelet.ts';

const packages = ['busybox-static', 'containernetworking-plugins', 'iproute2', 'mount', 'openssl', 'runc'];

export const programs = [
  'containerd',
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
] as const;

export async function isUp(): Promise<boolean> {
  // `startedPrograms` adds optional programs, such as the guest, if they were started.
  return [...programs, ...startedPrograms()].every(isRunning) && (await isNodeReady(hostNode));
}

/** Starts from whatever an earlier run left. After a failure the caller runs `down`. */
export async function up(progress: Progress): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('the cluster needs root; run it as root');
  const { signal, part } = progress;
  await installPackages(packages, progress);
  for (const directory of Object.values(dirs)) fs.mkdirSync(directory, { recursive: true });
  await buildBinaries(progress);
  if (fs.readdirSync(dirs.pids).length > 0) await part('taking an earlier cluster down', down);
  await down();
  fs.rmSync(dirs.run, { recursive: true });
  for (const directory of Object.values(dirs)) fs.mkdirSync(directory, { recursive: true });

  recordAbsentDirectories();
  await takeAddresses();
  forward();
  await part('certificates and kubeconfigs', makeCredentials);
  const runtime = async (): Promise<void> => {
    await part('containerd', () => startContainerd(signal));
    await part('images', importOwnImages);
  };
  const controlPlane = async (): Promise<void> => {
    await startEtcd();
    await part('etcd and API server', () => startApiServer(signal));
    await startControllers();
  };
  await both(runtime(), controlPlane());
  await part(`node ${hostNode}`, async () => {
    await startKubelet(signal);
    await untilReady('kube-controller-manager', hasDefaultServiceAccount, { signal });
  });
}

/** Waits for both even if one fails, because `down` would miss programs that start after it. */
async function both(...work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
}

async function makeCredentials(): Promise<void> {
  const users = {
    admin: '/O=system:masters/CN=admin',
    kubelet: `/O=system:nodes/CN=system:node:${hostNode}`,
    'controller-manager': '/CN=system:kube-controller-manager',
    scheduler: '/CN=system:kube-scheduler',
  };
  const service = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc'].map((name) => `DNS:${name}`);
  await makeAuthority();
  await Promise.all([
    ...Object.entries(users).map(([user, subject]) => issue(user, subject)),
    issue('kube-apiserver', '/CN=kube-apiserver', [`IP:${serviceAddress}`, ...service]),
    issue('kubelet-server', `/CN=${hostNode}`, [`IP:${nodeAddress}`, `DNS:${hostNode}`]),
  ]);
  for (const user of Object.keys(users)) writeKubeconfig(user);
}

async function importOwnImages(): Promise<void> {
  await makeOwnImages();
  for (const file of ownArchives) await ctr('images', 'import', file);
}
