/**
 * Samples a cgroup as soon as the kernel reports a memory event in it (v2), and so before the runtime removes a container
 * that was OOM-killed.
 */
import { ticks } from '../../edges/clock.ts';
import { MemoryEvents, type Mounted } from '../../edges/watch/memory-events.ts';
import { EventPace } from '../../edges/watch/paced-watch.ts';
import { roleOf } from '../../identify/role.ts';
import { CgroupGone, parentOf, type RawCgroup } from '../../model/cgroup.ts';
import { type CgroupRole, isWorkload } from '../../model/cgroup-role.ts';
import type { Observation } from '../../model/observation.ts';
import { sampleCgroup } from '../cgroup.ts';
import { parseEvents } from '../details.ts';
import { type Killed, KilledAndGone } from './killed-and-gone.ts';

export interface EventListener {
  /** Receives samples of the cgroups with new events. Those with kills are in both lists. */
  onEvents(observations: readonly Observation[], killed: readonly Killed[]): void;
  /** Receives once, in a sentence, why events of some cgroups are not seen. */
  onFailure(message: string): void;
}

/** A followed cgroup with events. */
interface Active {
  readonly cgroup: RawCgroup;
  /** As of the last sample. */
  kills: number;
  sum: number | undefined;
  /** By the monotonic clock. */
  sampledAt: number;
  /** Time until their next sample, unless there is a kill. */
  waitMs: number;
  /** The sum of the counters of the cgroup, and of each one below, at its last sample. By inode. */
  readonly sums: Map<number, number>;
}

/**
 * A container may reach its limit all the time, because of its page cache. Samples without a kill become less frequent, up
 * to the longest wait; all of a node together may take so many per second.
 */
const firstWaitMs = 10;
const longestWaitMs = 1_000;
const samplesPerSecond = 4;
const samplesAtOnce = 20;

export class EventSampler {
  private readonly mounted: Mounted;
  private events: MemoryEvents | undefined;
  private listener: EventListener | undefined;
  /** OOM kills, where there are any, by inode: as of the last report or event. */
  private kills = new Map<number, number>();
  /** Followed cgroups with events, by path. */
  private readonly active = new Map<string, Active>();
  private readonly budget = new EventPace(samplesPerSecond, samplesAtOnce);
  readonly killed = new KilledAndGone();

  constructor(mounted: Mounted) {
    this.mounted = mounted;
  }

  start(listener: EventListener): void {
    this.listener = listener;
    this.events = new MemoryEvents({
      ...this.mounted,
      check: (path) => this.check(path),
      isFollowed: (child) => roleOf(child).kind === 'pod',
      onFailure: (message) => listener.onFailure(message),
    });
  }

  close(): void {
    this.events?.close();
    this.events = undefined;
  }

  /** How many cgroups it follows. */
  get size(): number {
    return this.events?.size ?? 0;
  }

  /**
   * Follows the cgroups of a pass with a report.
   * @param observations those that are what their paths claim
   */
  follow(observations: readonly Observation[]): void {
    if (this.events === undefined) return;
    this.kills = new Map();
    for (const { sample } of observations) {
      const { id, details } = sample;
      if (details?.oomKills !== undefined && details.oomKills > 0) this.kills.set(id.inode, details.oomKills);
    }
    const pods = new Set(
      observations.flatMap(({ role, sample }) => (role.kind === 'pod' ? [sample.id.path] : [])),
    );
    const chosen = observations.filter(
      ({ role, sample }) => rankOf(role) !== undefined && !pods.has(parentOf(sample.id.path) ?? ''),
    );
    chosen.sort((a, b) => (rankOf(a.role) ?? 0) - (rankOf(b.role) ?? 0));
    this.events.follow(
      chosen.map(({ role, sample }) => ({
        id: sample.id,
        of: role.kind === 'kube' ? 'children' : 'events',
      })),
    );
    // A restarted service has its path again, in another cgroup.
    for (const [path, { cgroup }] of this.active)
      if (this.events.cgroup(path)?.id.inode !== cgroup.id.inode) this.active.delete(path);
  }

