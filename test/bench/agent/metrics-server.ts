/**
 * What metrics-server costs. It reads no cgroups: it asks the kubelet of each node, so it is a cost of the cluster's centre. The kubelet here
 * is a server of this process, which answers in the kubelet's format.
 */
import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { selfSigned } from '../../../src/http/self-signed.ts';
import { binary } from '../../cluster/bed/binaries.ts';
import { findFreePort } from '../large-cluster-api.ts';
import type { NodeTree } from '../node-tree.ts';
import { type Cost, costOf } from './cost.ts';
import { type NodeApi, namespace, node } from './node-api.ts';
import { run } from './program.ts';

/** Seconds between two rounds of its questions: the value of its own manifests. */
const resolution = 15;

/** @param windows seconds of warming up, and of measuring */
export async function costOfMetricsServer(
  scratch: string,
  tree: NodeTree,
  { api: { kube, kubeconfig } }: NodeApi,
  windows: { readonly warmUp: number; readonly measured: number },
): Promise<Cost> {
  let asked = 0;
  const kubelet = https
    .createServer(selfSigned(node), (_, answer) => {
      asked++;
      answer.setHeader('content-type', 'text/plain; version=0.0.4').end(metricsOf(tree));
    })
    .listen(0, '127.0.0.1');
  await once(kubelet, 'listening');
  const { port } = kubelet.address() as AddressInfo;
  await kube.call({
    method: 'PATCH',
    path: `/api/v1/nodes/${node}/status`,
    contentType: 'application/merge-patch+json',
    body: {
      status: {
        addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
        daemonEndpoints: { kubeletEndpoint: { Port: port } },
      },
    },
  });
  const server = run(
    binary('metrics-server'),
    [
      ...['--kubeconfig', '--authentication-kubeconfig', '--authorization-kubeconfig'].map(
        (flag) => `${flag}=${kubeconfig}`,
      ),
      '--authentication-skip-lookup',
      '--bind-address=127.0.0.1',
      `--secure-port=${await findFreePort()}`,
      `--cert-dir=${path.join(scratch, 'metrics-server')}`,
      '--kubelet-insecure-tls',
      '--kubelet-use-node-status-port',
      '--kubelet-preferred-address-types=InternalIP',
      `--metric-resolution=${resolution}s`,
    ],
    { PATH: process.env['PATH'] },
    path.join(scratch, 'metrics-server.log'),
  );
  try {
    await server.until('metrics-server to ask the kubelet', async () => asked > 0);
    await sleep(windows.warmUp * 1000);
    return await costOf(server.pid, windows.measured);
  } finally {
    await server.stop();
    kubelet.close();
    kubelet.closeAllConnections();
  }
}

/** What the kubelet serves at /metrics/resource. */
function metricsOf({ pods }: NodeTree): string {
  const now = Date.now();
  const labels = (pod: string, container: string): string =>
    `{container="${container}",namespace="${namespace}",pod="${pod}"}`;
  const each = (name: string, value: number): string =>
    pods
      .flatMap(({ name: pod, containers }) =>
        containers.map((one) => `${name}${labels(pod, one.name)} ${value} ${now}\n`),
      )
      .join('');
  const seconds = now / 1000;
  return `# TYPE container_cpu_usage_seconds_total counter
${each('container_cpu_usage_seconds_total', seconds / 100)}# TYPE container_memory_working_set_bytes gauge
${each('container_memory_working_set_bytes', 33554432)}# TYPE container_start_time_seconds gauge
${each('container_start_time_seconds', Math.floor(seconds) - 3600)}# TYPE node_cpu_usage_seconds_total counter
node_cpu_usage_seconds_total ${seconds / 2} ${now}
# TYPE node_memory_working_set_bytes gauge
node_memory_working_set_bytes 8589934592 ${now}
`;
}
