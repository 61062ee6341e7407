/** The Kubernetes API, spoken over node:https with one kept connection pool. */
import http from 'node:http';
import https from 'node:https';
import { KubeFault } from '../model/kube-fault.ts';
import { ItemCutter } from './list-items.ts';
import { faultOf, refusal } from './refusal.ts';

/** How to reach a cluster, and as whom: read again before each call, since tokens and certificates rotate. */
export interface Access {
  readonly server: string;
  readonly authorization?: string;
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Below the server, with its query: `/api/v1/pods?limit=1`. */
  readonly path: string;
  readonly body?: unknown;
  /** Of the body; a PATCH says which kind it is. */
  readonly contentType?: string;
  readonly accept?: string;
  /** An answer must be complete within this. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  /** The server has accepted the call; what it says may come much later. */
  readonly accepted?: () => void;
}

export interface Kube {
  /** The parsed answer. @throws KubeFault */
  call(call: Call): Promise<unknown>;
  /**
   * A list, each item handed over as it comes, and not kept.
   * @returns the list without its items
   * @throws KubeFault
   */
  list(call: Call, each: (item: unknown) => void): Promise<unknown>;
  /** The lines of an answer that goes on, as they come. Ends when the server ends it. @throws KubeFault */
  lines(call: Call): AsyncGenerator<string, void, undefined>;
  close(): void;
}

/** A call that takes longer than this is not coming back. */
const defaultDeadlineMs = 10_000;

/** Longer than any object that the API keeps (1.5 MiB), as JSON. */
const longestObject = 8 * 1024 * 1024;
/** Longer than any list of one node's pods: 250 of them at 1.5 MiB, the most that etcd takes. */
const longestBody = 512 * 1024 * 1024;

/** @param heard told what time it is by the server's clock, in milliseconds since 1970, with each answer */
export function openKube(access: () => Promise<Access>, heard: (at: number) => void = () => {}): Kube {
  let pool: { readonly key: string; readonly agent: http.Agent } | undefined;

  /** One pool as long as the certificates stay what they are. */
  function agentOf(secure: boolean, { ca, cert, key, servername, rejectUnauthorized }: Access): http.Agent {
    const identity = JSON.stringify([
      secure,
      ca?.toString(),
      cert?.toString(),
      key?.toString(),
      servername,
      rejectUnauthorized,
    ]);
    if (pool?.key === identity) return pool.agent;
    pool?.agent.destroy();
    const tls = {
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(servername !== undefined && { servername }),
      ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
    };
    const common = { keepAlive: true, keepAliveMsecs: 30_000, maxSockets: 4 };
    const agent = secure ? new https.Agent({ ...common, ...tls }) : new http.Agent(common);
    pool = { key: identity, agent };
    return agent;
  }

  async function open(call: Call, signal: AbortSignal): Promise<http.IncomingMessage> {
    const granted = await access();
    const url = new URL(granted.server.replace(/\/$/, '') + call.path);
    const secure = url.protocol === 'https:';
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
    const request = (secure ? https : http).request(url, {
      method: call.method ?? 'GET',
      agent: agentOf(secure, granted),
      signal,
      headers: {
        accept: call.accept ?? 'application/json',
        'user-agent': 'realmem',
        ...(granted.authorization !== undefined && { authorization: granted.authorization }),
        ...(body !== undefined && {
          'content-type': call.contentType ?? 'application/json',
          'content-length': Buffer.byteLength(body),
        }),
      },
    });
    request.once('response', resolve);
    request.once('error', reject);
    request.end(body);
    const response = await promise;
    const status = response.statusCode ?? 0;
    const at = Date.parse(response.headers.date ?? '');
    if (!Number.isNaN(at)) heard(at);
    if (status >= 200 && status < 300) return response;
    throw refusal(status, response.headers['retry-after'], await textOf(response));
  }

  return {
    call: (call) =>
      within(call, async (signal) => {
        const text = await textOf(await open(call, signal));
        return text === '' ? undefined : parse(text, call.path);
      }),

    list: (call, each) =>
      within(call, async (signal) => {
        const cutter = new ItemCutter();
        for await (const chunk of chunksOf(await open(call, signal))) {
          for (const item of cutter.feed(chunk)) each(parse(item, call.path));
          if (cutter.held > longestObject)
            throw new KubeFault(0, 'TooLarge', `${call.path}: an item without an end`);
        }
        return parse(cutter.rest(), call.path);
      }),

    async *lines(call) {
      try {
        const response = await open(call, call.signal ?? new AbortController().signal);
        call.accepted?.();
        response.setEncoding('utf8');
        let rest = '';
        for await (const chunk of response as AsyncIterable<string>) {
          const parts = (rest + chunk).split('\n');
          rest = parts.pop() ?? '';
          if (rest.length > longestObject)
            throw new KubeFault(0, 'TooLarge', `${call.path}: a line without an end`);
          for (const part of parts) if (part !== '') yield part;
        }
      } catch (error) {
        throw faultOf(error, call.path);
      }
    },

    close: () => pool?.agent.destroy(),
  };
}

/** An answer that must be complete within its deadline. */
async function within<T>(call: Call, answer: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadlineMs = call.deadlineMs ?? defaultDeadlineMs;
  const deadline = AbortSignal.timeout(deadlineMs);
  const signal = call.signal === undefined ? deadline : AbortSignal.any([deadline, call.signal]);
  try {
    return await answer(signal);
  } catch (error) {
    throw deadline.aborted && !(error instanceof KubeFault)
      ? new KubeFault(0, 'Timeout', `${call.path}: no answer within ${deadlineMs} ms`)
      : faultOf(error, call.path);
  }
}

async function* chunksOf(response: http.IncomingMessage): AsyncGenerator<string, void, undefined> {
  response.setEncoding('utf8');
  let length = 0;
  for await (const chunk of response as AsyncIterable<string>) {
    length += chunk.length;
    if (length > longestBody) throw new KubeFault(0, 'TooLarge', 'an answer without an end');
    yield chunk;
  }
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of chunksOf(response)) text += chunk;
  return text;
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new KubeFault(0, 'NotJSON', `${path}: expected JSON, got "${text.slice(0, 60)}"`);
  }
}
