/** Reads server, credentials and certificates of the cluster from a kubeconfig, or from a pod's service account. */
import fs from 'node:fs';
import type { RequestOptions } from 'node:https';
import path from 'node:path';
import type { Cluster, KubeConfig } from '@kubernetes/client-node';
import { serviceAccountToken } from '../edges/process.ts';
import { codeOf, InputError, messageOf, UsageError } from '../model/located-error.ts';
import { printable, quoted } from '../model/text.ts';
import type { Access, Impersonate } from './client.ts';
import { openServiceAccount } from './service-account.ts';

/** A cluster, and the user whose credentials a kubeconfig or a pod has. */
export interface ClusterAccess {
  /** Returns the current credentials. Call it before each request: tokens and certificates rotate. */
  readonly credentials: () => Promise<Access>;
  /** URL of the API server. */
  readonly server: string;
  /** Name of the context. */
  readonly context: string;
  /** Namespace of the context. */
  readonly namespace?: string;
}

export interface AccessOptions {
  /** Path of a kubeconfig. Default: `KUBECONFIG`, then the pod's service account, then `~/.kube/config`. */
  readonly file?: string | undefined;
  /** The context to use instead of the current one. */
  readonly context?: string | undefined;
  readonly impersonate?: Impersonate;
  readonly env: Environment;
}

/** The names of the contexts in a kubeconfig. @throws InputError, UsageError as `openAccess` */
export async function contextNames(options: Pick<AccessOptions, 'file' | 'env'>): Promise<readonly string[]> {
  return (await loadConfig(options)).getContexts().map(({ name }) => name);
}

/**
 * Loads a kubeconfig. The client library is imported lazily, because it loads every generated model: some 80 MB.
 * @throws InputError when the kubeconfig is missing or unreadable
 */
async function loadConfig({ file, env }: Pick<AccessOptions, 'file' | 'env'>): Promise<KubeConfig> {
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
      if (isOnlyServiceAccount(env)) {
        this.loadFromCluster();
        return;
      }
      if (first === undefined)
        throw new UsageError(
          'no kubeconfig found (looked in $KUBECONFIG and ~/.kube/config); pass --kubeconfig FILE',
        );
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
    if (error instanceof UsageError) throw error;
    const where = file ?? 'kubeconfig';
    if (codeOf(error) === 'ENOENT')
      throw new UsageError(`no kubeconfig found: ${printable(messageOf(error))}`);
    throw new InputError({ where, expected: 'a kubeconfig', got: messageOf(error) });
  }
  return config;
}

/** @throws InputError when the kubeconfig is missing or unreadable, or lacks the context */
export async function openAccess({ file, context, impersonate, env }: AccessOptions): Promise<ClusterAccess> {
  if (file === undefined && context === undefined && isOnlyServiceAccount(env))
    return openServiceAccount({ env, impersonate });
  const config = await loadConfig({ file, env });
  if (context !== undefined) {
    const known = config.getContexts().map(({ name }) => name);
    if (!known.includes(context))
      throw new UsageError(
        `context ${quoted(context)} does not exist in ${printable(file ?? 'the kubeconfig')}; contexts: ${known.map((name) => printable(name)).join(', ') || 'none'}`,
      );
    config.setCurrentContext(context);
  }
  const where = printable(file ?? 'the kubeconfig ($KUBECONFIG, ~/.kube/config)');
  const current = config.getContextObject(config.getCurrentContext());
  if (current === null)
    throw new UsageError(
      `no current context in ${where}; run kubectl config use-context CONTEXT, or pass --context NAME`,
    );
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw new UsageError(
      `context ${quoted(current.name)} names the cluster ${quoted(current.cluster)}, which is not in ${where}`,
    );
  return accessTo(config, cluster, impersonate);
}

/** As kubectl, accepts plain HTTP (`kubectl proxy`) and a context without a user. The library needs flags for both. */
function accessTo(config: KubeConfig, cluster: Cluster, impersonate: Impersonate | undefined): ClusterAccess {
  const { name, server } = cluster;
  if (server.startsWith('http:'))
    config.clusters = config.clusters.map((one) =>
      one.name === name ? { ...one, skipTLSVerify: true } : one,
    );
  const context = config.getContextObject(config.getCurrentContext());
  if (config.getCurrentUser() === null) config.users = [...config.users, { name: context?.user ?? '' }];
  const namespace = context?.namespace;
  return {
    credentials: accessOf(config, impersonate),
    server,
    context: config.getCurrentContext(),
    ...(namespace !== undefined && namespace !== '' && { namespace }),
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** As kubectl finds them: files of KUBECONFIG that exist, else the config of the first home that has one. */
export function kubeconfigsOf(env: Environment): readonly string[] {
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

/** Whether this is a pod with a service account and without a kubeconfig. */
const isOnlyServiceAccount = (env: Environment): boolean =>
  kubeconfigsOf(env).length === 0 && fs.existsSync(serviceAccountToken);

interface NamedUser {
  readonly name: string;
  readonly user?: { readonly tokenFile?: string };
}

/**
 * A function that returns the current credentials. The library rereads the CA file each time, and a token file when its copy
 * is a minute old: a kubelet writes a new token long before the old one expires.
 * @param impersonate overrides the user that the kubeconfig impersonates (`as`)
 */
export function accessOf(config: KubeConfig, impersonate?: Impersonate): () => Promise<Access> {
  return async () => {
    const options: RequestOptions = { headers: {} };
    await config.applyToHTTPSOptions(options);
    const { ca, cert, key, servername, rejectUnauthorized } = options;
    const headers = options.headers as Readonly<Record<string, unknown>>;
    const { Authorization: authorization, 'Impersonate-User': as } = headers;
    return {
      server: config.getCurrentCluster()?.server ?? '',
      // A token file may end in a newline, which a header must not contain.
      ...(typeof authorization === 'string' && { authorization: authorization.trim() }),
      ...(impersonate !== undefined
        ? { impersonate }
        : typeof as === 'string' && { impersonate: { user: as, groups: [] } }),
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
