/** Finds the agent of a node and asks it, by port-forward with the user's rights. */
import { sleep } from '../edges/clock.ts';
import { ApiError } from '../kube/api-error.ts';
import type { Kube, TunnelKube } from '../kube/client.ts';
import { getFromPod, type PodResponse } from '../kube/port-forward.ts';
import { type Fields, fieldsOf, listOf, parseJson, textOf } from '../model/json.ts';
import { AgentError, LocatedError, messageOf, UsageError } from '../model/located-error.ts';
import { chartLabel, usualNamespace } from '../model/product.ts';
import { compareText, printable } from '../model/text.ts';
import { isForbidden } from './listing.ts';

/** The API, with what it takes to reach an agent. */
export type AgentsKube = Pick<Kube, 'call' | 'list'> & Pick<TunnelKube, 'upgrade'>;

export interface AskOptions {
  /** Deadline for each request, in milliseconds. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

export interface AgentPod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  /** Port at which the agent serves its report. */
  readonly port: number;
}

/** The chart's name for the port of config.reportAddress. A chart of version 0.1.0 names none, and the default applies. */
const portName = 'report';
const usualPort = 9644;

const defaultDeadlineMs = 15_000;
/** An agent's pod has some 10 KiB, and few pods of a node have the label. */
const mostPodListBytes = 8 * 1024 * 1024;
/** A report of 2000 containers has 6 MB. */
const mostAnswerBytes = 64 * 1024 * 1024;
/** Values of such an answer. Each takes some 60 bytes of heap. */
const mostValues = 2_000_000;

/** @throws ApiError; LocatedError if no agent runs on the node */
export async function findAgent(
  kube: Pick<Kube, 'call'>,
  node: string,
  options: AskOptions = {},
): Promise<AgentPod> {
  const { items } = fieldsOf(await podsOf(kube, node, options));
  const pods = listOf(items).filter(isOfDaemonSet).toSorted(byTrust);
  // A roll-out replaces a pod that still runs for some seconds.
  const running = pods.find((pod) => stateOf(pod) === 'Running');
  const { namespace: given, name: called } = fieldsOf(running?.['metadata']);
  const [namespace, name] = [textOf(given), textOf(called)];
  if (running !== undefined && namespace !== undefined && name !== undefined)
    return { namespace, name, node, port: reportPortOf(running) };
  const [first] = pods;
  const where = textOf(fieldsOf(first?.['metadata'])['namespace']) ?? usualNamespace;
  throw new LocatedError({
    where: `node ${node}`,
    expected: 'a running agent',
    got: first === undefined ? 'none' : `a pod that is ${stateOf(first)}`,
    todo: `see kubectl -n ${where} get pods -o wide`,
  });
}

async function podsOf(
  kube: Pick<Kube, 'call'>,
  node: string,
  { deadlineMs = defaultDeadlineMs, signal }: AskOptions,
): Promise<unknown> {
  const labels = `labelSelector=${encodeURIComponent(chartLabel)}`;
  const query = `${labels}&fieldSelector=${encodeURIComponent(`spec.nodeName=${node}`)}`;
  const list = (below: string): Promise<unknown> =>
    kube.call({
      path: `/api/v1${below}/pods?${query}`,
      deadlineMs,
      mostBytes: mostPodListBytes,
      ...(signal !== undefined && { signal }),
    });
  try {
    return await list('');
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return await list(`/namespaces/${usualNamespace}`);
  }
}

function reportPortOf({ spec }: Fields): number {
  const ports = listOf(fieldsOf(spec)['containers']).flatMap((container) => listOf(container['ports']));
  const { containerPort: port } = ports.find(({ name }) => name === portName) ?? {};
  return typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536 ? port : usualPort;
}

const stateOf = ({ metadata, status }: Fields): string =>
  fieldsOf(metadata)['deletionTimestamp'] === undefined
    ? (textOf(fieldsOf(status)['phase']) ?? 'unknown')
    : 'Terminating';

/** The jobs of the chart and pods of tenants can have the label, too. */
const isOfDaemonSet = (pod: Fields): boolean =>
  listOf(fieldsOf(pod['metadata'])['ownerReferences']).some(
    ({ kind, controller }) => kind === 'DaemonSet' && controller === true,
  );

