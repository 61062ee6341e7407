/** Flags of the commands that read a cluster, named and worded as kubectl's. */

import type { Io } from '../edges/process.ts';
import { openAccess } from '../kube/access.ts';
import { type Call, openKube, type TunnelKube } from '../kube/client.ts';
import { asPrinted } from '../kube/printed-error.ts';
import { UsageError } from '../model/located-error.ts';
import { quoted } from '../model/text.ts';
import type { Flags, Parsed } from './flags.ts';

export const connectionFlags: Flags = {
  context: { takes: 'NAME', about: 'context of the kubeconfig (its current one)' },
  kubeconfig: { takes: 'FILE', about: 'path to the kubeconfig (as kubectl finds it)' },
  as: { takes: 'USER', about: 'user to impersonate' },
  'as-group': { takes: 'GROUPS', about: 'groups to impersonate, separated by commas; needs --as' },
  'request-timeout': {
    takes: 'TIME',
    about: 'how long to wait for each answer of the API server: 30s, 2m; 0: no limit',
  },
};

/** For commands that can read this machine or a cluster. */
export const clusterFlags: Flags = {
  ...connectionFlags,
  local: { about: 'read this machine, also as kubectl realmem' },
};

/** Flags that choose pods. @param verb what the command does with them: `list` */
export const podFlags = (verb: string) =>
  ({
    namespace: { short: 'n', takes: 'NAMESPACE', about: `${verb} only pods of this namespace` },
    'all-namespaces': { short: 'A', about: `${verb} pods of all namespaces; overrides -n` },
    selector: {
      short: 'l',
      takes: 'SELECTOR',
      about: `${verb} only pods with these labels: app=web,tier!=test`,
    },
  }) satisfies Flags;

/** The namespace to choose. Undefined: all. */
export const namespaceIn = ({ values, switches }: Parsed): string | undefined =>
  switches.has('all-namespaces') ? undefined : values['namespace'];

/** Flags that name a cluster. */
const naming = ['context', 'kubeconfig', 'as'] as const;

/**
 * Whether a command reads the cluster: as `kubectl realmem`, or if a flag names a cluster. `--local` and the flags that name
 * files mean this machine.
 * @param files flags that name files to read instead of the cluster
 * @throws UsageError for both
 */
export function readsCluster(
  { values, switches }: Parsed,
  { isPlugin }: Pick<Io, 'isPlugin'>,
  files: readonly string[],
): boolean {
  const named = naming.find((flag) => values[flag] !== undefined);
  const file = files.find((flag) => values[flag] !== undefined);
  const local = switches.has('local') ? 'local' : file;
  if (named !== undefined && local !== undefined)
    throw new UsageError(
      `--${named} reads a cluster, --${local} reads ${local === 'local' ? 'this machine' : 'files'}; pass one of them`,
    );
  return named !== undefined || (isPlugin && local === undefined);
}

export interface OpenCluster {
  /** URL of the API server. */
  readonly server: string;
  readonly context: string;
  readonly kube: TunnelKube;
  /** Namespace of the context. */
  readonly namespace?: string;
  /** The user's limit for each answer, for callers that set deadlines themselves. */
  readonly deadlineMs?: number;
  /** Turns an API error into one with kubectl's words. */
  readonly printed: (error: unknown) => unknown;
}

/**
 * Opens the cluster that the flags name. The caller closes `kube`.
 * @throws UsageError, InputError when the kubeconfig does not name a cluster
 */
export async function connectCluster(
  { values }: Pick<Parsed, 'values'>,
  io: Pick<Io, 'env'>,
  onServerTime?: (at: number) => void,
): Promise<OpenCluster> {
  const { context, kubeconfig: file, as: user, 'as-group': groups } = values;
  const deadlineMs = timeoutOf(values['request-timeout']);
  if (user === undefined && groups !== undefined) throw new UsageError('--as-group needs --as USER');
  const {
    credentials,
    server,
    context: current,
    namespace,
  } = await openAccess({
    ...{ file, context, env: io.env },
    ...(user !== undefined && {
      impersonate: { user, groups: groups === undefined ? [] : groups.split(',') },
    }),
  });
  return {
    kube: withDeadline(openKube(credentials, onServerTime), deadlineMs),
    ...{ server, context: current },
    ...(namespace !== undefined && { namespace }),
    ...(deadlineMs !== undefined && { deadlineMs }),
    printed: (error) => asPrinted(error, server),
  };
}

/** Applies the user's limit to each call, instead of the call's own. */
function withDeadline(kube: TunnelKube, deadlineMs: number | undefined): TunnelKube {
  if (deadlineMs === undefined) return kube;
  const limited = (call: Call): Call => ({ ...call, deadlineMs });
  return {
    call: (call) => kube.call(limited(call)),
    list: (call, each, unread) => kube.list(limited(call), each, unread),
    lines: (call) => kube.lines(limited(call)),
    // Its caller sets the deadline.
    upgrade: (call) => kube.upgrade(call),
    close: () => kube.close(),
  };
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
/** `--request-timeout 0`: the longest wait of a timer, about 24 days. */
const longestMs = 2 ** 31 - 1;

/** A duration as kubectl takes it: `30s`, `1m30s`, or a bare number of seconds. */
function timeoutOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return text === '0' ? longestMs : Math.min(longestMs, Number(text) * 1_000);
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const ms = parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (unitMs[unit] ?? 0), 0);
  if (parts.map(([all]) => all).join('') !== text || ms < 1)
    throw new UsageError(
      `--request-timeout: expected a time with its unit such as 30s or 2m, got ${quoted(text)}`,
    );
  return Math.min(longestMs, ms);
}
