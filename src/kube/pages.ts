/** Reads lists of the API page by page. A whole list of a large cluster is too much for client and server. */
import { ApiError } from './api-error.ts';

/** Accept header for metadata only: a whole pod can have a megabyte. */
export const metadataOnly = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

/** The same for one object. */
export const oneMetadata = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';

/** API path of a namespace's ConfigMaps. */
export const mapsPath = (namespace: string): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`;

/** Maximum number of pages: with 500 pods each, more than any cluster has. A broken server may never end the list. */
const mostPages = 2_000;
/** Maximum length of a continue token. It is sent back in the query, where servers accept no longer one. */
const longestToken = 8 * 1024;

/** Reads the page at a path. Resolves with the list without its items. */
type ReadPage = (path: string) => Promise<unknown>;

/** The API server no longer has the version of the list. It keeps one for some five minutes; a slow network can take longer. */
const expired = 410;

/**
 * Reads all pages of a list.
 * @param path with its query, if any
 * @param size objects per page
 * @param begin called at the beginning of the list, and once more if the API server forgets it before its end: forget what was read
 * @throws ApiError, also when the pages do not end
 */
export async function eachPage(path: string, size: number, read: ReadPage, begin: () => void): Promise<void> {
  begin();
  try {
    await pagesFrom(path, size, read);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== expired) throw error;
    begin();
    await pagesFrom(path, size, read);
  }
}

async function pagesFrom(path: string, size: number, read: ReadPage): Promise<void> {
  let next = '';
  for (let pages = 1; ; pages++) {
    const query = `limit=${size}${next === '' ? '' : `&continue=${encodeURIComponent(next)}`}`;
    const list = await read(`${path}${path.includes('?') ? '&' : '?'}${query}`);
    const token = (list as { metadata?: { continue?: unknown } } | null)?.metadata?.continue ?? '';
    if (token === '') return;
    if (typeof token !== 'string' || token.length > longestToken)
      throw new ApiError(
        0,
        'NotUnderstood',
        `${path}: expected a continue token of at most ${longestToken} characters, got another value`,
      );
    if (token === next || pages === mostPages)
      throw new ApiError(
        0,
        'TooLarge',
        `${path}: expected the list to end, got a continue token after ${pages} pages of ${size}`,
      );
    next = token;
  }
}
