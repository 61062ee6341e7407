/** Where the cluster keeps its files, and the addresses that it takes on this machine. */
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
  /** Built once for each set of versions, and kept. */
  binaries: path.join(cache, 'bin'),
  /** What a guest is made of. */
  guest: path.join(cache, 'guest'),
  /** One life of the cluster: all of it goes at the end, but for the logs. */
  run,
  logs: path.join(run, 'log'),
  pids: path.join(run, 'pid'),
  pki: path.join(run, 'pki'),
  images: path.join(run, 'images'),
  containerdState: path.join(run, 'containerd-state'),
} as const;

/** The ClusterIP of `kubernetes.default`. It is on `lo`, so that pods reach the API server without a kube-proxy. */
export const serviceAddress = '10.96.0.1';

/** The address of the node on this machine, on `lo` too: a kubelet refuses a loopback address. */
export const nodeAddress = '10.77.0.1';

/** The node on this machine. */
export const hostNode = 'node-1';

/** The node in the guest. */
export const guestNode = 'node-2';
export const guestAddress = '10.77.0.2';
/** Where the guest's containerd and kubelet keep what they have. */
export const guestBase = '/var/lib/node';

/** The kubelet's cAdvisor dials this path, whatever runtime endpoint the kubelet is told. */
export const containerdSocket = '/run/containerd/containerd.sock';

/** A kubeconfig by the name of its user. */
export const kubeconfig = (user: string): string => path.join(dirs.run, `${user}.kubeconfig`);

/** Of the pods' network; the network plugins name files by it. */
export const networkName = 'realmem-test';
