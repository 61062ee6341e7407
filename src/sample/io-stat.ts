/** Parses `io.stat` of cgroup v2 (Documentation/admin-guide/cgroup-v2.rst): a line for each device, such as `8:0 rbytes=4096 wbytes=0 …`. */
import { isExact } from './number.ts';

/**
 * Bytes that the cgroup read, of the device with most. A sum would count a read twice where one device lies on another, as with LVM.
 * Lines of another form count for nothing. Undefined without a line that counts.
 */
export function parseReadBytes(text: Uint8Array): number | undefined {
  let most: number | undefined;
  for (const line of new TextDecoder().decode(text).split('\n')) {
    const [, digits] = /^\d+:\d+ (?:\S+ )*?rbytes=(\d+)(?: |$)/.exec(line) ?? [];
    const read = Number(digits);
    if (digits !== undefined && isExact(read)) most = Math.max(most ?? 0, read);
  }
  return most;
}
