/** How to reach the cluster: from a kubeconfig, or from inside a pod. */
import fs from 'node:fs';
import type { RequestOptions } from 'node:https';
import path from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { InputError, messageOf } from '../model/located-error.ts';
import type { Access } from './client.ts';

/**
 * The library is loaded here and only when a cluster is asked for: it brings every generated model, some 80 MB.
 * @param file a kubeconfig; undefined: `KUBECONFIG`, the pod's own service account, or `~/.kube/config`
 * @param context another than its current one
 * @returns what to ask before each call, since tokens and certificates rotate: the library reads them again in time
 * @throws InputFault
 */
export async function openAccess(file: string | undefined, context?: string): Promise<() => Promise<Access>> {
  const { KubeConfig, loadYaml } = await import('@kubernetes/client-node');

  /** The library knows files of tokens only from inside a pod, and passes over those that a kubeconfig names. */
  class Config extends KubeConfig {
    override loadFromFile(file: string): void {
      super.loadFromFile(file);
      const { users } = loadYaml<{ users?: readonly NamedUser[] }>(fs.readFileSync(file, 'utf8'));
      const files = new Map(users?.map(({ name, user }) => [name, user?.tokenFile]));
      this.users = this.users.map((user) => {
        const tokenFile = files.get(user.name);
        if (tokenFile === undefined) return user;
        const { token: _, ...rest } = user;
        const config = { tokenFile: path.resolve(path.dirname(file), tokenFile) };
        return { ...rest, authProvider: { name: 'tokenFile', config } };
      });
    }
  }

  const config = new Config();
  try {
    if (file === undefined) config.loadFromDefault();
    else config.loadFromFile(file);
  } catch (error) {
    throw new InputError({ where: file ?? 'kubeconfig', expected: 'a kubeconfig', got: messageOf(error) });
  }
  if (context !== undefined) {
    const known = config.getContexts().map(({ name }) => name);
    if (!known.includes(context))
      throw new InputError({
        where: file ?? 'kubeconfig',
        expected: `one of the contexts ${known.join(', ')}`,
        got: context,
      });
    config.setCurrentContext(context);
  }
  if (config.getCurrentCluster() === null)
    throw new InputError({
      where: file ?? 'kubeconfig',
      expected: 'a current context',
      got: 'none',
      todo: 'kubectl config use-context',
    });
  return accessOf(config);
}

interface NamedUser {
  readonly name: string;
  readonly user?: { readonly tokenFile?: string };
}

/**
 * What to ask before each call. The library reads the file of the authority each time, and that of a token when what it
 * read is a minute old: a kubelet writes a new one long before the old one ends.
 */
export function accessOf(config: KubeConfig): () => Promise<Access> {
  return async () => {
    const options: RequestOptions = { headers: {} };
    await config.applyToHTTPSOptions(options);
    const { ca, cert, key, servername, rejectUnauthorized } = options;
    const authorization = (options.headers as Readonly<Record<string, unknown>>)['Authorization'];
    return {
      server: config.getCurrentCluster()?.server ?? '',
      // A file of a token may end in a newline, which no header may.
      ...(typeof authorization === 'string' && { authorization: authorization.trim() }),
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
