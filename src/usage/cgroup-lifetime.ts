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
  /** Time of the first sample; undefined: the time was unknown. Whole seconds, which the engine keeps in the object itself. */
  since: number | undefined;
  /** The largest real. */
  peak: number | undefined;
  /** Number of the last pass that saw it. */
  pass = 0;
  /** The last sample. A pass that finds a cgroup unchanged hands over the same object again. */
  last: CgroupSample | undefined;

  /** One field, because nearly no cgroup has it. */
  private high:
    | { readonly from: string | undefined; readonly events: number; readonly isAbove: boolean }
    | undefined;

  constructor(path: string, { inode, since, peak }: BegunLifetime) {
    this.path = path;
    this.inode = inode;
    this.since = since === undefined ? undefined : Math.floor(since);
    this.peak = peak;
  }

  /** Whether a sample adds nothing to what it remembers. @param at undefined: the time is unknown */
  holds(sample: CgroupSample, at: number | undefined): boolean {
    return sample === this.last && (this.since !== undefined || at === undefined);
  }

  /** Called in each pass. @param at undefined: the time is unknown, and only the peak counts */
  observeReal(real: number | undefined, at: number | undefined): void {
    if (real !== undefined && !(real <= (this.peak ?? -1))) this.peak = real;
    if (this.since === undefined && at !== undefined) this.since = Math.floor(at);
  }

  /** Called in each detailed pass, even if the time is unknown. */
  observeHigh({ highFrom: from, highEvents }: MemoryUsage): void {
    const before = this.high;
    const isAbove =
      highEvents !== undefined && before !== undefined && before.from === from && highEvents > before.events;
    // After a sample without a value, the next one compares with the last known value.
    if (highEvents !== undefined) this.high = { from, events: highEvents, isAbove };
    else if (before?.isAbove === true) this.high = { ...before, isAbove };
  }

  /** Whether the `high` events rose between the last two samples. */
  get isAboveHigh(): boolean {
    return this.high?.isAbove ?? false;
  }
}
