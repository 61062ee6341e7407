/** Checks the connection to the API server: who answers, how fast, and by which clock. */

import { ApiError } from '../kube/api-error.ts';
import type { Kube } from '../kube/client.ts';
import { fieldsOf, textOf } from '../model/json.ts';
import { formatSpan, rfc3339 } from '../model/time.ts';
import { type Check, fail, ok, warn } from './check.ts';

/** What the checks of a cluster get from outside. */
export interface ClusterWorld {
  readonly kube: Pick<Kube, 'call' | 'list'>;
  /** URL of the API server. */
  readonly server: string;
  readonly context: string;
  /** Turns an API error into one with kubectl's words. */
  readonly printed: (error: unknown) => unknown;
  /** Milliseconds since 1970 by the local clock. */
  readonly now: () => number;
  /** Milliseconds of a monotonic clock. */
  readonly ticks: () => number;
  /** Milliseconds since 1970 by the API server's clock, in its last answer. Undefined: unknown. */
  readonly served: () => number | undefined;
}

/** Tokens name their node, and admission policies are stable, since this minor version. */
const leastMinor = 30;
const slowMs = 1_000;
/** As the agents (agent/wall-clock.ts). */
const apartMs = 5 * 60_000;

export interface CheckedApi {
  readonly checks: readonly Check[];
  readonly isReachable: boolean;
  /** Milliseconds since 1970, by the API server's clock if it is known. */
  readonly at: number;
}

export async function checkApi(world: ClusterWorld): Promise<CheckedApi> {
  const { kube, server, context, printed, now, ticks, served } = world;
  const config = ok('kubeconfig', `context ${context}, server ${server}`);
  const first = await ask(kube);
  const begun = ticks();
  // The first call also made the connection and got the credentials.
  const answer = first instanceof ApiError ? first : await ask(kube);
  const tookMs = Math.round(ticks() - begun);
  const local = now();
  const at = served() ?? local;
  if (answer instanceof ApiError && (answer.status === 0 || answer.status === 401)) {
    const { message } = printed(answer) as Error;
    const todo = answer.status === 401 ? 'log in again' : 'kubectl cluster-info, with the same kubeconfig';
    return { checks: [config, fail('API server', message, todo)], isReachable: false, at };
  }
  return {
    checks: [
      config,
      ...(answer instanceof ApiError
        ? [warn('API server', `its version is unknown: ${answer.message}`)]
        : [versionOf(answer), latencyOf(tookMs)]),
      clockOf(local, served()),
    ],
    isReachable: true,
    at,
  };
}

async function ask(kube: ClusterWorld['kube']): Promise<unknown> {
  try {
    return await kube.call({ path: '/version' });
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

function versionOf(answer: unknown): Check {
  const name = 'API server';
  const { gitVersion, major, minor } = fieldsOf(answer);
  const shown = textOf(gitVersion) ?? `${textOf(major) ?? '?'}.${textOf(minor) ?? '?'}`;
  const number = Number.parseInt(textOf(minor) ?? '', 10);
  if (!(number < leastMinor)) return ok(name, `Kubernetes ${shown}`);
  return warn(
    name,
    `Kubernetes ${shown}. Before 1.${leastMinor} no policy can restrict an agent to its node, so agents write no annotations.`,
    `upgrade to 1.${leastMinor} or newer; metrics and each agent's own report work`,
  );
}

const latencyOf = (tookMs: number): Check =>
  tookMs > slowMs
    ? warn('latency', `one answer took ${tookMs} ms`, 'check the network, or the load of the API server')
    : ok('latency', `one answer took ${tookMs} ms`);

function clockOf(local: number, served: number | undefined): Check {
  const name = 'clock';
  if (served === undefined) return ok(name, 'the API server sends no date to compare with');
  const apart = local - served;
  const span = formatSpan(Math.abs(apart) / 1000);
  if (Math.abs(apart) <= apartMs)
    return ok(name, `at most ${formatSpan(apartMs / 1000)} from the API server's`);
  return warn(
    name,
    `this machine shows ${rfc3339(local)}, ${span} ${apart > 0 ? 'ahead of' : 'behind'} the API server`,
    'set the clock of this machine: timedatectl',
  );
}
