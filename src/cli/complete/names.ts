/** Names of objects in a cluster that complete what a user types. */
import { ApiError } from '../../kube/api-error.ts';
import type { Kube } from '../../kube/client.ts';
import { eachPage, metadataOnly } from '../../kube/pages.ts';
import { fieldsOf, textOf } from '../../model/json.ts';

/** More do not fit on a screen. */
export const mostNames = 200;
const pageSize = 500;

/** A pod may have a megabyte and a half. */
const mostPodBytes = 2 * 1024 * 1024;

/** The API to ask, with the user's rights. */
export interface CompletionSource {
  readonly kube: Kube;
  /** Ends the search. */
  readonly signal: AbortSignal;
}

export interface NameScope {
  /** Of the flag `-n`. */
  readonly namespace?: string;
  /** Of the context: read where the user may not read the whole cluster. */
  readonly contextNamespace?: string;
}

type Pick = (name: string, namespace: string) => string | undefined;

interface Found {
  readonly values: readonly string[];
  /** No page is left. */
  readonly isWhole: boolean;
}

const pathOf = (namespace: string, resource: string): string =>
  namespace === '' ? `/${resource}` : `/namespaces/${encodeURIComponent(namespace)}/${resource}`;

/** Reads pages until there are enough names, or until the deadline. @throws ApiError */
async function collect(
  { kube, signal }: CompletionSource,
  path: string,
  pick: Pick,
  pages = Number.POSITIVE_INFINITY,
): Promise<Found> {
  const values: string[] = [];
  let isWhole = false;
  let count = 0;
  const read = async (page: string): Promise<unknown> => {
    const call = { path: page, signal, accept: metadataOnly };
    const list = await kube.list(
      call,
      (item) => {
        const { name, namespace } = fieldsOf(fieldsOf(item)['metadata']);
        const value = pick(textOf(name) ?? '', textOf(namespace) ?? '');
        if (value !== undefined && values.length < mostNames) values.push(value);
      },
      { large: () => {}, cut: () => {} },
    );
    isWhole = (textOf(fieldsOf(fieldsOf(list)['metadata'])['continue']) ?? '') === '';
    count++;
    // A list without a token is the last one.
    return values.length >= mostNames || count >= pages ? {} : list;
  };
  try {
    await eachPage(path, pageSize, read, () => {
      values.length = 0;
    });
  } catch (error) {
    // Some names in time are better than none.
    if (!signal.aborted) throw error;
    isWhole = false;
  }
  return { values, isWhole };
}

const beginning =
  (prefix: string): Pick =>
  (name) =>
    name.startsWith(prefix) ? name : undefined;

/** @throws ApiError */
export const namespaces = async (source: CompletionSource, prefix: string): Promise<readonly string[]> =>
  (await collect(source, '/api/v1/namespaces', beginning(prefix))).values;

/** @throws ApiError */
export const nodes = async (source: CompletionSource, prefix: string): Promise<readonly string[]> =>
  (await collect(source, '/api/v1/nodes', beginning(prefix))).values;

/**
 * `POD` in the namespace of `-n`; else `NAMESPACE/POD`, in a large cluster first `NAMESPACE/`, or `POD` if the prefix is that of a
 * pod. After `NAMESPACE/POD/` the containers.
 * @throws ApiError
 */
export async function pods(
  source: CompletionSource,
  prefix: string,
  scope: NameScope,
): Promise<readonly string[]> {
  const parts = prefix.split('/');
  const given = scope.namespace ?? (parts.length > 1 ? parts[0] : undefined);
  const [pod = '', container] = scope.namespace === undefined ? parts.slice(1) : parts;
  const before = scope.namespace === undefined ? `${given}/` : '';
  if (given !== undefined && container !== undefined)
    return containers(source, given, pod, `${before}${pod}/`, container);
  if (given !== undefined) {
    const pick: Pick = (name) => (name.startsWith(pod) ? `${before}${name}` : undefined);
    return (await collect(source, `/api/v1${pathOf(given, 'pods')}`, pick)).values;
  }
  const pick: Pick = (name, namespace) => {
    const whole = `${namespace}/${name}`;
    if (whole.startsWith(prefix)) return whole;
    return name.startsWith(prefix) ? name : undefined;
  };
  const { values, isWhole } = await everywhere(scope, (namespace) =>
    collect(source, `/api/v1${pathOf(namespace, 'pods')}`, pick, 1),
  );
  if (isWhole && values.length < mostNames) return values;
  const found = await namespaces(source, prefix).catch(() => []);
  return found.length === 0 ? values : found.map((name) => `${name}/`);
}

/** Reads the whole cluster; without the right to, the namespace of the context. @throws ApiError */
async function everywhere<Result>(
  { contextNamespace }: NameScope,
  read: (namespace: string) => Promise<Result>,
): Promise<Result> {
  try {
    return await read('');
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    return read(contextNamespace ?? 'default');
  }
}

async function containers(
  { kube, signal }: CompletionSource,
  namespace: string,
  pod: string,
  before: string,
  prefix: string,
): Promise<readonly string[]> {
  const path = `/api/v1${pathOf(namespace, 'pods')}/${encodeURIComponent(pod)}`;
  const spec = fieldsOf(fieldsOf(await kube.call({ path, signal, mostBytes: mostPodBytes }))['spec']);
  return ['containers', 'initContainers']
    .flatMap((kind) => (Array.isArray(spec[kind]) ? spec[kind] : []))
    .map((one: unknown) => textOf(fieldsOf(one)['name']) ?? '')
    .filter((name) => name.startsWith(prefix))
    .map((name) => `${before}${name}`);
}

export const kindsOfWorkloads = ['deployment', 'statefulset', 'daemonset', 'cronjob'] as const;

/** `deployment/NAME`, or the name alone if the prefix is that of a name. @throws ApiError */
export async function workloads(
  source: CompletionSource,
  prefix: string,
  scope: NameScope,
): Promise<readonly string[]> {
  const listsOf = (namespace: string): Promise<readonly (readonly string[])[]> =>
    Promise.all(
      kindsOfWorkloads.map(async (kind) => {
        const group = kind === 'cronjob' ? 'batch' : 'apps';
        const path = `/apis/${group}/v1${pathOf(namespace, `${kind}s`)}`;
        const pick: Pick = (name) =>
          [`${kind}/${name}`, name].find((value) => value.startsWith(prefix.toLowerCase()));
        return (await collect(source, path, pick)).values;
      }),
    );
  const { namespace } = scope;
  const lists = await (namespace === undefined ? everywhere(scope, listsOf) : listsOf(namespace));
  return [...new Set(lists.flat())];
}
