/** Keeps a list up to date with a watch. Retries every failure, and reports when the list may be stale. */

import { BackOff } from '../model/back-off.ts';
import { ApiError } from './api-error.ts';
import type { Kube } from './client.ts';
import { type LargeObject, type ReadObject, readObject } from './large-object.ts';

export type Change = 'ADDED' | 'MODIFIED' | 'DELETED';

/** Receives a list item by item. Without a final `done`, the list was not read to its end. */
export interface Listing {
  readonly add: (object: unknown) => void;
  /** An object above the size limits. */
  readonly large: (object: LargeObject) => void;
  /** The list was cut off for this reason. */
  readonly cut: (why: string) => void;
  readonly done: () => void;
}

export interface WatchHandlers {
  readonly list: () => Listing;
  readonly change: (type: Change, object: unknown) => void;
  /** The change of an object above the size limits. */
  readonly largeChange: (type: Change, object: LargeObject) => void;
  /** The API answered at this time: the list is up to date. */
  readonly inStep: (at: number) => void;
  /** The call failed; the watch retries in `waitMs`. The list may be stale. */
  readonly outOfStep: (fault: ApiError, waitMs: number, call: 'list' | 'watch') => void;
}

/** Clock and randomness, passed in for tests. */
export interface WatchWorld {
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** The server ends a watch after the requested time. Each watch requests a random time, so that nodes do not reconnect together. */
const shortestWatchMs = 240_000;
const longestWatchMs = 480_000;
/** How much longer to wait for the server to end the watch before closing it. */
const graceMs = 15_000;
/**
 * After so much silence, start a new watch to check the connection: a half-open one sends neither events nor an end. Servers
 * send a bookmark about once a minute, but none while nothing changes in the whole cluster. So silence is not an error.
 */
const longestSilenceMs = 120_000;
/** How long the server may take to accept a watch. */
const longestOpeningMs = 30_000;
const checkMs = 30_000;
/** A watch that ends sooner, even without an error, counts as a failure. */
const shortestAnswerMs = 1_000;
/** Interval of full lists. They repair whatever a watch missed. */
const relistMs = 600_000;
const firstWaitMs = 1_000;
const longestWaitMs = 30_000;

/** Lists once, then watches; lists again every 10 minutes and after each error that loses the position. */
export class Watch {
  private readonly kube: Kube;
  private readonly path: string;
  private readonly handlers: WatchHandlers;
  private readonly world: WatchWorld;
  /** The resourceVersion to continue from. Undefined: list again first. */
  private version: string | undefined;
  private listedAt = Number.NEGATIVE_INFINITY;
  private readonly backOff: BackOff;
  /** Length of the watch's silence at the last check. */
  private quietMs = 0;
  private accepted = false;

  /** @param path the list's path with its selectors: `/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1` */
  constructor(kube: Kube, path: string, handlers: WatchHandlers, world: WatchWorld) {
    this.backOff = new BackOff({ firstMs: firstWaitMs, longestMs: longestWaitMs, random: world.random });
    this.kube = kube;
    this.path = path;
    this.handlers = handlers;
    this.world = world;
  }