/** Whoever may create DaemonSets can give one the label. So the usual namespace comes first, then the oldest pod. */
function byTrust(a: Fields, b: Fields): number {
  const [one, other] = [fieldsOf(a['metadata']), fieldsOf(b['metadata'])];
  const rank = ({ namespace }: Fields): number => (namespace === usualNamespace ? 0 : 1);
  const bornAt = ({ creationTimestamp }: Fields): string => textOf(creationTimestamp) ?? '~';
  return rank(one) - rank(other) || compareText(bornAt(one), bornAt(other));
}

/** Requests to a busy agent, at most. */
const mostTries = 5;
const longestWaitMs = 3_000;

/**
 * GETs a page of the agent.
 * @returns the parsed JSON
 * @throws ApiError; UsageError with the agent's words if it does not know the target; LocatedError for any other failure
 */
export async function askAgent(
  kube: Pick<TunnelKube, 'upgrade'>,
  agent: AgentPod,
  path: string,
  { deadlineMs = defaultDeadlineMs, signal }: AskOptions = {},
): Promise<unknown> {
  const call = { namespace: agent.namespace, pod: agent.name, port: agent.port, path, deadlineMs };
  for (let tries = 1; ; tries++) {
    const answer = await getFromPod(kube, {
      ...call,
      mostBytes: mostAnswerBytes,
      ...(signal !== undefined && { signal }),
    }).catch((error) => {
      throw withRights(error);
    });
    if ('unreachable' in answer) throw unreachable(agent, answer.unreachable);
    if (answer.status === 200) return parsed(agent, answer);
    if (answer.status !== 503 || answer.retryAfterMs === undefined || tries >= mostTries)
      throw refused(agent, answer);
    await sleep(Math.min(longestWaitMs, answer.retryAfterMs), signal ?? new AbortController().signal);
    signal?.throwIfAborted();
  }
}

/**
 * @param error of a call to pods/portforward. The API server asks for the verb `get` on a WebSocket, and from Kubernetes 1.35 on for `create` too
 */
function withRights(error: unknown): unknown {
  if (!isForbidden(error)) return error;
  const message = `${error.message}; to read an agent, a user needs the verbs get and create on pods/portforward`;
  return new ApiError(error.status, error.reason, message);
}

function unreachable({ namespace, name, port }: AgentPod, why: string): LocatedError {
  // The port-forward has no codes: the kubelet sends the error of its connection as text.
  const isOff = why.includes('connection refused');
  return new LocatedError({
    where: `pod ${namespace}/${name}`,
    expected: `an agent that serves its report on port ${port}`,
    got: isOff ? 'connection refused' : { message: why },
    ...(isOff && {
      todo: `its report is off or at another port: set config.reportAddress=127.0.0.1:${usualPort} in the chart's values`,
    }),
  });
}

function parsed({ namespace, name }: AgentPod, { text }: PodResponse): unknown {
  try {
    return parseJson(text, undefined, mostValues);
  } catch (error) {
    throw new LocatedError({
      where: `pod ${namespace}/${name}`,
      expected: 'JSON of an agent',
      got: { message: messageOf(error) },
    });
  }
}

/** Characters of an agent's message. */
const longestMessage = 1024;

function refused({ namespace, name }: AgentPod, { status, text }: PodResponse): Error {
  const words = printable(text.slice(0, longestMessage).trim());
  const where = `pod ${namespace}/${name}`;
  if (status === 404 && words === 'not found')
    return new LocatedError({
      where,
      expected: 'an agent that can inspect containers',
      got: 'an older one',
      todo: 'upgrade realmem in the cluster: helm upgrade … --reset-then-reuse-values (docs/install.md)',
    });
  if (status === 404) return new UsageError(words);
  // The agent's own error already says what it expected, what came and what to do.
  if (status === 403) return new AgentError(words);
  return new LocatedError({
    where,
    expected: 'the answer of an agent',
    got: { message: `HTTP ${status}: ${words}` },
  });
}
