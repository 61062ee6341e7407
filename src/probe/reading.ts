/** The figures of the probed cgroup at one moment. */
import { realOf } from '../account/memory.ts';
import { type Bytes, bytes } from '../model/bytes.ts';
import { CgroupGone, type CgroupVersion, type RawCgroup } from '../model/cgroup.ts';
import { defined } from '../model/json.ts';
import { LocatedError } from '../model/located-error.ts';
import { kmemFile, readUsage } from '../sample/cgroup.ts';
import { amount } from '../sample/details.ts';
import { parseEveryKey } from '../sample/every-key.ts';
import { isExact } from '../sample/number.ts';
import { parseStalled } from '../sample/pressure.ts';
import { parseStat } from '../sample/stat.ts';

export interface Reading {
  /** Milliseconds of a monotonic clock. */
  readonly at: number;
  readonly usageBytes: Bytes;
  readonly realBytes: Bytes;
  /** Page cache that the kernel can take: the active and the inactive list of files. */
  readonly cacheBytes: Bytes;
  /** File pages read again after the kernel dropped them, since the cgroup was created. */
  readonly rereads: number;
  /** Page faults that waited for a disk, since the cgroup was created. */
  readonly majorFaults?: number;
  /** Bytes read from a disk, since the cgroup was created. Absent: v1, or no io controller. */
  readonly readBytes?: number;
  /** Kernel memory; on v2 only its reclaimable slab. Reclaim takes some of it together with page cache. Absent: not counted. */
  readonly kernelBytes?: Bytes;
  /** Milliseconds in which a task waited for memory, since the cgroup was created. Absent: no PSI. */
  readonly stalledMs?: number;
}

/** @param at milliseconds @throws CgroupGone; LocatedError if the kernel lacks a figure that the probe needs */
export function readingOf(raw: RawCgroup, version: CgroupVersion, at: number): Reading {
  const usage = readUsage(raw, version);
  const text = raw.read('memory.stat');
  // A removed cgroup has no files any more.
  if (usage === undefined || text === undefined) throw new CgroupGone();
  const stat = parseStat('memory.stat', text, version, true, () => {});
  const keys = parseEveryKey('memory.stat', text);
  const pressure = raw.read('memory.pressure');
  const stalledMs = pressure && parseStalled('memory.pressure', pressure);
  const kmem = version === 1 ? raw.read(kmemFile) : undefined;
  const io = version === 2 ? raw.read('io.stat') : undefined;
  const { activeFile, inactiveFile, refaultFile } = stat;
  const real = realOf({ id: raw.id, version, usage, stat, faults: [] });
  if (activeFile === undefined || inactiveFile === undefined || real === undefined)
    throw lacks(raw, 'active_file and inactive_file');
  if (refaultFile === undefined) throw lacks(raw, 'workingset_refault_file');
  return {
    at,
    usageBytes: usage,
    realBytes: real,
    cacheBytes: bytes(activeFile + inactiveFile),
    rereads: refaultFile,
    ...defined({
      majorFaults: keys.get(version === 1 ? 'total_pgmajfault' : 'pgmajfault'),
      kernelBytes: kmem === undefined ? stat.slabReclaimable : amount(kmemFile, kmem),
      stalledMs,
      // Without a read since the cgroup was created, the file is empty.
      readBytes: io && (parseReadBytes(io) ?? 0),
    }),
  };
}

const lacks = ({ id }: RawCgroup, keys: string): LocatedError =>
  new LocatedError({
    where: `${id.path}/memory.stat`,
    expected: keys,
    got: 'a kernel that does not count them per cgroup',
  });

/**
 * `io.stat` of cgroup v2 (Documentation/admin-guide/cgroup-v2.rst) has a line for each device, such as `8:0 rbytes=4096 wbytes=0 …`.
 * @returns bytes that the cgroup read, of the device with most. A sum would count a read twice where one device lies on another, as with LVM.
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
