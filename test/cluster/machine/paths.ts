/** The cluster's directories, and the addresses that it uses on this machine. */
import os from 'node:os';
import path from 'node:path';

const cache = path.join(
  process.env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache'),
  'realmem',
  'cluster',
);
const run = path.join(cache, 'run');

export const dirs = {
  cache,
  /** Built once per set of versions, and kept. */
  binaries: path.join(cache, 'bin'),
  /** The parts of the guest. */
  guest: path.join(cache, 'guest'),
  /** One run of the cluster. `down` removes everything here except the logs. */
  run,
  logs: path.join(run, 'log'),
  pids: path.join(run, 'pid'),
  pki: path.join(run, 'pki'),
  images: path.join(run, 'images'),
  containerdState: path.join(run, 'containerd-state'),
} as const;

/** The ClusterIP of `kubernetes.default`. It is on `lo`, so pods reach the API server without a kube-proxy. */
export const serviceAddress = '10.96.0.1';

/** The address of the node on this machine. It is on `lo` too: a kubelet refuses a loopback address. */
export const nodeAddress = '10.77.0.1';

/** The node on this machine. */
export const hostNode = 'node-1';

/** The node in the guest. */
export const guestNode = 'node-2';
export const guestAddress = '10.77.0.2';
/** The data directory of the guest's containerd and kubelet. */
export const guestBase = '/var/lib/node';

/** The kubelet's cAdvisor always dials this path, whatever runtime endpoint the kubelet's configuration has. */
export const containerdSocket = '/run/containerd/containerd.sock';

/** Returns the path of a user's kubeconfig. */
export const kubeconfig = (user: string): string => path.join(dirs.run, `${user}.kubeconfig`);

/** The name of the pods' network. The network plugins use it in file names. */
export const networkName = 'realmem-test';
