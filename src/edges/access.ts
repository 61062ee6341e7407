/** How to reach the cluster: from a kubeconfig, or from inside a pod. */
import type { RequestOptions } from 'node:https';
import { InputFault, messageOf } from '../model/fault.ts';
import type { Access } from './kube.ts';

/**
 * The library is loaded here and only when a cluster is asked for: it brings every generated model, some 80 MB.
 * @param file a kubeconfig; undefined: `KUBECONFIG`, the pod's own service account, or `~/.kube/config`
 * @returns what to ask before each call, since tokens and certificates rotate: the library reads them again in time
 * @throws InputFault
 */
export async function openAccess(file: string | undefined): Promise<() => Promise<Access>> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    if (file === undefined) config.loadFromDefault();
    else config.loadFromFile(file);
  } catch (error) {
    throw new InputFault({ where: file ?? 'kubeconfig', expected: 'a kubeconfig', got: messageOf(error) });
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw new InputFault({
      where: file ?? 'kubeconfig',
      expected: 'a current context',
      got: 'none',
      todo: 'kubectl config use-context',
    });
  return async () => {
    const options: RequestOptions = { headers: {} };
    await config.applyToHTTPSOptions(options);
    const { ca, cert, key, servername, rejectUnauthorized } = options;
    const authorization = (options.headers as Readonly<Record<string, unknown>>)['Authorization'];
    return {
      server: cluster.server,
      ...(typeof authorization === 'string' && { authorization }),
      ...(isPem(ca) && { ca }),
      ...(isPem(cert) && { cert }),
      ...(isPem(key) && { key }),
      ...(servername !== undefined && { servername }),
      ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
    };
  };
}

const isPem = (value: unknown): value is string | Buffer =>
  typeof value === 'string' || Buffer.isBuffer(value);
