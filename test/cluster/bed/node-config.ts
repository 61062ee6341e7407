/** The configuration of containerd and the kubelet, for both nodes. */
import { pauseImage } from '../images/archive.ts';
import { containerdSocket, networkName, nodeAddress } from '../machine/paths.ts';

/**
 * Who creates the cgroups of pods: the kubelet and runc, or systemd for them. containerd and the kubelet need the same
 * value.
 */
export type CgroupDriver = 'cgroupfs' | 'systemd';

/** containerd keeps all data except its sockets below the base directory. */
export const containerdConfig = (
  base: string,
  shim: string,
  driver: CgroupDriver = 'cgroupfs',
): string => `version = 4
root = '${base}/containerd'
state = '${base}/containerd-state'
disabled_plugins = ['io.containerd.nri.v1.nri', 'io.containerd.internal.v1.tracing']

[plugins.'io.containerd.server.v1.grpc']
address = '${containerdSocket}'

[plugins.'io.containerd.server.v1.ttrpc']
address = '${containerdSocket}.ttrpc'

[plugins.'io.containerd.internal.v1.opt']
path = '${base}/containerd-opt'

[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = '${pauseImage}'

[plugins.'io.containerd.cri.v1.runtime']
# The sandbox's -998 needs CAP_SYS_RESOURCE, which a machine that is a container itself may lack.
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true

[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ['/usr/lib/cni']
conf_dir = '${base}/cni'
use_internal_loopback = true

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = 'io.containerd.runc.v2'
# Without it, a shim on the PATH is taken before the one beside containerd, and an older one does not understand it.
runtime_path = '${shim}'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
BinaryName = '/usr/sbin/runc'
Root = '${base}/runc'
SystemdCgroup = ${driver === 'systemd'}
`;

/**
 * Connects each pod to its node with a veth pair. Pods reach the node and the API server through the node's routes,
 * without NAT.
 */
export const networkConfig = (base: string, subnet: string): string =>
  JSON.stringify({
    cniVersion: '1.0.0',
    name: networkName,
    plugins: [
      {
        type: 'ptp',
        ipMasq: false,
        ipam: {
          type: 'host-local',
          subnet,
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: `${base}/cni-addresses`,
        },
      },
    ],
  });

/** The directory of static pods, with one file per pod. */
export const staticPods = (base: string): string => `${base}/static-pods`;

/** @param keys the directory of the authority's certificate, and of the kubelet's server certificate and key */
export const kubeletConfig = (
  base: string,
  keys: string,
  address: string,
  cgroupDriver: CgroupDriver = 'cgroupfs',
): string =>
  JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address,
    healthzPort: 0,
    cgroupDriver,
    failCgroupV1: false,
    failSwapOn: false,
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${keys}/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: `${keys}/kubelet-server.crt`,
    tlsPrivateKeyFile: `${keys}/kubelet-server.key`,
    clusterDomain: 'cluster.local',
    // No DNS server listens there, so lookups in pods fail at once.
    clusterDNS: [nodeAddress],
    resolvConf: '/etc/resolv.conf',
    // The kubelet must not evict pods when this machine's disk or memory is full.
    evictionHard: {},
    enforceNodeAllocatable: ['pods'],
    imageGCHighThresholdPercent: 100,
    imageMinimumGCAge: '24h',
    // The kubelet's iptables chains would remain on this machine.
    makeIPTablesUtilChains: false,
    podLogsDir: `${base}/pod-logs`,
    staticPodPath: staticPods(base),
    volumePluginDir: `${base}/volume-plugins`,
  });
