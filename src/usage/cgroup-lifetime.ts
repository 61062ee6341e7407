/** One cgroup inode from birth to death, and what every cgroup is remembered for: its start and its peak. Times in seconds. */
import type { CgroupSample } from '../model/cgroup.ts';
import type { MemoryUsage } from '../model/usage.ts';

/** What a lifetime continues from. */
export interface BegunLifetime {
  readonly inode: number;
  readonly since?: number | undefined;
  readonly peak?: number | undefined;
}

export class CgroupLifetime {
  readonly path: string;
  readonly inode: number;
  /** Time of the first sample; undefined: the time was unknown. */
  since: number | undefined;
  /** The largest real. */
  peak: number | undefined;
  /** Number of the last pass that saw it. */
  pass = 0;
  /** The last sample. A pass that finds a cgroup unchanged hands over the same object again. */
  last: CgroupSample | undefined;

  /** Whether the `high` events rose between the last two samples. */
  isAboveHigh = false;
  private highBefore: { readonly from: string | undefined; readonly events: number } | undefined;

  constructor(path: string, { inode, since, peak }: BegunLifetime) {
    this.path = path;
    this.inode = inode;
    this.since = since;
    this.peak = peak;
  }

  /** Whether a sample adds nothing to what it remembers. @param at undefined: the time is unknown */
  holds(sample: CgroupSample, at: number | undefined): boolean {
    return sample === this.last && (this.since !== undefined || at === undefined);
  }

  /** Called in each pass. @param at undefined: the time is unknown, and only the peak counts */
  observeReal(real: number | undefined, at: number | undefined): void {
    if (real !== undefined && !(real <= (this.peak ?? -1))) this.peak = real;
    this.since ??= at;
  }

  /** Called in each detailed pass, even if the time is unknown. */
  observeHigh({ highFrom, highEvents }: MemoryUsage): void {
    const before = this.highBefore;
    this.isAboveHigh =
      highEvents !== undefined &&
      before !== undefined &&
      before.from === highFrom &&
      highEvents > before.events;
    // After a sample without a value, the next one compares with the last known value.
    if (highEvents !== undefined) this.highBefore = { from: highFrom, events: highEvents };
  }
}
