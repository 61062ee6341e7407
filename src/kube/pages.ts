/** Lists of the API, a page at a time: a whole one of a large cluster is too much for either side. */
import { ApiError } from './api-error.ts';

/** The objects' metadata alone: a pod can have a megabyte. */
export const metadataOnly = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

export const mapsPath = (namespace: string): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`;

/** Of 500 pods, more than Kubernetes has in any cluster. A server that always says there is more never ends by itself. */
const mostPages = 2_000;
/** A token goes back as part of a path: no server would take a longer one. */
const longestToken = 8 * 1024;

/**
 * @param path with its query, as far as it has one
 * @param read one page; settles with the list without its items
 * @throws KubeFault, also where the pages have no end
 */
export async function eachPage(
  path: string,
  size: number,
  read: (path: string) => Promise<unknown>,
): Promise<void> {
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
        `${path}: where the list goes on is no text, or too long for one`,
      );
    if (token === next || pages === mostPages)
      throw new ApiError(0, 'TooLarge', `${path}: after ${pages} pages of ${size} the list still goes on`);
    next = token;
  }
}
