/** Reads objects of the API for checks. A refusal is a result, not an error. */

import { listAll } from '../cluster/listing.ts';
import { ApiError } from '../kube/api-error.ts';
import type { Kube } from '../kube/client.ts';
import { metadataOnly } from '../kube/pages.ts';
import { type Fields, fieldsOf } from '../model/json.ts';
import { type Check, warn } from './check.ts';

/** The API refused it, or did not answer. */
export interface Refused {
  readonly why: string;
  /** HTTP status; 0 without an answer. */
  readonly status: number;
}

export interface Lists {
  /** @param path of one object */
  object(path: string): Promise<Fields | Refused>;
  /** All objects. @param path with its query */
  all(path: string): Promise<readonly Fields[] | Refused>;
  /** Their metadata alone. */
  metadata(path: string): Promise<readonly Fields[] | Refused>;
  /** Metadata of the first objects. */
  first(path: string): Promise<readonly Fields[] | Refused>;
}

const deadlineMs = 30_000;
/** Objects of one list. A cluster has a history and a report per node. */
const mostObjects = 20_000;
const firstPage = 500;

export const isRefused = (answer: object): answer is Refused => 'why' in answer && 'status' in answer;

export function asking(kube: Pick<Kube, 'call' | 'list'>): Lists {
  const signal = new AbortController().signal;
  const list = (path: string, accept?: string): Promise<readonly Fields[] | Refused> =>
    orRefused(async () => {
      const found: Fields[] = [];
      await listAll({ kube, deadlineMs, signal }, path, {
        ...(accept !== undefined && { accept }),
        begin: () => found.splice(0),
        each: (item) => {
          if (found.length < mostObjects) found.push(fieldsOf(item));
        },
        unread: { large: ({ metadata }) => found.push({ metadata }) },
      });
      return found;
    });
  return {
    object: (path) => orRefused(async () => fieldsOf(await kube.call({ path, deadlineMs }))),
    all: (path) => list(path),
    metadata: (path) => list(path, metadataOnly),
    first: (path) =>
      orRefused(async () => {
        const found: Fields[] = [];
        const page = `${path}${path.includes('?') ? '&' : '?'}limit=${firstPage}`;
        await kube.list(
          { path: page, accept: metadataOnly, deadlineMs },
          (item) => found.push(fieldsOf(item)),
          {
            large: () => {},
          },
        );
        return found;
      }),
  };
}

async function orRefused<Answer>(work: () => Promise<Answer>): Promise<Answer | Refused> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { why: error.message, status: error.status };
  }
}

/** @param right that the user needs: `list nodes` */
export const notChecked = (name: string, right: string, { why, status }: Refused): Check =>
  status === 403
    ? warn(name, `not checked: you may not ${right}`, `ask for the right to ${right}`)
    : warn(name, `not checked: ${why}`);
