/** A list kept up to date by a watch that can be trusted: it always comes back, and says when it is out of step. */

import { BackOff } from '../model/back-off.ts';
import { ApiError } from './api-error.ts';
import type { Kube } from './client.ts';
import { type LargeObject, type ReadObject, readObject } from './large-object.ts';

export type Change = 'ADDED' | 'MODIFIED' | 'DELETED';

/** Takes a list as it comes in: nothing of it is kept here. One that is not `done` was not read to its end. */
export interface Listing {
  readonly add: (object: unknown) => void;
  /** An object that is too large to be read. */
  readonly large: (object: LargeObject) => void;
  /** The list has more than is read of it. */
  readonly cut: (why: string) => void;
  readonly done: () => void;
}

export interface WatchHandlers {
  readonly list: () => Listing;
  readonly change: (type: Change, object: unknown) => void;
  /** The same of an object that is too large to be read. */
  readonly largeChange: (type: Change, object: LargeObject) => void;
  /** The API answered at this moment: what is known is what it knows. */
  readonly inStep: (at: number) => void;
  /** It did not, for this reason; it is asked again in `waitMs`. */
  readonly outOfStep: (fault: ApiError, waitMs: number, call: 'list' | 'watch') => void;
}

/** The world outside, given so that tests need not wait. */
export interface WatchWorld {
  readonly now: () => number;
  /** Settles after the time, or at once when the signal is given; never rejects. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** The server ends a watch by itself; each takes a time of its own in between, lest all come back at once. */
const shortestWatchMs = 240_000;
const longestWatchMs = 480_000;
/** A server that does not end it by then has forgotten to. */
const graceMs = 15_000;
/**
 * After so much silence a new watch tells whether anybody is there: a connection that is half open says no event, no
 * bookmark, and not that it ended. Servers send a bookmark about each minute, but none while nothing happens in the whole
 * cluster: so the silence itself is no fault.
 */
const longestSilenceMs = 120_000;
/** A watch is accepted at once, or not at all. */
const longestOpeningMs = 30_000;
const lookMs = 30_000;
/** A watch that ends sooner is no answer, however politely it ended. */
const shortestAnswerMs = 1_000;
/** Whatever a watch may have missed is mended by a new list. */
const relistMs = 600_000;
const firstWaitMs = 1_000;
const longestWaitMs = 30_000;

export class Watch {
  private readonly kube: Kube;
  private readonly path: string;
  private readonly handlers: WatchHandlers;
  private readonly world: WatchWorld;
  /** Where the watch goes on; undefined: a new list is needed. */
  private version: string | undefined;
  private listedAt = Number.NEGATIVE_INFINITY;
  private readonly backOff: BackOff;
  /** For how long the watch has said nothing, at the last look. */
  private quietMs = 0;
  private accepted = false;

  /** @param path of the list, with its selectors: `/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1` */
  constructor(kube: Kube, path: string, handlers: WatchHandlers, world: WatchWorld) {
    this.backOff = new BackOff({ firstMs: firstWaitMs, longestMs: longestWaitMs, random: world.random });
    this.kube = kube;
    this.path = path;
    this.handlers = handlers;
    this.world = world;
  }

  /** Settles when the signal is given, and only then. */
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
        // What the server no longer remembers, and what could not be understood, begins with a new list.
        const lost = fault.status === 410 || fault.reason === 'NotUnderstood';
        if (lost) this.version = undefined;
        // Told to come back at once, all would, and again.
        const wait = fault.retryAfterMs || this.backOff.next();
        this.handlers.outOfStep(fault, wait, call);
        await this.world.sleep(wait, signal);
      }
    }
  }

  private async list(signal: AbortSignal): Promise<void> {
    // Version 0: from the server's own memory. A list through the quorum by every node at once can bring it down.
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

  /** One watch, to its end. */
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
    void this.lookAfter(durationMs + graceMs, AbortSignal.any([ended.signal, signal])).then(() =>
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
      if (!this.accepted) throw new ApiError(0, 'Silent', `${this.path}: no answer to a watch`);
    } finally {
      ended.abort();
    }
    if (now() - began < shortestAnswerMs)
      throw new ApiError(0, 'Short', `${this.path}: a watch ended at once`);
    this.backOff.reset();
  }

  /** Settles when a watch is to be given up. Looks are counted, times not compared: the clock of a machine may be set. */
  private async lookAfter(longestMs: number, ended: AbortSignal): Promise<void> {
    for (let ms = 0; ms < longestMs && !this.isSilent() && !ended.aborted; ms += lookMs) {
      await this.world.sleep(lookMs, ended);
      this.quietMs += lookMs;
    }
  }

  private isSilent(): boolean {
    return this.quietMs >= (this.accepted ? longestSilenceMs : longestOpeningMs);
  }

  private take(line: string | LargeObject): void {
    const event = typeof line === 'string' ? parse(line) : { large: line };
    if ('large' in event) {
      const { large } = event;
      const { resourceVersion } = large.metadata;
      if (!isVersion(resourceVersion) || !isChange(large.type))
        throw notUnderstood(this.path, 'an event', large);
      this.handlers.largeChange(large.type, large);
      this.goOn(resourceVersion);
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
    this.goOn(version);
  }

  private goOn(version: string): void {
    this.version = version;
    this.backOff.reset();
  }

  private query(more: Readonly<Record<string, string>>): string {
    const [bare, given] = this.path.split('?', 2);
    return `${bare}?${new URLSearchParams([...new URLSearchParams(given), ...Object.entries(more)])}`;
  }
}

function parse(line: string): ReadObject {
  try {
    return readObject(line);
  } catch {
    return { value: undefined };
  }
}

/** Longer than any version: it goes back to the server as part of a path. */
const longestVersion = 256;
const isVersion = (version: unknown): version is string =>
  typeof version === 'string' && version.length <= longestVersion;
const isChange = (type: unknown): type is Change =>
  type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED';

const notUnderstood = (path: string, expected: string, got: unknown): ApiError =>
  new ApiError(0, 'NotUnderstood', `${path}: expected ${expected}, got ${JSON.stringify(got)?.slice(0, 80)}`);
