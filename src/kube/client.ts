/** Client of the Kubernetes API over node:https with one connection pool. */
import http from 'node:http';
import https from 'node:https';
import { BoundedBytes } from '../edges/bounded-bytes.ts';
import { ticks } from '../edges/clock.ts';
import { epochSeconds } from '../model/time.ts';
import {
  answerWithin,
  bodyOf,
  chunksOf,
  parseAnswer,
  readAnswer,
  tooLarge,
  unlessAborted,
} from './answer.ts';
import type { ApiError } from './api-error.ts';
import { exchange, type Upgraded, upgrade } from './exchange.ts';
import { type LargeObject, longestObject, longObject } from './large-object.ts';
import { ItemCutter } from './list-items.ts';
import { refusal, toApiError } from './refusal.ts';

/** Server and credentials. Read again before each call, as tokens and certificates rotate. */
export interface Access {
  readonly server: string;
  readonly authorization?: string;
  readonly impersonate?: Impersonate;
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Whose rights a call uses instead of the user's own, as `kubectl --as`. */
export interface Impersonate {
  readonly user: string;
  readonly groups: readonly string[];
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Path below the server, with its query: `/api/v1/pods?limit=1`. */
  readonly path: string;
  readonly body?: unknown;
  /** Content type of the body. For PATCH it selects the kind of patch. */
  readonly contentType?: string;
  readonly accept?: string;
  /** Deadline for the complete answer. */
  readonly deadlineMs?: number;
  /** Maximum answer in bytes, for answers above the default (a ConfigMap). */
  readonly mostBytes?: number;
  readonly signal?: AbortSignal;
  /** Called when the server accepted the call. The first line of a watch may come much later. */
  readonly accepted?: () => void;
}

/** Handlers for the parts of a list that exceed a limit. Without a handler, such a part is an error. */
export interface Unread {
  /** Receives the name of an item that is too large. */
  readonly large?: (item: LargeObject) => void;
  /** Receives the reason when the list is cut off. */
  readonly cut?: (why: string) => void;
}

export interface Kube {
  /** @returns the parsed answer; undefined for PATCH and DELETE, whose status says enough @throws ApiError */
  call(call: Call): Promise<unknown>;
  /**
   * Streams a list: passes each item on as it arrives and keeps none.
   * @returns the list without its items
   * @throws ApiError
   */
  list(call: Call, each: (item: unknown) => void, unread?: Unread): Promise<unknown>;
  /** Streams the lines of a watch until the server ends it. @throws ApiError */
  lines(call: Call): AsyncGenerator<string | LargeObject, void, undefined>;
  close(): void;
}

/** A client that can open WebSockets, too. */
export interface TunnelKube extends Kube {
  /**
   * Opens a WebSocket with this subprotocol. The caller sets the deadline: `signal` ends the request, not the connection.
   * @throws ApiError
   */
  upgrade(call: Upgrade): Promise<Upgraded>;
}

export interface Upgrade {
  readonly path: string;
  readonly protocol: string;
  readonly signal: AbortSignal;
}

/** How long calls share one pending request for credentials before a new one starts. */
const longestAccessMs = 60_000;

const MiB = 1024 * 1024;
/** Default maximum of an answer: single answers are metadata or identities. */
const mostBytes = MiB;
/** Maximum of a refusal: only its short Status is read. */
const mostRefusalBytes = 64 * 1024;
/** Maximum of a list without its items. */
const mostAroundBytes = MiB;
/** Maximum of a list. The pods of one node stay below it: 250 pods of 1.5 MiB. As lists stream, the size costs only time. */
const mostListBytes = 512 * MiB;
const mostItems = 200_000;

/**
 * @param access returns the current credentials
 * @param onServerTime receives the time of the server's clock with each answer, in milliseconds since 1970
 */
export function openKube(
  access: () => Promise<Access>,
  onServerTime: (at: number) => void = () => {},
): TunnelKube {
  let pool: { readonly key: string; readonly agent: http.Agent } | undefined;
  let granting: { readonly access: Promise<Access>; readonly since: number } | undefined;

  /** An exec credential plugin may hang: run at most one at a time. */
  function grant(): Promise<Access> {
    if (granting !== undefined && ticks() - granting.since < longestAccessMs) return granting.access;
    const asked = { access: access(), since: ticks() };
    granting = asked;
    const forget = (): void => {
      if (granting === asked) granting = undefined;
    };
    asked.access.then(forget, forget);
    return asked.access;
  }

  /** The connection pool; replaced when the certificates change. */
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
    const granted = await grant();
    signal.throwIfAborted();
    const url = new URL(granted.server.replace(/\/$/, '') + call.path);
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const response = await exchange(url, {
      method: call.method ?? 'GET',
      agent: agentOf(url.protocol === 'https:', granted),
      signal,
      body,
      headers: {
        accept: call.accept ?? 'application/json',
        ...identityHeaders(granted),
        ...(body !== undefined && {
          'content-type': call.contentType ?? 'application/json',
          'content-length': Buffer.byteLength(body),
        }),
      },
    });
    const status = response.statusCode ?? 0;
    const at = epochSeconds(response.headers.date ?? '');
    if (at !== undefined) onServerTime(at * 1000);
    if (status >= 200 && status < 300) return response;
    throw await refusalOf(response);
  }

