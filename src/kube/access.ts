/** Reads server, credentials and certificates of the cluster from a kubeconfig, or from a pod's service account. */
import fs from 'node:fs';
import type { RequestOptions } from 'node:https';
import path from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { serviceAccountToken } from '../edges/process.ts';
import { InputError, messageOf } from '../model/located-error.ts';
import type { Access } from './client.ts';

/**
 * Loads a kubeconfig. The client library is imported lazily, because it loads every generated model: some 80 MB.
 * @param file path of a kubeconfig. Undefined: `KUBECONFIG`, then the pod's service account, then `~/.kube/config`
 * @param context the context to use instead of the current one
 * @returns a function to call before each request: tokens and certificates rotate, and the library rereads them
 * @throws InputError when the kubeconfig is unreadable, or lacks the context
 */
export async function openAccess(
  file: string | undefined,
  env: Environment,
  context?: string,
): Promise<() => Promise<Access>> {
  const { KubeConfig, loadYaml } = await import('@kubernetes/client-node');

  /** Adds support for `tokenFile` in a kubeconfig, which the library ignores. */
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

    loadFromEnvironment(): void {
      const [first, ...others] = kubeconfigsOf(env);
      if (first === undefined && fs.existsSync(serviceAccountToken)) {
        this.loadFromCluster();
        return;
      }
      if (first === undefined)
        throw new InputError({
          where: 'kubeconfig',
          expected: 'a file in KUBECONFIG, or ~/.kube/config',
          got: 'none',
          todo: 'give --kubeconfig FILE',
        });
      this.loadFromFile(first);
      for (const other of others) {
        const more = new Config();
        more.loadFromFile(other);
        this.addMissing(more);
      }
    }

    /** Merges as kubectl does: the first file that sets a name or the current context wins. `mergeConfig` does not. */
    private addMissing({ clusters, users, contexts, currentContext }: KubeConfig): void {
      const merged = <Entry extends { readonly name: string }>(own: Entry[], more: Entry[]): Entry[] => {
        const names = new Set(own.map(({ name }) => name));
        return [...own, ...more.filter(({ name }) => !names.has(name))];
      };
      this.clusters = merged(this.clusters, clusters);
      this.users = merged(this.users, users);
      this.contexts = merged(this.contexts, contexts);
      this.currentContext ||= currentContext;
    }
  }

  const config = new Config();
  try {
    if (file === undefined) config.loadFromEnvironment();
    else config.loadFromFile(file);
  } catch (error) {
    if (error instanceof InputError) throw error;
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
      where: file ?? '$KUBECONFIG, ~/.kube/config',
      expected: 'a current context',
      got: 'none',
      todo: 'run kubectl config use-context CONTEXT, or pass --kubeconfig FILE',
    });
  return accessOf(config);
}

type Environment = Readonly<Record<string, string | undefined>>;

/** As kubectl finds them: files of KUBECONFIG that exist, else the config of the first home that has one. */
function kubeconfigsOf(env: Environment): readonly string[] {
  const named = (env['KUBECONFIG'] ?? '').split(path.delimiter).filter((file) => file !== '');
  const [first] = named;
  if (first !== undefined) {
    const found = named.filter((file) => fs.existsSync(file));
    // If all are missing, the error names the first.
    return found.length > 0 ? found : [first];
  }
  const drive = env['HOMEDRIVE'] && env['HOMEPATH'] && path.join(env['HOMEDRIVE'], env['HOMEPATH']);
  const files = [env['HOME'], drive, env['USERPROFILE']].flatMap((home) =>
    home ? path.join(home, '.kube/config') : [],
  );
  return files.filter((file) => fs.existsSync(file)).slice(0, 1);
}

interface NamedUser {
  readonly name: string;
  readonly user?: { readonly tokenFile?: string };
}

/**
 * A function that returns the current credentials. The library rereads the CA file each time, and a token file when its copy
 * is a minute old: a kubelet writes a new token long before the old one expires.
 */
export function accessOf(config: KubeConfig): () => Promise<Access> {
  return async () => {
    const options: RequestOptions = { headers: {} };
    await config.applyToHTTPSOptions(options);
    const { ca, cert, key, servername, rejectUnauthorized } = options;
    const authorization = (options.headers as Readonly<Record<string, unknown>>)['Authorization'];
    return {
      server: config.getCurrentCluster()?.server ?? '',
      // A token file may end in a newline, which a header must not contain.
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
