/** Removes what agents wrote to a cluster: annotations of pods, reports, ConfigMaps. */

import { ApiError } from '../kube/api-error.ts';
import type { Kube } from '../kube/client.ts';
import type { LargeObject } from '../kube/large-object.ts';
import { eachPage, mapsPath, metadataOnly } from '../kube/pages.ts';
import { BackOff } from '../model/back-off.ts';
import { defined } from '../model/json.ts';
import { messageOf } from '../model/located-error.ts';
import { isOwnAnnotation } from '../model/pod.ts';
import { reportsPath } from '../model/product.ts';
import { epochSeconds } from '../model/time.ts';
import { patchOf } from './annotations.ts';
import { configMapName } from './config-map.ts';
import { historyLabels, historyMapName, historyWrittenKey } from './history-map.ts';

export interface CleanupWorld {
  /** Resolves after `ms` milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly say: (line: string) => void;
  /** From 0 to 1. */
  readonly random: () => number;
}

export interface CleanupOptions {
  /** Namespace of the ConfigMaps. */
  readonly namespace: string;
  readonly dryRun: boolean;
  /** Removes only histories last written before this time, in milliseconds since 1970. */
  readonly historiesBefore?: number;
}

interface FoundObject {
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion?: string;
}

interface Metadata extends FoundObject {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

interface Kind {
  readonly name: string;
  readonly done: string;
  /** Path of the list in the API. */
  readonly path: string;
  readonly isOurs: (metadata: Metadata) => boolean;
  /** Removes an object only in the version that was listed, so that a history written meanwhile stays. */
  readonly asListed?: true;
  readonly remove: (kube: Kube, found: FoundObject) => Promise<unknown>;
}

/** Pause between writes: at most 50 a second. */
const betweenMs = 20;
/** Pause between passes: a terminating agent may write once more. */
const againMs = 15_000;
const mostPasses = 5;
const mostTries = 5;
const firstWaitMs = 2_000;
const longestWaitMs = 16_000;

const remove =
  (list: string) =>
  (kube: Kube, { name, uid, resourceVersion }: FoundObject): Promise<unknown> =>
    kube.call({
      method: 'DELETE',
      path: `${list}/${encodeURIComponent(name)}`,
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid, resourceVersion } },
    });

/** Histories of nodes that are gone. The agent writes the time into each, so one without a time is not realmem's. */
const oldHistories = (namespace: string, before: number): Kind => ({
  name: 'old histories',
  done: '%n deleted',
  path: mapsPath(namespace),
  isOurs: ({ name, labels = {}, annotations = {} }) => {
    const seconds = epochSeconds(annotations[historyWrittenKey] ?? '');
    return isHistory(name, labels) && seconds !== undefined && seconds * 1000 < before;
  },
  asListed: true,
  remove: remove(mapsPath(namespace)),
});

const isHistory = (name: string, labels: Readonly<Record<string, string>>): boolean =>
  name.startsWith(historyMapName('')) &&
  Object.entries(historyLabels).every(([key, value]) => labels[key] === value);

const kindsIn = (namespace: string): readonly Kind[] => {
  const maps = mapsPath(namespace);
  return [
    {
      name: 'annotations',
      done: 'removed from %n pods',
      path: '/api/v1/pods',
      isOurs: ({ annotations = {} }) => Object.keys(annotations).some(isOwnAnnotation),
      remove: (kube, { namespace: of = '', name, uid }) =>
        kube.call(patchOf({ namespace: of, name, uid }, undefined)),
    },
    {
      name: 'reports',
      done: '%n deleted',
      path: reportsPath,
      isOurs: () => true,
      remove: remove(reportsPath),
    },
    {
      name: 'config maps',
      done: '%n deleted',
      path: maps,
      isOurs: ({ name, labels = {} }) =>
        isHistory(name, labels) ||
        (labels['app.kubernetes.io/managed-by'] === 'realmem' && name.startsWith(configMapName(''))),
      remove: remove(maps),
    },
  ];
};

