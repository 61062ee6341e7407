/** What containerd and the kubelet are told, on either node. */
import { pauseImage } from './images.ts';
import { containerdSocket, networkName, nodeAddress } from './paths.ts';

/** Who makes the cgroups of pods: the kubelet and runc themselves, or systemd for them. Both must be told the same. */
export type CgroupDriver = 'cgroupfs' | 'systemd';

/** Everything that containerd keeps is below the base directory, but for its sockets. */
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

/** A wire from each pod to its node; pods reach the node and the API server by the node's routes, without NAT. */
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

/** Pods that the kubelet runs for itself: one file each. */
export const staticPods = (base: string): string => `${base}/static-pods`;

/** `keys` holds the authority's certificate and the server's own. */
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
    // Nothing listens there, so that no pod waits for a name that nobody knows.
    clusterDNS: [nodeAddress],
    resolvConf: '/etc/resolv.conf',
    // A full disk or a busy machine is none of a test's business.
    evictionHard: {},
    enforceNodeAllocatable: ['pods'],
    imageGCHighThresholdPercent: 100,
    imageMinimumGCAge: '24h',
    // Its chains would stay in the machine's tables.
    makeIPTablesUtilChains: false,
    podLogsDir: `${base}/pod-logs`,
    staticPodPath: staticPods(base),
    volumePluginDir: `${base}/volume-plugins`,
  });
