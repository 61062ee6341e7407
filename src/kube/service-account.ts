/** The cluster as a pod sees it: the kubelet sets the API server's address, and mounts the service account's files. */
import fs from 'node:fs';
import path from 'node:path';
import { ticks } from '../edges/clock.ts';
import { serviceAccountToken } from '../edges/process.ts';
import { InputError } from '../model/located-error.ts';
import type { Access, Impersonate } from './client.ts';

/** How long a token is used before its file is read again. A kubelet replaces it long before it expires. */
const tokenMs = 60_000;

export interface ServiceAccountOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly impersonate?: Impersonate | undefined;
  readonly directory?: string;
}

/**
 * The Kubernetes library reads the same files, and loads support for every kind of kubeconfig first: 2.5 MB, which an agent
 * would keep for ever.
 * @throws InputError without the address of the API server
 */
export function openServiceAccount({
  env,
  impersonate,
  directory = path.dirname(serviceAccountToken),
}: ServiceAccountOptions) {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (!host || !port)
    throw new InputError({
      where: 'KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT',
      expected: 'the address of the API server, beside the service account of this pod',
      got: `${host || 'no host'} and ${port || 'no port'}`,
      todo: 'pass --kubeconfig FILE',
    });
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const read = (name: string): string => fs.readFileSync(path.join(directory, name), 'utf8').trim();
  let token = { text: '', readAt: Number.NEGATIVE_INFINITY };
  const credentials = async (): Promise<Access> => {
    if (ticks() - token.readAt >= tokenMs) token = { text: read('token'), readAt: ticks() };
    return {
      server,
      ca: read('ca.crt'),
      authorization: `Bearer ${token.text}`,
      ...(impersonate !== undefined && { impersonate }),
    };
  };
  const namespace = fs.existsSync(path.join(directory, 'namespace')) ? read('namespace') : '';
  return { credentials, server, context: 'in-cluster', ...(namespace !== '' && { namespace }) };
}