/** @returns one line for each object that is left. @throws ApiError if the API server does not answer at all */
export async function cleanUp(
  kube: Kube,
  { namespace, dryRun, historiesBefore }: CleanupOptions,
  world: CleanupWorld,
): Promise<readonly string[]> {
  const kinds =
    historiesBefore === undefined ? kindsIn(namespace) : [oldHistories(namespace, historiesBefore)];
  const works = kinds.map((kind): Work => ({ kind, removed: 0, failed: [] }));
  const left: string[] = [];
  for (let pass = 1; ; pass++) {
    let removed = 0;
    for (const work of works) removed += await passOver(kube, work, dryRun, world);
    // Another pass would fail at the same objects.
    if (dryRun || removed === 0 || historiesBefore !== undefined) break;
    if (pass === mostPasses) {
      left.push('an agent still runs and writes again; stop all agents, then retry');
      break;
    }
    await world.sleep(againMs);
  }
  for (const { kind, removed } of works) {
    const done = kind.done.replace('%n', String(removed));
    world.say(`${kind.name}: ${dryRun ? 'would be ' : ''}${done}`);
  }
  for (const { kind, failed } of works) left.push(...failed.map((why) => `${kind.name}: ${why}`));
  return left;
}

interface Work {
  readonly kind: Kind;
  removed: number;
  /** Failures of the last pass, with reasons. */
  failed: readonly string[];
}

/** @returns number of removed objects */
async function passOver(kube: Kube, work: Work, dryRun: boolean, world: CleanupWorld): Promise<number> {
  const list = await listed(kube, work.kind, world);
  if (typeof list === 'string') {
    work.failed = [list];
    return 0;
  }
  const { found, unread } = list;
  const failed = dryRun ? [] : await removeAll(kube, work.kind, found, world);
  work.failed = [...failed, ...unread];
  const removed = found.length - failed.length;
  work.removed += removed;
  return removed;
}

async function removeAll(
  kube: Kube,
  kind: Kind,
  found: readonly FoundObject[],
  world: CleanupWorld,
): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const one of found) {
    await world.sleep(betweenMs);
    try {
      await withRetry(() => kind.remove(kube, one), world);
    } catch (error) {
      // The object is gone, or a new one has its name.
      if (error instanceof ApiError && (error.status === 404 || error.status === 409)) continue;
      failed.push(`${one.name}: ${messageOf(error)}`);
    }
  }
  return failed;
}

/** @returns the list, or the reason why the API server refused it */
async function listed(kube: Kube, kind: Kind, world: CleanupWorld): Promise<Listed | string> {
  try {
    return await listOnce(kube, kind, world);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // Without the CRD there are no objects.
    if (error.status === 404) return { found: [], unread: [] };
    if (error.status === 0) throw error;
    return messageOf(error);
  }
}

interface Listed {
  readonly found: readonly FoundObject[];
  /** Objects too large to check whether they are realmem's, with reasons. */
  readonly unread: readonly string[];
}

const listDeadlineMs = 60_000;

async function listOnce(kube: Kube, kind: Kind, world: CleanupWorld): Promise<Listed> {
  const found: FoundObject[] = [];
  const unread: string[] = [];
  const read = async (path: string): Promise<unknown> => {
    const list = await withRetry(async () => {
      const page: FoundObject[] = [];
      const pageUnread: string[] = [];
      const each = (item: unknown): void => {
        const { metadata } = item as { readonly metadata: Metadata };
        const { namespace, name, uid, resourceVersion } = metadata;
        const version = kind.asListed ? resourceVersion : undefined;
        if (kind.isOurs(metadata))
          page.push(defined<FoundObject>({ name, uid, namespace, resourceVersion: version }));
      };
      const large = ({ metadata: { namespace = '', name = '?' }, why }: LargeObject): void => {
        pageUnread.push(`${namespace}/${name}: cannot read its metadata: ${why}`);
      };
      const answer = await kube.list({ path, accept: metadataOnly, deadlineMs: listDeadlineMs }, each, {
        large,
      });
      return { answer, page, pageUnread };
    }, world);
    found.push(...list.page);
    unread.push(...list.pageUnread);
    return list.answer;
  };
  await eachPage(kind.path, 500, read, () => {
    found.length = 0;
    unread.length = 0;
  });
  return { found, unread };
}

/** Retries with exponential back-off after 429, 5xx and broken connections. */
async function withRetry<T>(ask: () => Promise<T>, { sleep, random }: CleanupWorld): Promise<T> {
  const backOff = new BackOff({ firstMs: firstWaitMs, longestMs: longestWaitMs, random });
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      const isTransient =
        error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 500);
      if (!isTransient || tries === mostTries) throw error;
      await sleep(backOff.next(error.retryAfterMs));
    }
  }
}
