/**
 * Samples a cgroup as soon as the kernel reports a memory event in it (v2), and so before the runtime removes a container
 * that was OOM-killed.
 */
import { MemoryEvents, type Mounted } from '../edges/watch/memory-events.ts';
import { roleOf } from '../identify/role.ts';
import { CgroupGone, type CgroupSample, type RawCgroup } from '../model/cgroup.ts';
import { type CgroupRole, isSized, isWorkload } from '../model/cgroup-role.ts';
import type { Observation } from '../model/observation.ts';
import { sampleCgroup } from './cgroup.ts';
import { parseEvents } from './details.ts';

/** A cgroup whose processes the OOM killer has just killed. */
export interface Killed {
  /** With the details of a report. */
  readonly observation: Observation;
  /** OOM kills since the cgroup was created. */
  readonly kills: number;
  /** OOM kills before. */
  readonly before: number;
}

export interface EventListener {
  /** Receives samples of the cgroups with new events. Those with kills are in both lists. */
  onEvents(observations: readonly Observation[], killed: readonly Killed[]): void;
  /** Receives once, in a sentence, why events of some cgroups are not seen. */
  onFailure(message: string): void;
}

/** A killed cgroup until a report counts its kills. */
interface Waiting {
  readonly observation: Observation;
  /** Its OOM kills at the last report. */
  readonly before: number;
  /** How many reports have had it. */
  reports: number;
}

/** A node with more keeps the latest. */
const mostWaiting = 100;

/** How many reports wait for the name of a killed container: as shipped, those of ten minutes. */
const reportsWaited = 40;

export class EventSampler {
  private readonly mounted: Mounted;
  private events: MemoryEvents | undefined;
  private listener: EventListener | undefined;
  /** OOM kills, where there are any, by inode: as of the last report or event. */
  private kills = new Map<number, number>();
  /** The sum of the counters of cgroups with events since the last report, by inode. */
  private readonly sums = new Map<number, number>();
  private waiting: readonly Waiting[] = [];

  constructor(mounted: Mounted) {
    this.mounted = mounted;
  }

  start(listener: EventListener): void {
    this.listener = listener;
    this.events = new MemoryEvents({
      ...this.mounted,
      look: (path) => this.look(path),
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
    this.sums.clear();
    this.kills = new Map();
    for (const { sample } of observations) {
      const { id, details } = sample;
      if (details?.oomKills !== undefined && details.oomKills > 0) this.kills.set(id.inode, details.oomKills);
    }
    const pods = new Set(
      observations.flatMap(({ role, sample }) => (role.kind === 'pod' ? [sample.id.path] : [])),
    );
    const chosen = observations.filter(
      ({ role, sample }) => rankOf(role) !== undefined && !pods.has(parentOf(sample.id.path)),
    );
    chosen.sort((a, b) => (rankOf(a.role) ?? 0) - (rankOf(b.role) ?? 0));
    this.events.follow(
      chosen.map(({ role, sample }) => ({
        id: sample.id,
        of: role.kind === 'kube' ? 'children' : 'events',
      })),
    );
  }

  /** The last samples of killed cgroups that a pass with a report no longer found. Each waits until it is `counted`. */
  killedAndGone(observations: readonly Observation[]): readonly Observation[] {
    if (this.waiting.length === 0) return [];
    const present = new Set(observations.map(({ sample }) => sample.id.inode));
    // A container outside pods keeps its ID over restarts. The new counter begins at 0, so only a first kill is certain.
    const ids = new Set(observations.flatMap(({ role }) => (role.kind === 'other' ? (role.id ?? []) : [])));
    this.waiting = this.waiting.filter(({ observation: { role, sample }, before, reports }) => {
      const isRestarted = role.kind === 'other' && role.id !== undefined && ids.has(role.id);
      return !present.has(sample.id.inode) && !(isRestarted && before > 0) && reports < reportsWaited;
    });
    for (const one of this.waiting) one.reports++;
    return this.waiting.map(({ observation }) => observation);
  }

  /** Forgets these samples: their kills are counted. */
  counted(samples: ReadonlySet<CgroupSample>): void {
    this.waiting = this.waiting.filter(({ observation }) => !samples.has(observation.sample));
  }

  /** @returns whether the cgroup or one below it has new events */
  private look(path: string): boolean {
    const observations: Observation[] = [];
    const killed: Killed[] = [];
    let isNew = false;
    let holdsContainers = false;
    for (const raw of this.events?.scan(path, () => holdsContainers) ?? []) {
      const role = roleOf(raw.id.path);
      const isTop = raw.id.path === path;
      holdsContainers = isTop && role.kind === 'pod';
      const found = this.sampleIfNew(raw, role);
      if (found === undefined) {
        // The counters of a pod contain those of its containers.
        if (isTop) return false;
        continue;
      }
      isNew = true;
      observations.push(found.observation);
      if (found.kills > found.before && role.kind !== 'pod') killed.push(found);
    }
    if (!isNew) {
      this.events?.unfollow(path);
      return false;
    }
    this.keep(killed);
    this.listener?.onEvents(observations, killed);
    return true;
  }

  private sampleIfNew(raw: RawCgroup, role: CgroupRole): Killed | undefined {
    const { inode } = raw.id;
    try {
      const text = raw.read('memory.events');
      if (text === undefined) return undefined;
      const events = parseEvents('memory.events', text, () => {});
      const { oomKills: kills = 0, failCount = 0, limitOoms = 0, highEvents = 0 } = events;
      // The counters only grow.
      const sum = kills + failCount + limitOoms + highEvents;
      if (sum === this.sums.get(inode)) return undefined;
      const before = this.kills.get(inode) ?? 0;
      const observation = { role, sample: sampleCgroup(raw, 2, kills > before) };
      this.sums.set(inode, sum);
      if (kills > before) this.kills.set(inode, kills);
      return { observation, kills, before };
    } catch (error) {
      if (error instanceof CgroupGone) return undefined;
      throw error;
    }
  }

  private keep(killed: readonly Killed[]): void {
    for (const { observation, before } of killed) {
      const { role, sample } = observation;
      // The report has no kills of slices and machines.
      if (role.kind !== 'container' && !(role.kind === 'other' && isSized(role.type))) continue;
      const isSame = (one: Waiting): boolean => one.observation.sample.id.inode === sample.id.inode;
      const earlier = this.waiting.find(isSame);
      const others = this.waiting.filter((one) => !isSame(one));
      const now = { observation, before: earlier?.before ?? before, reports: 0 };
      this.waiting = [...others, now].slice(-mostWaiting);
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

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
