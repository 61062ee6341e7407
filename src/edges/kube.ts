/** The Kubernetes API, spoken over node:https with one kept connection pool. */
import http from 'node:http';
import https from 'node:https';
import { KubeFault } from '../model/kube-fault.ts';
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
  /** The lines of an answer that goes on, as they come. Ends when the server ends it. @throws KubeFault */
  lines(call: Call): AsyncGenerator<string, void, undefined>;
  close(): void;
}

/** A call that takes longer than this is not coming back. */
const defaultDeadlineMs = 10_000;

/** Longer than any object the API keeps (1.5 MiB), and a list of one node's pods at a time. */
const longestBody = 64 * 1024 * 1024;

export function openKube(access: () => Promise<Access>): Kube {
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
    if (status >= 200 && status < 300) return response;
    throw refusal(status, response.headers['retry-after'], await textOf(response));
  }

  return {
    async call(call) {
      const deadline = AbortSignal.timeout(call.deadlineMs ?? defaultDeadlineMs);
      const signal = call.signal === undefined ? deadline : AbortSignal.any([deadline, call.signal]);
      try {
        const text = await textOf(await open(call, signal));
        return text === '' ? undefined : parse(text, call.path);
      } catch (error) {
        throw deadline.aborted && !(error instanceof KubeFault)
          ? new KubeFault(
              0,
              'Timeout',
              `${call.path}: no answer within ${call.deadlineMs ?? defaultDeadlineMs} ms`,
            )
          : faultOf(error, call.path);
      }
    },

    async *lines(call) {
      try {
        const response = await open(call, call.signal ?? new AbortController().signal);
        call.accepted?.();
        response.setEncoding('utf8');
        let rest = '';
        for await (const chunk of response as AsyncIterable<string>) {
          const parts = (rest + chunk).split('\n');
          rest = parts.pop() ?? '';
          if (rest.length > longestBody)
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

async function textOf(response: http.IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  const chunks: string[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<string>) {
    length += chunk.length;
    if (length > longestBody) throw new KubeFault(0, 'TooLarge', 'an answer without an end');
    chunks.push(chunk);
  }
  return chunks.join('');
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new KubeFault(0, 'NotJSON', `${path}: expected JSON, got "${text.slice(0, 60)}"`);
  }
}
