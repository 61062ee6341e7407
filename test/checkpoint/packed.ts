/** What `pack` gives, at once. */
import { gzipSync } from 'node:zlib';

export const packed = (text: string): string => gzipSync(text, { level: 9 }).toString('base64');
