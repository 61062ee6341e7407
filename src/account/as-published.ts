/** The founding document's last formula, kept as it was printed. */
import { type Bytes, bytes } from '../model/bytes.ts';

/**
 * usage − (rss + active_file + inactive_file). An erratum: rss is no cache, so that what is left is the tmpfs alone
 * (the document's sample: 73511239680 bytes, where 74207219712 cannot be dropped). The text around the formula, which
 * takes the cache out and keeps tmpfs in, is what `realBytes` follows. Never used for a figure of our own.
 */
export const asPublished = (usage: Bytes, rss: Bytes, activeFile: Bytes, inactiveFile: Bytes): Bytes =>
  bytes(usage - (rss + activeFile + inactiveFile));
