/** The lifetime of a container, and the aggregate that its closed windows add to. Times in seconds. */

import type { CgroupSample } from '../model/cgroup.ts';
import type { CgroupRole } from '../model/cgroup-role.ts';
import type { ContainerKey } from '../model/container-key.ts';
import { defined } from '../model/json.ts';
import { hashOf } from '../model/text.ts';
import { UsageAggregate } from './aggregate.ts';
import { CgroupLifetime } from './cgroup-lifetime.ts';
import { atLimit } from './kill-counters.ts';
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

export class ContainerLifetime extends CgroupLifetime {
  /** Undefined: it has no name yet. */
  key: ContainerKey | undefined;
  pod: string | undefined;
  /** Closed windows add to it: a private aggregate until the lifetime has a name. */
  aggregate: UsageAggregate;
  /** Undefined: it was restored. */
  readonly role: CgroupRole | undefined;

  private readonly windows: OpenWindows;
  /** The packed leak detector, which changes once an hour. Undefined: it has no value yet. */
  private leakDetector: string | undefined;

  constructor(path: string, state: Begun, aggregate = new UsageAggregate(), role?: CgroupRole) {
    super(path, state);
    this.key = state.key;
    this.pod = state.pod;
    this.aggregate = aggregate;
    this.role = role;
    this.windows = new OpenWindows(state);
    this.leakDetector = new LeakDetector(state.leakDetector).packed;
  }

  /** Continues from this state of the same lifetime. */
  restore(state: LifetimeState): void {
    this.since = Math.floor(state.since);
    this.peak = state.peak;
    this.windows.restore(state);
    this.leakDetector = new LeakDetector(state.leakDetector).packed;
  }

  override holds(sample: CgroupSample, at: number | undefined): boolean {
    return super.holds(sample, at) && (at === undefined || this.windows.contains(at));
  }

  /** The largest real that is not yet in the aggregate, in bytes. Undefined: none. */
  get openPeak(): number | undefined {
    return this.windows.peak;
  }

  /** Called in each pass. @param at undefined: the time is unknown, and only the peak counts */
  observe(sample: LifetimeSample, at: number | undefined): void {
    this.observeReal(sample.real, at);
    if (at === undefined) return;
    if (!this.windows.contains(at)) this.turn(at, this.since ?? at);
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
    return defined<LifetimeState>({
      path: hashOf(this.path),
      ...{ inode, since, peak, key, pod },
      ...this.windows.state,
      leakDetector:
        this.leakDetector === undefined ? undefined : LeakDetector.unpack(this.leakDetector).state,
    });
  }

  /** Undefined: no leak. */
  get leak() {
    return LeakDetector.unpack(this.leakDetector).growth();
  }

  /** The open five minutes are over, or the clock was set back. */
  private turn(at: number, since: number): void {
    if (this.windows.areAhead(at)) {
      this.since = Math.floor(Math.min(since, at));
      this.windows.setBack(at);
      if (LeakDetector.unpack(this.leakDetector).state.start > at) this.leakDetector = undefined;
    }
    const closed = this.windows.turn(at, this.since ?? since, this.aggregate);
    if (closed === undefined) return;
    const leakDetector = LeakDetector.unpack(this.leakDetector);
    if (closed.least !== undefined) leakDetector.add(closed.least, closed.start);
    this.leakDetector = leakDetector.packed;
    const leak = leakDetector.growth();
    const { pod } = this;
    if (leak !== undefined && pod !== undefined) this.aggregate.leaking({ pod, ...leak });
  }
}
