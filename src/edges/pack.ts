/** Compresses text for objects with a size limit, as gzip in base64. */
import { gunzipSync, gzipSync } from 'node:zlib';

export const pack = (text: string): string => gzipSync(text, { level: 9 }).toString('base64');

/**
 * @param most maximum size in bytes after decompression, as a few bytes can decompress to terabytes
 * @throws the error of zlib when it is not gzip, or larger than `most`
 */
export const unpack = (packed: string, most: number): string =>
  gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength: most }).toString('utf8');
