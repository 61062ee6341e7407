/** The cache of ZFS (ARC). It is kernel memory outside the page cache: `/proc/meminfo` counts it as used. */
import type { Bytes } from './bytes.ts';

export interface Arcstats {
  readonly size: Bytes;
  /** What it never shrinks below. */
  readonly least?: Bytes;
  /** Data and metadata that nobody holds at the moment. */
  readonly evictable?: Bytes;
}
