/** Text, packed for places where each byte is paid for. */
import { gunzipSync, gzipSync } from 'node:zlib';

export const pack = (text: string): string => gzipSync(text, { level: 9 }).toString('base64');

/** @param most what comes out may have so many bytes: a few bytes can be packed of which terabytes come. @throws where it is no gzip, or has more */
export const unpack = (packed: string, most: number): string =>
  gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength: most }).toString('utf8');
