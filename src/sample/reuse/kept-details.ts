/**
 * The details that earlier reports read, and when a report must read them again. Opening a file costs as much as reading
 * `memory.stat`, and a report would open six to nine for each cgroup.
 */
import type { CgroupDetails, CgroupId, CgroupSample, MemoryStat } from '../../model/cgroup.ts';
import { Numbers, putAt } from '../../model/numbered.ts';
import { hashOf } from '../../model/text.ts';

/** After how many seconds to read a file again. */
export interface ReadInterval {
  /** While usage and `memory.stat` are as they were when the file was read. */
  readonly still: number;
  /** Once they changed. 0: in each report. */
  readonly moving: number;
  /** Also in the next report after a pod of the node changed in the API, which the kubelet does after it resized a container. */
  readonly isSetByKubelet?: true;
}

const minute = 60;
/** A change that no other file shows appears after at most so many seconds. */
const longest = 300;

export const intervals = {
  /** In each report. */
  always: { still: 0, moving: 0 },
  /**
   * Figures that cannot change while usage and `memory.stat` stay the same to the byte: `memory.stat` counts each page fault
   * and each page that the kernel scans or frees. These counters lag by up to two seconds, so one report may miss a change.
   */
  withStat: { still: longest, moving: 0 },
  /** Limits: the kubelet and people set them, and no other file shows it. Agents publish reports once a minute. */
  setByPeople: { still: minute, moving: minute, isSetByKubelet: true },
  /** Limits of cgroup v1: `memory.stat` shows at once if another one is in force. */
  inForceInStat: { still: longest, moving: longest, isSetByKubelet: true },
  /** Counters that change only with `memory.stat`, and whose exact value nobody acts on within a minute. */
  slow: { still: longest, moving: minute },
  /** Figures that the node does not have now. */
  unused: { still: longest, moving: longest },
} as const satisfies Readonly<Record<string, ReadInterval>>;

/** An interval that depends on the last value. */
export type IntervalOf<Value> = ReadInterval | ((last: Value) => ReadInterval);

/** What the whole node can have. */
export interface NodeFeatures {
  /** The sizes of huge pages, as in the names of the kernel's files. Undefined: unknown. */
  readonly hugePageSizes?: readonly string[] | undefined;
  /** Some huge pages exist. Undefined: unknown. */
  readonly hasHugePages?: boolean | undefined;
  /** Some swap is on. Undefined: unknown. */
  readonly hasSwap?: boolean | undefined;
}

/** Reports are not exactly on time, so a file is read this much early. */
const earlyMs = 500;

/** A new cgroup gets its controllers a moment after its creation: believe that a file is missing from this report on. */
const reportsToBelieve = 3;

/** The details of all cgroups of a host. */
export class KeptDetails {
  /** Weak: an entry disappears with its cgroup. */
  private readonly cgroups = new WeakMap<CgroupId, CgroupDetailFiles>();
  private readonly numbers = new Numbers();
  /** Of the first report, in milliseconds since 1970. */
  private begin: number | undefined;
  /** Milliseconds since then. */
  private at = Number.NaN;
  /** As the last report found them. */
  features: NodeFeatures = {};
  private pods: object | undefined;
  private podsChangedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param at milliseconds since 1970
   * @param pods the pods of the node: another object once one of them changed
   */
  beginReport(at: number, pods?: object): void {
    this.begin ??= at;
    this.at = at - this.begin;
    // Set back, the clock may be before the last change.
    if (pods !== this.pods || this.podsChangedAt > this.at) this.podsChangedAt = this.at;
    this.pods = pods;
  }

  of(id: CgroupId): CgroupDetailFiles {
    let files = this.cgroups.get(id);
    if (files === undefined) {
      files = new CgroupDetailFiles(id.path, this.numbers);
      this.cgroups.set(id, files);
    }
    files.beginReport(this.at, this.features, this.podsChangedAt);
    return files;
  }
}

/** A time. Whole numbers of up to 31 bits take no memory of their own. */
const never = -(2 ** 30);

/** Parts into which the cgroups are divided, so that not all are due in the same report. */
const parts = 16;

/** The details of one cgroup. */
export class CgroupDetailFiles {
  /** `memory.stat` as parsed in the last report; undefined once it changed. */
  stat: MemoryStat | undefined;
  /** v1: the limit in force in the last report. */
  limitInForce: MemoryStat['hierarchicalLimit'];
  features: NodeFeatures = {};
  /** Of the file names. */
  private readonly numbers: Numbers;
  private readonly values: unknown[] = [];
  /** Milliseconds since the first report, or `never`. */
  private readonly readAts: number[] = [];
  /** Part of the interval by which the next reading comes earlier. */
  private readonly leads: number[] = [];
  private readonly part: number;
  private reports = 0;
  private at = Number.NaN;
  private movedAt = Number.NaN;
  private podsChangedAt = Number.NEGATIVE_INFINITY;
  private usage: number | undefined;
  private hash = Number.NaN;
  /** The sample of the last report, if each further report could take it as it is. */
  private sample: CgroupSample | undefined;
  /** The one before, while a new one is made. */
  private before: CgroupSample | undefined;
  private sampledAt = Number.NaN;
  private sampledFeatures: NodeFeatures = {};
  /** When the first file of the sample is due. */
  private dueAt = Number.NaN;

  constructor(path: string, numbers: Numbers) {
    this.numbers = numbers;
    this.part = (hashOf(path) % parts) / parts;
  }

