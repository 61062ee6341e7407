/** The API server of a cluster with one node: its pods, and everything that the chart installs. */
import fs from 'node:fs';
import type { Kube } from '../../../src/kube/client.ts';
import { fieldsOf, listOf } from '../../../src/model/json.ts';
import { domain } from '../../../src/model/product.ts';
import { binary } from '../../cluster/bed/binaries.ts';
import { command } from '../../cluster/machine/command.ts';
import { type LargeClusterApi, startApi } from '../large-cluster-api.ts';

export const node = 'bench-node';
export const namespace = 'bench';
const containers = 2;

/** Objects of the chart with its default values. The DaemonSet stays without pods: no controller runs. */
export const manifests = new URL('../../../manifests/realmem.yaml', import.meta.url).pathname;

export interface NodeApi {
  /** The API server. It ends with `close`. */
  readonly api: LargeClusterApi;
  readonly port: number;
  /** A file with the certificate of the API server. */
  readonly certificate: string;
  /** A token as the kubelet gives it to the agent's pod. */
  readonly token: string;
  /** The UIDs of the pods. */
  readonly uids: readonly string[];
}

/** Starts it, with this many running pods of two containers each. `announce` says which cgroups they have. */
export async function startNodeApi(pods: number): Promise<NodeApi> {
  const api = await startApi();
  try {
    const { kube, kubeconfig } = api;
    await command(binary('kubectl'), ['--kubeconfig', kubeconfig, 'apply', '-f', manifests]);
    const create = async (at: string, body: object): Promise<Readonly<Record<string, unknown>>> =>
      fieldsOf(await kube.call({ method: 'POST', path: at, body, contentType: 'application/json' }));
    await create('/api/v1/nodes', { metadata: { name: node } });
    await create('/api/v1/namespaces', { metadata: { name: namespace } });
    await create(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: 'default' } });
    const agent = await create('/api/v1/namespaces/realmem/pods', agentPod);
    const { token } = fieldsOf(
      fieldsOf(await create('/api/v1/namespaces/realmem/serviceaccounts/realmem/token', tokenFor(agent)))[
        'status'
      ],
    );
    const uids: string[] = [];
    for (let index = 0; index < pods; index++)
      uids.push(uidOf(await create(`/api/v1/namespaces/${namespace}/pods`, podOf(index))));
    const config = JSON.parse(fs.readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
    const [{ cluster }] = config.clusters;
    return {
      api,
      port: Number(new URL(cluster.server).port),
      certificate: cluster['certificate-authority'],
      token: String(token),
      uids,
    };
  } catch (error) {
    await api.close();
    throw error;
  }
}

/** Writes into the status of each pod, as a kubelet does, which containers run. @param ids those of each pod */
export async function announce(kube: Kube, ids: readonly (readonly string[])[]): Promise<void> {
  for (const [index, own] of ids.entries())
    await kube.call({
      method: 'PATCH',
      path: `/api/v1/namespaces/${namespace}/pods/${nameOf(index)}/status`,
      contentType: 'application/merge-patch+json',
      body: {
        status: {
          phase: 'Running',
          containerStatuses: own.map((id, at) => ({
            name: `container-${at}`,
            image: 'registry.example.org/shop/server:1.27',
            imageID: '',
            containerID: `containerd://${id}`,
            ready: true,
            started: true,
            restartCount: 0,
            state: { running: { startedAt: new Date().toISOString() } },
          })),
        },
      },
    });
}

/** Whether the agent has annotated each pod. */
export async function isAnnotated(kube: Kube): Promise<boolean> {
  const { items } = fieldsOf(
    await kube.call({ path: `/api/v1/namespaces/${namespace}/pods`, mostBytes: 16 * 1024 * 1024 }),
  );
  return listOf(items).every(
    ({ metadata }) => fieldsOf(fieldsOf(metadata)['annotations'])[`${domain}/memory`] !== undefined,
  );
}

interface Kubeconfig {
  readonly clusters: readonly [
    { readonly cluster: { readonly server: string; readonly 'certificate-authority': string } },
  ];
}

const nameOf = (index: number): string => `pod-${index}`;

const uidOf = (object: Readonly<Record<string, unknown>>): string =>
  String(fieldsOf(object['metadata'])['uid']);

const podOf = (index: number): object => ({
  metadata: { name: nameOf(index), labels: { app: nameOf(index) } },
  spec: {
    nodeName: node,
    containers: Array.from({ length: containers }, (_, at) => ({
      name: `container-${at}`,
      image: 'registry.example.org/shop/server:1.27',
      resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '64Mi' } },
    })),
  },
});

const agentPod = {
  metadata: { name: 'realmem-agent' },
  spec: {
    nodeName: node,
    serviceAccountName: 'realmem',
    containers: [{ name: 'agent', image: 'registry.example.org/realmem:0.1.0' }],
  },
};

const tokenFor = (pod: Readonly<Record<string, unknown>>): object => ({
  apiVersion: 'authentication.k8s.io/v1',
  kind: 'TokenRequest',
  spec: {
    boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: agentPod.metadata.name, uid: uidOf(pod) },
  },
});
