/** Starts etcd, the API server, the controller manager and the scheduler. */
import path from 'node:path';
import { dirs, kubeconfig, serviceAddress } from '../machine/paths.ts';
import { isRunning, start, untilReady } from '../machine/processes.ts';
import { isApiReady } from './api.ts';
import { binary } from './binaries.ts';
import { pki } from './certificates.ts';

const etcdClients = 'http://127.0.0.1:12379';
const etcdPeers = 'http://127.0.0.1:12380';

export async function startEtcd(): Promise<void> {
  await start('etcd', binary('etcd'), etcdFlags(path.join(dirs.run, 'etcd'), etcdClients, etcdPeers));
}

/** @param clients URL for clients @param peers URL for peers, of which there are none */
export const etcdFlags = (dataDir: string, clients: string, peers: string): readonly string[] => [
  `--data-dir=${dataDir}`,
  `--listen-client-urls=${clients}`,
  `--advertise-client-urls=${clients}`,
  `--listen-peer-urls=${peers}`,
  `--initial-advertise-peer-urls=${peers}`,
  `--initial-cluster=default=${peers}`,
  // The data need not survive a crash of the machine.
  '--unsafe-no-fsync',
];

/** Starts the API server unless it runs, and waits until it is ready. etcd may still be starting. */
export async function startApiServer(signal?: AbortSignal): Promise<void> {
  if (!isRunning('kube-apiserver')) await runApiServer();
  await untilReady('kube-apiserver', isApiReady, { signal });
}

async function runApiServer(): Promise<void> {
  await start('kube-apiserver', binary('kube-apiserver'), [
    `--etcd-servers=${etcdClients}`,
    // Other addresses of this machine, and their port 443, belong to other programs.
    `--bind-address=${serviceAddress}`,
    '--secure-port=443',
    '--service-cluster-ip-range=10.96.0.0/16',
    `--tls-cert-file=${pki('kube-apiserver.crt')}`,
    `--tls-private-key-file=${pki('kube-apiserver.key')}`,
    `--client-ca-file=${pki('ca.crt')}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${pki('service-accounts.pub')}`,
    `--service-account-signing-key-file=${pki('service-accounts.key')}`,
    `--kubelet-client-certificate=${pki('admin.crt')}`,
    `--kubelet-client-key=${pki('admin.key')}`,
    `--kubelet-certificate-authority=${pki('ca.crt')}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--allow-privileged=true',
  ]);
}

export async function startControllers(): Promise<void> {
  const common = ['--leader-elect=false', '--secure-port=0'];
  await start('kube-controller-manager', binary('kube-controller-manager'), [
    ...common,
    `--kubeconfig=${kubeconfig('controller-manager')}`,
    `--service-account-private-key-file=${pki('service-accounts.key')}`,
    // Each pod gets this certificate and uses it to verify the API server.
    `--root-ca-file=${pki('ca.crt')}`,
    '--use-service-account-credentials=true',
    // At the default rate the manager starts one controller per 150 ms, so service accounts would come late.
    '--kube-api-qps=200',
    '--kube-api-burst=300',
    `--flex-volume-plugin-dir=${path.join(dirs.run, 'volume-plugins')}`,
  ]);
  await start('kube-scheduler', binary('kube-scheduler'), [
    ...common,
    `--kubeconfig=${kubeconfig('scheduler')}`,
  ]);
}
