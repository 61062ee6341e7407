/** Runs a real metrics-server as a process of this machine, behind the API server. */
import fs from 'node:fs';
import type { Bed } from '../bed/bed.ts';
import { binary } from '../bed/binaries.ts';
import { issue, pki } from '../bed/certificates.ts';
import { kubeconfig, nodeAddress } from '../machine/paths.ts';
import { start, stop } from '../machine/processes.ts';

const name = 'metrics-server';
const namespace = 'kube-system';
const port = 14443;
const api = 'v1beta1.metrics.k8s.io';

export async function startMetricsServer(bed: Bed): Promise<void> {
  await issue(name, `/CN=${name}`, [`DNS:${name}.${namespace}.svc`]);
  const admin = kubeconfig('admin');
  await start(name, binary(name), [
    `--bind-address=${nodeAddress}`,
    `--secure-port=${port}`,
    `--tls-cert-file=${pki(`${name}.crt`)}`,
    `--tls-private-key-file=${pki(`${name}.key`)}`,
    ...['--kubeconfig', '--authentication-kubeconfig', '--authorization-kubeconfig'].map(
      (flag) => `${flag}=${admin}`,
    ),
    // There is no front-proxy configuration to look up (see `manifests`).
    '--authentication-skip-lookup',
    `--kubelet-certificate-authority=${pki('ca.crt')}`,
    '--kubelet-preferred-address-types=InternalIP',
    // The shortest resolution that metrics-server accepts.
    '--metric-resolution=10s',
    '--kubelet-request-timeout=9s',
  ]);
  await bed.apply(manifests());
}

export async function stopMetricsServer(bed: Bed): Promise<void> {
  // The APIService goes first: without a server behind it, API discovery fails for every client.
  await bed.kubectl('delete', 'apiservice', api, '--ignore-not-found');
  await bed.kubectl('delete', 'service', name, '--namespace', namespace, '--ignore-not-found');
  await bed.kubectl('delete', 'clusterrole,clusterrolebinding', name, '--ignore-not-found');
  await stop(name, 5_000);
}

/**
 * This API server has no front-proxy client certificate, so metrics-server sees every request as anonymous. The
 * anonymous user therefore gets the rights that the test needs.
 */
const manifests = (): string => `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec: {type: ExternalName, externalName: ${nodeAddress}, ports: [{port: ${port}}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ${name}}
rules:
- {apiGroups: [metrics.k8s.io], resources: [pods, nodes], verbs: [get, list]}
- {nonResourceURLs: [/apis/metrics.k8s.io/*], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: ${name}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${name}}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: 'system:anonymous'}]
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: ${api}}
spec:
  service: {name: ${name}, namespace: ${namespace}, port: ${port}}
  group: metrics.k8s.io
  version: v1beta1
  caBundle: ${fs.readFileSync(pki('ca.crt')).toString('base64')}
  groupPriorityMinimum: 100
  versionPriority: 100
`;
