/** Streams whole lists of the API, page by page. */
import { ApiError } from '../kube/api-error.ts';
import type { Kube, Unread } from '../kube/client.ts';
import { eachPage } from '../kube/pages.ts';
import { fieldsOf } from '../model/json.ts';

/** The API to ask, with the user's rights. */
export interface Source {
  readonly kube: Pick<Kube, 'list'>;
  /** Deadline for one page. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/** The receiver of a list. */
export interface Receiver {
  readonly accept?: string;
  /** The list begins. It may begin again, if it changed too long ago for the API server to continue it. */
  readonly begin?: () => void;
  readonly each: (item: unknown) => void;
  readonly unread: Unread;
  /** A page is read. @param remaining items on the pages that follow, as far as the API says */
  readonly page?: (remaining: number) => void;
}

/** Objects per page, as kubectl asks for. */
const pageSize = 500;

/** @throws ApiError */
export async function listAll(
  { kube, deadlineMs, signal }: Source,
  path: string,
  to: Receiver,
): Promise<void> {
  const { accept, each, unread } = to;
  const read = async (page: string): Promise<unknown> => {
    const call = { path: page, deadlineMs, signal, ...(accept !== undefined && { accept }) };
    const list = await kube.list(call, each, unread);
    const { remainingItemCount: remaining } = fieldsOf(fieldsOf(list)['metadata']);
    to.page?.(typeof remaining === 'number' && Number.isSafeInteger(remaining) ? Math.max(0, remaining) : 0);
    return list;
  };
  await eachPage(path, pageSize, read, () => to.begin?.());
}

export const isForbidden = (error: unknown): error is ApiError =>
  error instanceof ApiError && error.status === 403;
