/** An API server with one Job: it makes the pod that the test describes, and sends its log. */
import http from 'node:http';
import type { TestContext } from 'node:test';
import { fieldsOf } from '../../src/model/json.ts';
import { clientOf } from '../cluster-view/made/api.ts';
import { job } from './made.ts';

export interface Made {
  /** Status of the pod, one for each time that it is asked for; the last one stays. Undefined: no pod. */
  readonly statuses?: readonly (object | undefined)[];
  /** Logs, one for each stream; the last one repeats. A stream that ends in `…` stays open. */
  readonly logs?: readonly string[];
  /** Messages of warnings. */
  readonly events?: readonly string[];
  /** Answers for a method and the beginning of a path. */
  readonly refusals?: Readonly<Record<string, number>>;
  /** How often the Job is still there after it was deleted. */
  readonly lingers?: number;
  /** The connection ends when the Job has been made, before the answer. */
  readonly losesAnswer?: boolean;
}

export const running = { phase: 'Running', containerStatuses: [{ name: 'probe', state: { running: {} } }] };
export const ended = (reason = 'Completed') => ({
  phase: 'Failed',
  containerStatuses: [{ name: 'probe', state: { terminated: { reason, containerID: 'containerd://x' } } }],
});
export const waiting = (reason: string, message = 'x') => ({
  phase: 'Pending',
  containerStatuses: [{ name: 'probe', state: { waiting: { reason, message } } }],
});

const jobs = `/apis/batch/v1/namespaces/${job.namespace}/jobs`;

export async function jobServer(test: TestContext, made: Made) {
  const {
    statuses = [running],
    logs = [''],
    events = [],
    refusals = {},
    lingers = 0,
    losesAnswer = false,
  } = made;
  const asked: string[] = [];
  const bodies: Record<string, unknown>[] = [];
  let [pods, streams, deleted, exists] = [0, 0, 0, false];
  let annotations: unknown;
  const server = http.createServer(async (request, response) => {
    const { method = '', url = '' } = request;
    const { pathname } = new URL(url, 'http://a');
    asked.push(`${method} ${pathname}`);
    const send = (body: object, status = 200): void => {
      response.writeHead(status).end(JSON.stringify(body));
    };
    const refused = Object.entries(refusals).find(([start]) => `${method} ${pathname}`.startsWith(start));
    if (refused !== undefined) {
      send({ kind: 'Status', reason: 'X', message: 'refused' }, refused[1]);
      return;
    }
    const text = (await request.toArray()).join('');
    if (text !== '') bodies.push(JSON.parse(text) as Record<string, unknown>);
    if (method === 'POST' && pathname === jobs) {
      exists = true;
      annotations = fieldsOf(bodies.at(-1)?.['metadata'])['annotations'];
      if (losesAnswer) request.socket.destroy();
      else send({ metadata: { uid: 'u' } }, 201);
    } else if (pathname === `${jobs}/${job.name}`) {
      if (method === 'DELETE' && deleted++ >= lingers) exists = false;
      if (exists || method === 'DELETE') send({ metadata: { uid: 'u', annotations } });
      else send({ kind: 'Status', message: 'not found' }, 404);
    } else if (pathname.endsWith('/pods')) {
      const status = statuses[Math.min(pods++, statuses.length - 1)];
      send({ items: status === undefined ? [] : [{ metadata: { name: 'p' }, status }] });
    } else if (pathname.endsWith('/p/log')) {
      const log = logs[Math.min(streams++, logs.length - 1)] ?? '';
      if (log.endsWith('…')) response.write(log.slice(0, -1));
      else response.end(log);
    } else if (pathname.endsWith('/events')) send({ items: events.map((message) => ({ message })) });
    else send({ kind: 'Status', message: 'not found' }, 404);
  });
  const kube = await clientOf(test, server);
  return { kube, asked, bodies, isGone: () => !exists };
}
