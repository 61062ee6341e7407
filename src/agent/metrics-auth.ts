/**
 * Who may read the metrics: who the API server takes a bearer token for, and whether it lets them `get` the path /metrics. As
 * kube-rbac-proxy does it, so that the same roles serve. Loaded when it is asked for.
 */
import { type Answer, plain, type Site } from '../http/listener.ts';
import type { Api } from '../kube/api.ts';
import { messageOf } from '../model/located-error.ts';
import { printable } from '../model/text.ts';

export interface MetricsAuthOptions {
  readonly api: Api;
  readonly digestOf: (text: string) => string;
  readonly ticks: () => number;
  /** Told why the API could not be asked, when that changes. */
  readonly warn: (message: string) => void;
}

/** As long as the API server itself trusts the answer of a webhook. */
const allowedMs = 120_000;
const refusedMs = 30_000;
/** Of each kind: a stranger's tokens do not displace those that are good. */
const mostAnswers = 256;

const callMs = 3_000;
/**
 * The API, and the agent's own four connections to it, are spared what a stranger makes the agent ask: calls at a time, those that
 * wait, and the pace of one source.
 */
const mostAtOnce = 2;
const mostWaiting = 64;
const paceMs = 1_000;
const mostSources = 1_024;

const laterHeaders = { 'retry-after': '1' };

export function metricsAuth({ api, digestOf, ticks, warn }: MetricsAuthOptions): NonNullable<Site['refuse']> {
  const allowed = new Map<string, { readonly until: number }>();
  const refused = new Map<string, { readonly until: number; readonly answer: Answer }>();
  const underWay = new Map<string, Promise<Answer | undefined>>();
  const askedAt = new Map<string, number>();
  const waiting: (() => void)[] = [];
  let running = 0;
  let trouble = '';

  const review = async (token: string, key: string): Promise<Answer | undefined> => {
    if (running < mostAtOnce) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      const answer = await askApi(api, token);
      trouble = '';
      if (answer === undefined) remember(allowed, key, { until: ticks() + allowedMs }, mostAnswers);
      else remember(refused, key, { until: ticks() + refusedMs, answer }, mostAnswers);
      return answer;
    } catch (error) {
      const why = printable(messageOf(error));
      if (why !== trouble) warn(`who may read the metrics is not known: ${why}`);
      trouble = why;
      return plain(
        503,
        'the API server does not say who you are and what you may do; try again',
        laterHeaders,
      );
    } finally {
      underWay.delete(key);
      // Whoever waits takes this one's place.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };

  return async ({ authorization = '' }, source) => {
    const token = /^bearer +(\S+)$/i.exec(authorization)?.[1];
    if (token === undefined) return unauthorized('expected a bearer token');
    const key = digestOf(token);
    const at = ticks();
    if ((allowed.get(key)?.until ?? 0) > at) return undefined;
    const known = refused.get(key);
    if (known !== undefined && known.until > at) return known.answer;
    const asked = underWay.get(key);
    if (asked !== undefined) return asked;
    if (at - (askedAt.get(source) ?? Number.NEGATIVE_INFINITY) < paceMs)
      return plain(429, 'at most one new token a second', laterHeaders);
    if (waiting.length >= mostWaiting) return plain(503, 'too many new tokens; try again', laterHeaders);
    remember(askedAt, source, at, mostSources);
    const answer = review(token, key);
    underWay.set(key, answer);
    return answer;
  };
}

/** The newest is last. */
function remember<Value>(known: Map<string, Value>, key: string, value: Value, most: number): void {
  known.delete(key);
  known.set(key, value);
  const [oldest] = known.keys();
  if (known.size > most && oldest !== undefined) known.delete(oldest);
}

const unauthorized = (why: string): Answer =>
  plain(401, `${why}: Authorization: Bearer TOKEN`, { 'www-authenticate': 'Bearer' });

interface User {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** @returns undefined: that user may read the metrics. @throws KubeFault */
async function askApi(api: Api, token: string): Promise<Answer | undefined> {
  const post = async (group: string, resource: string, kind: string, spec: object): Promise<unknown> => {
    const answer = await api.call({
      method: 'POST',
      path: `/apis/${group}/v1/${resource}`,
      body: { apiVersion: `${group}/v1`, kind, spec },
      contentType: 'application/json',
      deadlineMs: callMs,
    });
    return (answer as { readonly status?: unknown } | undefined)?.status;
  };
  const reviewed = (await post('authentication.k8s.io', 'tokenreviews', 'TokenReview', { token })) as
    | { readonly authenticated?: boolean; readonly user?: User }
    | undefined;
  const user = reviewed?.user;
  if (reviewed?.authenticated !== true || user?.username === undefined)
    return unauthorized('the API server does not know this token');
  const { username, uid, groups, extra } = user;
  const decided = (await post('authorization.k8s.io', 'subjectaccessreviews', 'SubjectAccessReview', {
    user: username,
    uid,
    groups,
    extra,
    nonResourceAttributes: { path: '/metrics', verb: 'get' },
  })) as { readonly allowed?: boolean; readonly denied?: boolean } | undefined;
  return decided?.allowed === true && decided.denied !== true
    ? undefined
    : plain(
        403,
        `${printable(username)} may not get /metrics: bind a ClusterRole that allows it, such as realmem-metrics-reader`,
      );
}
