/** gzip: in base64 for objects with a size limit, and as bytes for HTTP. */
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw, gunzipSync, gzip } from 'node:zlib';

/** On a thread of the pool, so that a pass need not wait. */
const deflate = promisify(deflateRaw);
const gzipAside = promisify(gzip);

/** Level 6 makes metrics a tenth smaller than level 1, for more than twice the CPU time. */
const level = 1;

/** The beginning of a gzip file, which can have various ends. */
export interface BegunGzip {
  readonly deflated: Uint8Array;
  readonly crc: number;
  readonly length: number;
}

export const beginGzip = async (bytes: Uint8Array): Promise<BegunGzip> => ({
  // A flush ends at a whole byte, so another deflated block can follow.
  deflated: await deflate(bytes, { level, finishFlush: constants.Z_SYNC_FLUSH }),
  crc: crc32(bytes),
  length: bytes.length,
});

/** gzip (RFC 1952) without a name and a time, from an unknown system. */
const gzipHead = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

export async function endGzip({ deflated, crc, length }: BegunGzip, end: Uint8Array): Promise<Uint8Array> {
  const tail = new DataView(new ArrayBuffer(8));
  tail.setUint32(0, crc32(end, crc), true);
  tail.setUint32(4, length + end.length, true);
  return Buffer.concat([
    Uint8Array.from(gzipHead),
    deflated,
    await deflate(end, { level }),
    new Uint8Array(tail.buffer),
  ]);
}

export const pack = async (text: string): Promise<string> =>
  (await gzipAside(text, { level: 9 })).toString('base64');

/**
 * @param most maximum size in bytes after decompression, as a few bytes can decompress to terabytes
 * @throws the error of zlib when it is not gzip, or larger than `most`
 */
export const unpack = (packed: string, most: number): string =>
  gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength: most }).toString('utf8');
