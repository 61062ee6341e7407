/**
 * Authorizes readers of the metrics. The API server says which user a bearer token belongs to (TokenReview), and whether
 * this user may `get` the path /metrics (SubjectAccessReview). kube-rbac-proxy does the same, so the same roles work.
 * The agent loads this module only if the setting is on.
 */
import { type HttpAnswer, type HttpSite, plainText } from '../http/listener.ts';
import type { Api } from '../kube/api.ts';
import { messageOf } from '../model/located-error.ts';
import { printable } from '../model/text.ts';

export interface MetricsAuthOptions {
  readonly api: Api;
  readonly digestOf: (text: string) => string;
  readonly ticks: () => number;
  /** Receives the reason when the API cannot be asked, once per reason. */
  readonly warn: (message: string) => void;
}

/** How long an answer is cached: as long as the API server caches that of an authorization webhook. */
const allowedMs = 120_000;
const refusedMs = 30_000;
/** The most cached answers of each kind. The two kinds are separate: a stranger's bad tokens cannot evict good ones. */
const mostAnswers = 256;

const callMs = 3_000;

// The next limits protect the API server, and the four API connections of the agent, from requests by strangers.
/** Reviews at the same time. */
const mostAtOnce = 2;
/** Reviews in the queue. */
const mostWaiting = 64;
/** The shortest time between two new tokens from one source. */
const paceMs = 1_000;
/** The most sources to remember. */
const mostSources = 1_024;

const laterHeaders = { 'retry-after': '1' };

/** @returns a guard for a site: it answers a request that is refused, and gives undefined for one that may pass */
export function metricsAuth({
  api,
  digestOf,
  ticks,
  warn,
}: MetricsAuthOptions): NonNullable<HttpSite['refuse']> {
  const allowed = new Map<string, { readonly until: number }>();
  const refused = new Map<string, { readonly until: number; readonly answer: HttpAnswer }>();
  const underWay = new Map<string, Promise<HttpAnswer | undefined>>();
  const askedAt = new Map<string, number>();
  const waiting: (() => void)[] = [];
  let running = 0;
  let trouble = '';

  const review = async (token: string, key: string): Promise<HttpAnswer | undefined> => {
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
      if (why !== trouble) warn(`cannot ask the API server who may read the metrics: ${why}`);
      trouble = why;
      return plainText(
        503,
        'the API server did not answer who you are and what you may do; try again',
        laterHeaders,
      );
    } finally {
      underWay.delete(key);
      // The next waiting review takes over this slot.
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
      return plainText(429, 'at most one new token a second', laterHeaders);
    if (waiting.length >= mostWaiting) return plainText(503, 'too many new tokens; try again', laterHeaders);
    remember(askedAt, source, at, mostSources);
    const answer = review(token, key);
    underWay.set(key, answer);
    return answer;
  };
}

/** Adds an entry, and drops the oldest one above the limit. A Map keeps its insertion order. */
function remember<Value>(known: Map<string, Value>, key: string, value: Value, most: number): void {
  known.delete(key);
  known.set(key, value);
  const [oldest] = known.keys();
  if (known.size > most && oldest !== undefined) known.delete(oldest);
}

const unauthorized = (why: string): HttpAnswer =>
  plainText(401, `${why}: Authorization: Bearer TOKEN`, { 'www-authenticate': 'Bearer' });

interface User {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** @returns the refusal; undefined if the user may read the metrics. @throws ApiError */
async function askApi(api: Api, token: string): Promise<HttpAnswer | undefined> {
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
    : plainText(
        403,
        `${printable(username)} may not get /metrics: bind a ClusterRole that allows it, such as realmem-metrics-reader`,
      );
}