  /** Resolves only when the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let call: 'list' | 'watch' = 'list';
      try {
        if (this.version === undefined || this.world.now() - this.listedAt >= relistMs)
          await this.list(signal);
        call = 'watch';
        await this.follow(signal);
      } catch (error) {
        if (signal.aborted) return;
        const fault = error instanceof ApiError ? error : new ApiError(0, 'Error', String(error));
        // The server no longer has this version (410), or its answer was unreadable: list again.
        const lost = fault.status === 410 || fault.reason === 'NotUnderstood';
        if (lost) this.version = undefined;
        const wait = this.backOff.next(fault.retryAfterMs);
        this.handlers.outOfStep(fault, wait, call);
        await this.world.sleep(wait, signal);
      }
    }
  }

  private async list(signal: AbortSignal): Promise<void> {
    // Version 0: from the API server's cache. Quorum reads from etcd by all nodes at once can overload it.
    const listing = this.handlers.list();
    const call = { path: this.query({ resourceVersion: '0' }), signal, deadlineMs: 60_000 };
    const list = await this.kube.list(call, listing.add, listing);
    const { items: none, metadata } = (list ?? {}) as {
      items?: unknown;
      metadata?: { resourceVersion?: unknown };
    };
    const version = metadata?.resourceVersion;
    if (!Array.isArray(none) || !isVersion(version)) throw notUnderstood(this.path, 'a list', list);
    this.version = version;
    this.listedAt = this.world.now();
    listing.done();
    this.handlers.inStep(this.listedAt);
  }

  /** Runs one watch to its end. */
  private async follow(signal: AbortSignal): Promise<void> {
    const { now, random } = this.world;
    const durationMs = Math.round(shortestWatchMs + random() * (longestWatchMs - shortestWatchMs));
    const path = this.query({
      watch: '1',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(Math.round(durationMs / 1000)),
      resourceVersion: this.version ?? '0',
    });
    const dead = new AbortController();
    const ended = new AbortController();
    this.accepted = false;
    this.quietMs = 0;
    const heard = (): void => {
      this.accepted = true;
      this.quietMs = 0;
      this.handlers.inStep(now());
    };
    void this.untilSilent(durationMs + graceMs, AbortSignal.any([ended.signal, signal])).then(() =>
      dead.abort(),
    );
    const began = now();
    try {
      const both = AbortSignal.any([dead.signal, signal]);
      for await (const line of this.kube.lines({ path, signal: both, accepted: heard })) {
        this.take(line);
        heard();
      }
    } catch (error) {
      if (!dead.signal.aborted) throw error;
      if (!this.accepted) throw new ApiError(0, 'Silent', `${this.path}: no answer to a watch request`);
    } finally {
      ended.abort();
    }
    if (now() - began < shortestAnswerMs)
      throw new ApiError(0, 'Short', `${this.path}: the watch ended within ${shortestAnswerMs} ms`);
    this.backOff.reset();
  }

  /** Resolves when the watch must be given up. Counts checks instead of comparing times: a clock may be set. */
  private async untilSilent(longestMs: number, ended: AbortSignal): Promise<void> {
    for (let ms = 0; ms < longestMs && !this.isSilent() && !ended.aborted; ms += checkMs) {
      await this.world.sleep(checkMs, ended);
      this.quietMs += checkMs;
    }
  }

  private isSilent(): boolean {
    return this.quietMs >= (this.accepted ? longestSilenceMs : longestOpeningMs);
  }

  private take(line: string | LargeObject): void {
    const event = typeof line === 'string' ? parseLine(line) : { large: line };
    if ('large' in event) {
      const { large } = event;
      const { resourceVersion } = large.metadata;
      if (!isVersion(resourceVersion) || !isChange(large.type))
        throw notUnderstood(this.path, 'an event', large);
      this.handlers.largeChange(large.type, large);
      this.advance(resourceVersion);
      return;
    }
    const { type, object } = (event.value ?? {}) as { type?: unknown; object?: unknown };
    if (type === 'ERROR') {
      const { code, reason, message } = (object ?? {}) as {
        code?: unknown;
        reason?: unknown;
        message?: unknown;
      };
      throw new ApiError(Number(code) || 0, String(reason ?? 'Error'), String(message ?? 'the watch failed'));
    }
    const version = (object as { metadata?: { resourceVersion?: unknown } } | undefined)?.metadata
      ?.resourceVersion;
    if (!isVersion(version)) throw notUnderstood(this.path, 'an event', line);
    if (isChange(type)) this.handlers.change(type, object);
    else if (type !== 'BOOKMARK') throw notUnderstood(this.path, 'an event', line);
    this.advance(version);
  }

  private advance(version: string): void {
    this.version = version;
    this.backOff.reset();
  }

  private query(more: Readonly<Record<string, string>>): string {
    const [bare, given] = this.path.split('?', 2);
    return `${bare}?${new URLSearchParams([...new URLSearchParams(given), ...Object.entries(more)])}`;
  }
}

function parseLine(line: string): ReadObject {
  try {
    return readObject(line);
  } catch {
    return { value: undefined };
  }
}

/** Maximum length of a resourceVersion. It is sent back in the query. */
const longestVersion = 256;
const isVersion = (version: unknown): version is string =>
  typeof version === 'string' && version.length <= longestVersion;
const isChange = (type: unknown): type is Change =>
  type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED';

const notUnderstood = (path: string, expected: string, got: unknown): ApiError =>
  new ApiError(0, 'NotUnderstood', `${path}: expected ${expected}, got ${JSON.stringify(got)?.slice(0, 80)}`);
