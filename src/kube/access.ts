/** How to reach the cluster: from a kubeconfig, or from inside a pod. */
import fs from 'node:fs';
import type { RequestOptions } from 'node:https';
import path from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { serviceAccountToken } from '../edges/process.ts';
import { InputError, messageOf } from '../model/located-error.ts';
import type { Access } from './client.ts';

/**
 * The library is loaded here and only when a cluster is asked for: it brings every generated model, some 80 MB.
 * @param file a kubeconfig; undefined: those of `KUBECONFIG`, `~/.kube/config`, or the pod's own service account
 * @param env where `KUBECONFIG` and the home are: the library reads those of the process
 * @param context another than its current one
 * @returns what to ask before each call, since tokens and certificates rotate: the library reads them again in time
 * @throws InputFault
 */
export async function openAccess(
  file: string | undefined,
  env: Environment,
  context?: string,
): Promise<() => Promise<Access>> {
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
        this.mergeConfig(more);
      }
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
      where: file ?? 'kubeconfig',
      expected: 'a current context',
      got: 'none',
      todo: 'kubectl config use-context',
    });
  return accessOf(config);
}

type Environment = Readonly<Record<string, string | undefined>>;

/** As kubectl finds them: the first home with one has it. */
function kubeconfigsOf(env: Environment): readonly string[] {
  const named = (env['KUBECONFIG'] ?? '').split(path.delimiter).filter((file) => file !== '');
  if (named.length > 0) return named;
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