  beginReport(at: number, features: NodeFeatures, podsChangedAt: number): void {
    this.at = at;
    this.features = features;
    this.podsChangedAt = podsChangedAt;
    if (this.movedAt > at) this.movedAt = at;
    this.reports++;
  }

  /** Whether the sample of the last report holds while usage and `memory.stat` stay the same: no other file is due. */
  get isSampleKept(): boolean {
    return (
      this.sample !== undefined &&
      this.sampledAt <= this.at &&
      this.at < this.dueAt &&
      this.podsChangedAt <= this.sampledAt &&
      isSameNode(this.features, this.sampledFeatures)
    );
  }

  /** The sample of the last report, if a new one would be the same. Call `observe` before. */
  get same(): CgroupSample | undefined {
    return this.isSampleKept && this.movedAt < this.sampledAt ? this.sample : undefined;
  }

  /** A new sample begins, in which files are asked for. */
  begin(): void {
    this.before = this.sample;
    this.sample = undefined;
    this.dueAt = Number.POSITIVE_INFINITY;
  }

  /**
   * @param sample with usage and stat and without faults, from files asked for since `begin`
   * @returns the sample of the last report, if this one has the same figures: what was made of that one still holds
   */
  keepSample(sample: CgroupSample): CgroupSample {
    const { before } = this;
    this.before = undefined;
    this.sample = before !== undefined && isAlike(before, sample) ? before : sample;
    this.sampledAt = this.at;
    this.sampledFeatures = this.features;
    return this.sample;
  }

  /** Compares with the last report. @param text the content of `memory.stat` */
  observe(usage: number | undefined, text: Uint8Array | undefined): void {
    const hash = text === undefined ? Number.NaN : hashOfBytes(text);
    if (usage === this.usage && hash === this.hash) return;
    // The memory controller was enabled, so what was missing may be there.
    if (this.usage === undefined) this.readAts.length = 0;
    this.usage = usage;
    this.hash = hash;
    this.movedAt = this.at;
    this.stat = undefined;
  }

  /** Whether the last value of this file still holds. */
  holds<Value>(file: string, intervalOf: IntervalOf<Value>): boolean {
    const number = this.numbers.of(file);
    if (!this.isRead(number)) return false;
    const interval = this.intervalOf(number, intervalOf);
    const readAt = this.readAts[number] as number;
    if (interval.isSetByKubelet === true && readAt < this.podsChangedAt) return false;
    const until = this.endOf(number, interval);
    if (this.at < readAt || this.at >= until) return false;
    this.dueAt = Math.min(this.dueAt, until);
    return true;
  }

  private intervalOf<Value>(number: number, intervalOf: IntervalOf<Value>): ReadInterval {
    const value = this.values[number];
    if (value === undefined) return intervals.unused;
    return typeof intervalOf === 'function' ? intervalOf(value as Value) : intervalOf;
  }

  /** Until when the value of a file holds, on the scale of `at`. */
  private endOf(number: number, { still, moving }: ReadInterval): number {
    const readAt = this.readAts[number] as number;
    const seconds = readAt >= this.movedAt ? still : moving;
    return readAt + seconds * (1 - (this.leads[number] as number)) * 1000 - earlyMs;
  }

  last(file: string): unknown {
    const number = this.numbers.of(file);
    return this.isRead(number) ? this.values[number] : undefined;
  }

  private isRead(number: number): boolean {
    return number < this.readAts.length && this.readAts[number] !== never;
  }

  /** @param value undefined: there is no such file */
  keep<Value>(file: string, value: Value | undefined, intervalOf: IntervalOf<Value>): void {
    if (value === undefined && this.reports < reportsToBelieve) {
      this.dueAt = this.at;
      return;
    }
    const number = this.numbers.of(file);
    putAt(this.leads, number, this.isRead(number) ? 0 : this.part, 0);
    putAt(this.values, number, value, undefined);
    putAt(this.readAts, number, this.at, never);
    this.dueAt = Math.min(this.dueAt, this.endOf(number, this.intervalOf(number, intervalOf)));
  }
}

const isSameNode = (one: NodeFeatures, other: NodeFeatures): boolean =>
  one.hugePageSizes === other.hugePageSizes &&
  one.hasHugePages === other.hasHugePages &&
  one.hasSwap === other.hasSwap;

/** For two samples without faults. */
function isAlike(one: CgroupSample, other: CgroupSample): boolean {
  return (
    one.usage === other.usage &&
    one.stat === other.stat &&
    one.kmem === other.kmem &&
    isSubset(one.details, other.details) &&
    isSubset(other.details, one.details)
  );
}

/** Whether each figure of one is the same in the other. */
function isSubset(one: CgroupDetails = {}, other: CgroupDetails = {}): boolean {
  for (const name in one)
    if (one[name as keyof CgroupDetails] !== other[name as keyof CgroupDetails]) return false;
  return true;
}

/**
 * A hash of 32 bits, four bytes at a time. Each step is a bijection, so a change of one number always shows; the rotation
 * spreads changes in the upper bits.
 */
function hashOfBytes(text: Uint8Array): number {
  const words = new DataView(text.buffer, text.byteOffset, text.byteLength);
  const whole = text.length & ~3;
  let hash = text.length;
  for (let i = 0; i < whole; i += 4) {
    const mixed = hash ^ words.getInt32(i, true);
    hash = Math.imul((mixed << 15) | (mixed >>> 17), 0x9e3779b1);
  }
  for (let i = whole; i < text.length; i++) hash = Math.imul(hash ^ (text[i] as number), 0x9e3779b1);
  return hash;
}