  /** @returns whether the cgroup or one below it has new events */
  private check(path: string): boolean {
    const active = this.active.get(path) ?? this.activate(path);
    const events = active && readEvents(active.cgroup);
    if (active === undefined || events === undefined) {
      this.forget(path);
      return false;
    }
    // The counters of a pod contain those of its containers.
    if (events.sum === active.sum) {
      active.waitMs = 0;
      return false;
    }
    const at = ticks();
    const isDue = at >= active.sampledAt + active.waitMs && this.budget.takeNow();
    // An event without a sample gets one at a later check.
    if (!isDue && events.kills <= active.kills) return true;
    active.sum = events.sum;
    active.kills = events.kills;
    active.sampledAt = at;
    active.waitMs = Math.min(longestWaitMs, Math.max(2 * active.waitMs, firstWaitMs));
    this.sample(active);
    return true;
  }

  private activate(path: string): Active | undefined {
    const cgroup = this.events?.cgroup(path);
    if (cgroup === undefined) return undefined;
    const kills = this.kills.get(cgroup.id.inode) ?? 0;
    const sums = new Map<number, number>();
    const active = { cgroup, kills, sum: undefined, sampledAt: Number.NEGATIVE_INFINITY, waitMs: 0, sums };
    this.active.set(path, active);
    return active;
  }

  private sample({ cgroup, sums }: Active): void {
    const observations: Observation[] = [];
    const killed: Killed[] = [];
    const add = (raw: RawCgroup): void => {
      const found = this.sampleIfNew(raw, sums);
      if (found === undefined) return;
      observations.push(found.observation);
      if (found.kills > found.before) killed.push(found);
    };
    const [top, ...containers] = this.cgroupsAt(cgroup.id.path);
    // Another cgroup may have the path now: that of a restarted service. The next report finds it.
    if (top?.id.inode !== cgroup.id.inode) {
      this.forget(cgroup.id.path);
      return;
    }
    // The containers first: a killed one is removed soon.
    for (const container of containers) add(container);
    add(top);
    // The kill of a pod is that of its container, unless the container is already gone.
    const inContainers = killed.filter(({ observation }) => observation.role.kind === 'container');
    const news = inContainers.length > 0 ? inContainers : killed;
    this.killed.keep(news);
    this.listener?.onEvents(observations, news);
  }

  /** The cgroup at this path, and those of the containers if it is a pod's. */
  private cgroupsAt(path: string): readonly RawCgroup[] {
    const found: RawCgroup[] = [];
    const isPod = roleOf(path).kind === 'pod';
    for (const raw of this.events?.scan(path, () => isPod && found.length === 1) ?? []) found.push(raw);
    return found;
  }

  private forget(path: string): void {
    this.events?.unfollow(path);
    this.active.delete(path);
  }

  private sampleIfNew(raw: RawCgroup, sums: Map<number, number>): Killed | undefined {
    const { inode, path } = raw.id;
    const events = readEvents(raw);
    if (events === undefined || events.sum === sums.get(inode)) return undefined;
    const { kills, sum } = events;
    const before = this.kills.get(inode) ?? 0;
    try {
      const observation = { role: roleOf(path), sample: sampleCgroup(raw, 2, kills > before) };
      sums.set(inode, sum);
      if (kills > before) this.kills.set(inode, kills);
      return { observation, kills, before };
    } catch (error) {
      if (error instanceof CgroupGone) return undefined;
      throw error;
    }
  }
}

/** Which cgroups to follow first. Undefined: not at all, such as slices, which hold others. */
function rankOf(role: CgroupRole): number | undefined {
  if (role.kind === 'kube') return 0;
  if (role.kind === 'pod' || role.kind === 'container') return 1;
  if (role.kind !== 'other') return undefined;
  if (isWorkload(role.type)) return 1;
  return role.type === 'service' ? 2 : undefined;
}

/** The counters of `memory.events`, as a check of a cgroup compares them. */
interface EventCounters {
  readonly kills: number;
  /** Of all counters. They only grow, so another sum means new events. */
  readonly sum: number;
}

/** Undefined: the cgroup is gone, or its file cannot be read. */
function readEvents(raw: RawCgroup): EventCounters | undefined {
  try {
    const text = raw.read('memory.events');
    if (text === undefined) return undefined;
    const events = parseEvents('memory.events', text, () => {});
    const { oomKills: kills = 0, failCount = 0, limitOoms = 0, highEvents = 0 } = events;
    return { kills, sum: kills + failCount + limitOoms + highEvents };
  } catch {
    return undefined;
  }
}
