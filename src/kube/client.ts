/** The Kubernetes API, spoken over node:https with one kept connection pool. */
import http from 'node:http';
import https from 'node:https';
import { BoundedBytes } from '../edges/bounded-bytes.ts';
import { ticks } from '../edges/clock.ts';
import { epochSeconds } from '../model/time.ts';
import { bodyOf, chunksOf, parse, read, tooLarge, unlessAborted, within } from './answer.ts';
import { exchange } from './exchange.ts';
import { type LargeObject, longestObject, longObject } from './large-object.ts';
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
  /** Bytes of an answer, where it may be longer than most: that of a ConfigMap. */
  readonly mostBytes?: number;
  readonly signal?: AbortSignal;
  /** The server has accepted the call; what it says may come much later. */
  readonly accepted?: () => void;
}

/** What of a list is not read. Where nobody asks to be told, it is a fault. */
export interface Unread {
  /** Takes the name of an item that is too large. */
  readonly large?: (item: LargeObject) => void;
  /** Is told why a list is not read to its end. */
  readonly cut?: (why: string) => void;
}

export interface Kube {
  /** The parsed answer; undefined for PATCH and DELETE: that they were done, the status says. @throws KubeFault */
  call(call: Call): Promise<unknown>;
  /**
   * A list, each item handed over as it comes, and not kept.
   * @returns the list without its items
   * @throws KubeFault
   */
  list(call: Call, each: (item: unknown) => void, unread?: Unread): Promise<unknown>;
  /** The lines of an answer that goes on, as they come. Ends when the server ends it. @throws KubeFault */
  lines(call: Call): AsyncGenerator<string | LargeObject, void, undefined>;
  close(): void;
}

/** A credential of an earlier call that is still on its way is waited for together, but not for ever. */
const longestAccessMs = 60_000;

const MiB = 1024 * 1024;
/** Single answers are metadata, or who one is. */
const mostBytes = MiB;
/** Of a refusal its message is read, and that is short. */
const mostRefusalBytes = 64 * 1024;
/** Of a list, beside its items. */
const mostAroundBytes = MiB;
/** Longer than any list of one node's pods: 250 of them at 1.5 MiB. It streams, so that its length costs time alone. */
const mostListBytes = 512 * MiB;
const mostItems = 200_000;

/** @param heard told what time it is by the server's clock, in milliseconds since 1970, with each answer */
export function openKube(access: () => Promise<Access>, heard: (at: number) => void = () => {}): Kube {
  let pool: { readonly key: string; readonly agent: http.Agent } | undefined;
  let granting: { readonly access: Promise<Access>; readonly since: number } | undefined;

  /** A command that a kubeconfig names may hang: no more than one of them then. */
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
        'user-agent': 'realmem',
        ...(granted.authorization !== undefined && { authorization: granted.authorization }),
        ...(body !== undefined && {
          'content-type': call.contentType ?? 'application/json',
          'content-length': Buffer.byteLength(body),
        }),
      },
    });
    const status = response.statusCode ?? 0;
    const at = epochSeconds(response.headers.date ?? '');
    if (at !== undefined) heard(at * 1000);
    if (status >= 200 && status < 300) return response;
    const text = await bodyOf(response, mostRefusalBytes).then(
      (body) => body.text,
      () => '',
    );
    throw refusal(status, response.headers['retry-after'], text);
  }

  return {
    call: (call) =>
      within(call, async (signal) => {
        const response = await open(call, signal);
        const most = call.mostBytes ?? mostBytes;
        if (call.method === 'PATCH' || call.method === 'DELETE') {
          // It is done, however the rest of the answer fares: that is read for the sake of the connection alone.
          bodyOf(response, most).catch(() => {});
          return undefined;
        }
        const body = await bodyOf(response, most);
        if (!body.isWhole) throw tooLarge(call.path, `an answer of more than ${most} bytes`);
        return body.text === '' ? undefined : parse(body.text, call.path);
      }),

    list: (call, each, { large, cut } = {}) =>
      within(call, async (signal) => {
        const cutter = new ItemCutter(mostAroundBytes, longestObject);
        let items = 0;
        let bytes = 0;
        let end: string | undefined;
        const take = (text: string, isWhole: boolean, length: number): void => {
          if (items++ >= mostItems || signal.aborted) return;
          const item = isWhole ? read(text, call.path) : { large: longObject(text, length) };
          if ('value' in item) each(item.value);
          else if (large !== undefined) large(item.large);
          else throw tooLarge(call.path, `an item: ${item.large.why}`);
        };
        for await (const chunk of chunksOf(await open(call, signal))) {
          signal.throwIfAborted();
          cutter.feed(chunk, take);
          if (!cutter.isWhole)
            throw tooLarge(call.path, `a list with more than ${mostAroundBytes} bytes beside its items`);
          bytes += chunk.length;
          if (items > mostItems) end = `it has more than ${mostItems} items`;
          else if (bytes > mostListBytes) end = `it has more than ${mostListBytes} bytes`;
          if (end !== undefined) break;
        }
        if (end === undefined) return parse(cutter.rest, call.path);
        if (cut === undefined) throw tooLarge(call.path, end);
        cut(end);
        return parse(cutter.ended, call.path);
      }),

    async *lines(call) {
      const given = call.signal ?? new AbortController().signal;
      // Whoever reads no further lets go of the connection with this.
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
        throw faultOf(error, call.path);
      } finally {
        left.abort();
      }
    },

    close: () => pool?.agent.destroy(),
  };
}

const newline = 0x0a;