  return {
    call: (call) =>
      answerWithin(call, async (signal) => {
        const response = await open(call, signal);
        const most = call.mostBytes ?? mostBytes;
        if (call.method === 'PATCH' || call.method === 'DELETE') {
          // The status says that it is done. Read the body only to reuse the connection.
          bodyOf(response, most).catch(() => {});
          return undefined;
        }
        const body = await bodyOf(response, most);
        if (!body.isWhole) throw tooLarge(call.path, `expected at most ${most} bytes, got a longer answer`);
        return body.text === '' ? undefined : parseAnswer(body.text, call.path);
      }),

    list: (call, each, { large, cut } = {}) =>
      answerWithin(call, async (signal) => {
        const cutter = new ItemCutter(mostAroundBytes, longestObject);
        let items = 0;
        let bytes = 0;
        let end: string | undefined;
        const take = (text: string, isWhole: boolean, length: number): void => {
          if (items++ >= mostItems || signal.aborted) return;
          const item = isWhole ? readAnswer(text, call.path) : { large: longObject(text, length) };
          if ('value' in item) each(item.value);
          else if (large !== undefined) large(item.large);
          else throw tooLarge(call.path, `item too large: ${item.large.why}`);
        };
        for await (const chunk of chunksOf(await open(call, signal))) {
          signal.throwIfAborted();
          cutter.feed(chunk, take);
          if (!cutter.isWhole)
            throw tooLarge(call.path, `expected at most ${mostAroundBytes} bytes around the items, got more`);
          bytes += chunk.length;
          if (items > mostItems) end = `more than ${mostItems} items`;
          else if (bytes > mostListBytes) end = `more than ${mostListBytes} bytes`;
          if (end !== undefined) break;
        }
        if (end === undefined) return parseAnswer(cutter.rest, call.path);
        if (cut === undefined) throw tooLarge(call.path, `list too large: ${end}`);
        cut(end);
        return parseAnswer(cutter.ended, call.path);
      }),

    async *lines(call) {
      const given = call.signal ?? new AbortController().signal;
      // Closes the connection when the consumer leaves the loop early.
      const left = new AbortController();
      const signal = AbortSignal.any([given, left.signal]);
      const line = new BoundedBytes(longestObject);
      try {
        const response = await unlessAborted(open(call, signal), signal);
        call.accepted?.();
        const chunks = chunksOf(response);
        for (;;) {
          const { done, value: chunk } = await unlessAborted(chunks.next(), signal);
          if (done) return;
          for (let from = 0; from < chunk.length; ) {
            const at = chunk.indexOf(newline, from);
            line.add(chunk.subarray(from, at === -1 ? undefined : at));
            if (at === -1) break;
            from = at + 1;
            if (line.length === 0) continue;
            const { text, length, isWhole } = line;
            line.clear();
            yield isWhole ? text : longObject(text, length);
          }
        }
      } catch (error) {
        throw toApiError(error, call.path);
      } finally {
        left.abort();
      }
    },

    async upgrade({ path, protocol, signal }) {
      const granted = await unlessAborted(grant(), signal);
      const url = new URL(granted.server.replace(/\/$/, '') + path);
      const agent = agentOf(url.protocol === 'https:', granted);
      const answer = await upgrade(url, { headers: identityHeaders(granted), agent, signal }, protocol);
      if ('socket' in answer && 'head' in answer) return answer;
      throw await refusalOf(answer);
    },

    close: () => pool?.agent.destroy(),
  };
}

const identityHeaders = ({ authorization, impersonate }: Access): http.OutgoingHttpHeaders => ({
  'user-agent': 'realmem',
  ...(authorization !== undefined && { authorization }),
  ...(impersonate !== undefined && {
    'impersonate-user': impersonate.user,
    ...(impersonate.groups.length > 0 && { 'impersonate-group': [...impersonate.groups] }),
  }),
});

async function refusalOf(response: http.IncomingMessage): Promise<ApiError> {
  const text = await bodyOf(response, mostRefusalBytes).then(
    (body) => body.text,
    () => '',
  );
  return refusal(response.statusCode ?? 0, response.headers['retry-after'], text);
}

const newline = 0x0a;
