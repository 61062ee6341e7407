/** Lists of the API, a page at a time: a whole one of a large cluster is too much for either side. */

/** The objects' metadata alone: a pod can have a megabyte. */
export const metadataOnly = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

export const mapsPath = (namespace: string): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`;

/**
 * @param path with its query, as far as it has one
 * @param read one page; settles with the list without its items
 */
export async function eachPage(
  path: string,
  size: number,
  read: (path: string) => Promise<unknown>,
): Promise<void> {
  let next = '';
  do {
    const query = `limit=${size}${next === '' ? '' : `&continue=${encodeURIComponent(next)}`}`;
    const list = await read(`${path}${path.includes('?') ? '&' : '?'}${query}`);
    next = (list as { metadata?: { continue?: string } } | null)?.metadata?.continue ?? '';
  } while (next !== '');
}
