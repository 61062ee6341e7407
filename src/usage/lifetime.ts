/** One cgroup inode from birth to death, and the aggregate that its closed windows add to. Times in seconds. */

import type { ContainerKey } from '../model/container-key.ts';
import { hashOf } from '../model/text.ts';
import type { MemoryUsage } from '../model/usage.ts';
import { UsageAggregate } from './aggregate.ts';
import { LeakDetector, type LeakDetectorState } from './leak-detector.ts';
import { type LifetimeSample, OpenWindows, type WindowsState } from './open-windows.ts';

/** The limits in force, and the usage against them. Detailed passes alone have them. */
export interface Bounds {
  readonly usage: number | undefined;
  readonly real: number | undefined;
  /** The limit of the container or its pod. */
  readonly limit: number | undefined;
  /** `memory.high` of the container or its pod, and whether the kernel throttles it there. */
  readonly high?: number | undefined;
  readonly throttled?: boolean;
  /** Percent of the last minute in which all tasks waited for memory. */
  readonly stalled: number | undefined;
}

/** The state of a lifetime that survives a restart of the agent. */
export interface LifetimeState extends WindowsState {
  /** Hash of the path. */
  readonly path: number;
  readonly inode: number;
  readonly since: number;
  readonly peak?: number;
  readonly key?: ContainerKey;
  readonly pod?: string;
  readonly leakDetector?: LeakDetectorState;
}

type Begun = Omit<LifetimeState, 'path' | 'since'> & Partial<Pick<LifetimeState, 'since'>>;

/** From this share on, usage counts as at the limit: the kernel charges in batches. */
const atLimit = 0.98;

export class ContainerLifetime {
  readonly path: string;
  readonly inode: number;
  /** Time of the first sample; undefined: the time was unknown. */
  since: number | undefined;
  /** The largest real. */
  peak: number | undefined;
  /** Number of the last pass that saw it. */
  pass = 0;
  /** Undefined: it has no name yet. */
  key: ContainerKey | undefined;
  pod: string | undefined;
  /** Closed windows add to it: a private aggregate until the lifetime has a name. */
  aggregate: UsageAggregate;

  /** Whether the `high` events rose between the last two samples. */
  isAboveHigh = false;
  private highBefore: { readonly from: string | undefined; readonly events: number } | undefined;

  private readonly windows: OpenWindows;
  private leakDetector: LeakDetector;

  constructor(path: string, state: Begun, aggregate = new UsageAggregate()) {
    this.path = path;
    this.inode = state.inode;
    this.since = state.since;
    this.peak = state.peak;
    this.key = state.key;
    this.pod = state.pod;
    this.aggregate = aggregate;
    this.windows = new OpenWindows(state);
    this.leakDetector = new LeakDetector(state.leakDetector);
  }

  /** Continues from this state of the same lifetime. */
  restore(state: LifetimeState): void {
    this.since = state.since;
    this.peak = state.peak;
    this.windows.restore(state);
    this.leakDetector = new LeakDetector(state.leakDetector);
  }

  /** Called in each pass. @param at undefined: the time is unknown, and only the peak counts */
  observe(sample: LifetimeSample, at: number | undefined): void {
    const { real } = sample;
    if (real !== undefined && !(real <= (this.peak ?? -1))) this.peak = real;
    if (at === undefined) return;
    this.since ??= at;
    if (!this.windows.contains(at)) this.turn(at, this.since);
    this.windows.observe(sample);
  }

  /** Called in each detailed pass with a known time. */
  observeBounds({ usage, real, limit, high, throttled = false, stalled }: Bounds, at: number): void {
    if (stalled !== undefined && stalled > 0) this.aggregate.note(at, { stalled });
    if (high !== undefined && throttled) this.aggregate.note(at, { throttled: high });
    const first = Math.min(limit ?? Number.POSITIVE_INFINITY, high ?? Number.POSITIVE_INFINITY);
    if (usage !== undefined && usage >= atLimit * first) this.aggregate.note(at, { squeezed: true });
    if (limit === undefined) return;
    if (real !== undefined && real >= atLimit * limit) this.aggregate.note(at, { atLimit: limit });
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

  /** Gives it a name, and moves its private aggregate into that of the name. */
  name(key: ContainerKey, pod: string, aggregate: UsageAggregate): void {
    aggregate.merge(this.aggregate);
    this.aggregate = aggregate;
    this.key = key;
    this.pod = pod;
  }

  /** Closes the open windows at its end. */
  end(): void {
    this.closeInto(this.aggregate);
  }

  /** Adds the open windows, as if they closed now. */
  closeInto(aggregate: UsageAggregate): void {
    this.windows.closeInto(aggregate, this.since);
  }

  get state(): LifetimeState {
    const { inode, since, peak, key, pod } = this;
    const all = {
      path: hashOf(this.path),
      ...{ inode, since, peak, key, pod },
      ...this.windows.state,
      leakDetector: this.leakDetector.state.values.length === 0 ? undefined : this.leakDetector.state,
    };
    const known = Object.entries(all).filter(([, value]) => value !== undefined && !Number.isNaN(value));
    return Object.fromEntries(known) as unknown as LifetimeState;
  }

  /** Undefined: no leak. */
  get leak() {
    return this.leakDetector.growth();
  }

  /** The open five minutes are over, or the clock was set back. */
  private turn(at: number, since: number): void {
    if (this.windows.areAhead(at)) {
      this.since = Math.min(since, at);
      this.windows.setBack(at);
      if (this.leakDetector.state.start > at) this.leakDetector = new LeakDetector();
    }
    const closed = this.windows.turn(at, this.since ?? since, this.aggregate);
    if (closed === undefined) return;
    if (closed.least !== undefined) this.leakDetector.add(closed.least, closed.start);
    const { leak, pod } = this;
    if (leak !== undefined && pod !== undefined) this.aggregate.leaking({ pod, ...leak });
  }
}
