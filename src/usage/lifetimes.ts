/** The lifetimes of all running cgroups, and of those that ended before their name was known. */
import { type Bytes, plus } from '../model/bytes.ts';
import type { CgroupId, CgroupSample, Lru } from '../model/cgroup.ts';
import { type CgroupRole, isSized } from '../model/cgroup-role.ts';
import { defined } from '../model/json.ts';
import type { Observation } from '../model/observation.ts';
import { hashOf } from '../model/text.ts';
import type { UsageAggregate } from './aggregate.ts';
import { CgroupLifetime } from './cgroup-lifetime.ts';
import { ContainerLifetime, type LifetimeState } from './lifetime.ts';
import type { LifetimeSample } from './open-windows.ts';
import { reconcileLifetimes } from './reconcile.ts';

/** Which of two records of a node. */
export type Side = 'own' | 'other';

export interface SampleContext {
  readonly realOf: (sample: CgroupSample) => Bytes | undefined;
  readonly pageBytes: number;
  readonly lru: Lru;
}

/** How long an ended lifetime waits for its name. */
export const patienceSeconds = 600;
const orphansKept = 500;

export class ContainerLifetimes {
  /** Only what can have a name is a `ContainerLifetime`. */
  private readonly lifetimes = new Map<string, CgroupLifetime>();
  private orphans: {
    readonly lifetime: ContainerLifetime;
    readonly role: CgroupRole;
    readonly endedAt: number;
  }[] = [];
  /** Restored lifetimes, until the next pass sees their cgroup or its absence. */
  private readonly kept = new Map<
    number,
    { readonly state: LifetimeState; readonly aggregate: UsageAggregate }
  >();
  private pass = 0;
  /** Made where it is needed, until the next pass: without it, each of them would search all. */
  private byAggregate: Map<UsageAggregate, ContainerLifetime[]> | undefined;

  /** Observes one pass. Cgroups missing from it have ended. @param at seconds; undefined: unknown */
  remember(observations: readonly Observation[], context: SampleContext, at: number | undefined): void {
    const pass = ++this.pass;
    this.byAggregate = undefined;
    // An index, because an iterator allocates an object for each cgroup of each pass.
    for (let index = 0; index < observations.length; index++)
      this.observe(observations[index] as Observation, context, at).pass = pass;
    if (observations.length > 0) {
      // These cgroups ended while no agent ran.
      for (const { state, aggregate } of this.kept.values())
        new ContainerLifetime('', state, aggregate).end();
      this.kept.clear();
    }
    if (this.lifetimes.size === observations.length) return;
    for (const lifetime of this.lifetimes.values()) if (lifetime.pass !== pass) this.end(lifetime, at);
  }

  /** Observes one cgroup, in a pass or between two passes. @param at seconds; undefined: unknown */
  observe(
    { role, sample }: Observation,
    { realOf, pageBytes, lru }: SampleContext,
    at: number | undefined,
  ): CgroupLifetime {
    const { path, inode } = sample.id;
    let lifetime = this.lifetimes.get(path);
    // A new inode under an old path is a new lifetime.
    if (lifetime === undefined || lifetime.inode !== inode) {
      if (lifetime !== undefined) this.end(lifetime, at);
      lifetime = this.begin(path, inode, role, at);
      this.byAggregate = undefined;
    }
    if (lifetime.holds(sample, at)) return lifetime;
    const real = realOf(sample);
    // A detailed sample is large, so it is not kept from here.
    if (at !== undefined) lifetime.last = sample.details === undefined ? sample : undefined;
    if (lifetime instanceof ContainerLifetime)
      lifetime.observe(lifetimeSample(sample, real, lru, pageBytes), at);
    else lifetime.observeReal(real, at);
    return lifetime;
  }

  of({ path, inode }: CgroupId): CgroupLifetime | undefined {
    const lifetime = this.lifetimes.get(path);
    return lifetime?.inode === inode ? lifetime : undefined;
  }

  /** Undefined: it is unknown, or never gets a name. */
  container(id: CgroupId): ContainerLifetime | undefined {
    const lifetime = this.of(id);
    return lifetime instanceof ContainerLifetime ? lifetime : undefined;
  }

  /** The same for what has a name now: an earlier pass may have taken it for a sandbox. */
  named(id: CgroupId, role: CgroupRole): ContainerLifetime | undefined {
    const lifetime = this.of(id);
    if (lifetime === undefined || lifetime instanceof ContainerLifetime) return lifetime;
    const { path, inode, since, peak } = lifetime;
    const again = new ContainerLifetime(path, { inode, ...defined({ since, peak }) }, undefined, role);
    again.pass = lifetime.pass;
    this.lifetimes.set(path, again);
    this.byAggregate = undefined;
    return again;
  }

  /** Keeps only the peak of a sandbox: it never gets a name. */
  dropWindows(sandbox: CgroupId): void {
    const lifetime = this.container(sandbox);
    if (lifetime === undefined || lifetime.key !== undefined) return;
    const remaining = new CgroupLifetime(lifetime.path, lifetime);
    remaining.pass = lifetime.pass;
    this.lifetimes.set(lifetime.path, remaining);
  }

  /** The lifetimes whose windows add to an aggregate. */
  addingTo(aggregate: UsageAggregate): readonly ContainerLifetime[] {
    this.byAggregate ??= Map.groupBy(this, (lifetime) => lifetime.aggregate);
    return this.byAggregate.get(aggregate) ?? [];
  }

  /** Asks `named` for each ended lifetime without a name: true if it has a name now, or never gets one. */
  adopt(named: (lifetime: ContainerLifetime, role: CgroupRole) => boolean, at: number): void {
    this.byAggregate = undefined;
    this.orphans = this.orphans.filter(
      ({ lifetime, role, endedAt }) => !named(lifetime, role) && Math.abs(at - endedAt) < patienceSeconds,
    );
  }

  /**
   * Merges the open lifetimes of another record of this node.
   * @param aggregateOf the aggregate of the lifetime's name
   * @param knowsEnd whether that record covers the end of the other one: then it already contains the windows that were
   *   open there
   */
  reconcile(
    states: readonly LifetimeState[],
    aggregateOf: (state: LifetimeState) => UsageAggregate | undefined,
    knowsEnd: (state: LifetimeState, side: Side) => boolean,
  ): void {
    const running = new Map([...this].map((lifetime) => [hashOf(lifetime.path), lifetime]));
    const others = new Map(states.map((state) => [state.path, state]));
    for (const [path, { state }] of this.kept)
      if (others.get(path)?.inode !== state.inode && knowsEnd(state, 'other')) this.kept.delete(path);
    for (const state of states) {
      const { path, inode } = state;
      const lifetime = running.get(path);
      const kept = this.kept.get(path);
      const aggregate = aggregateOf(state);
      if (aggregate === undefined) continue;
      if (lifetime?.inode === inode)
        lifetime.restore(reconcileLifetimes(lifetime.state, state, lifetime.aggregate));
      else if (kept?.state.inode === inode)
        this.kept.set(path, { state: reconcileLifetimes(kept.state, state, aggregate), aggregate });
      else if (!knowsEnd(state, 'own')) {
        if (kept !== undefined) new ContainerLifetime('', kept.state, kept.aggregate).end();
        this.kept.set(path, { state, aggregate });
      }
    }
  }

  /** Restored lifetimes that no pass has checked yet. */
  get unseen(): readonly LifetimeState[] {
    return [...this.kept.values()].map(({ state }) => state);
  }

  *[Symbol.iterator](): Generator<ContainerLifetime, undefined> {
    for (const lifetime of this.lifetimes.values()) if (lifetime instanceof ContainerLifetime) yield lifetime;
  }

  private begin(path: string, inode: number, role: CgroupRole, at: number | undefined): CgroupLifetime {
    const state = { inode, ...(at !== undefined && { since: at }) };
    const lifetime =
      this.resumed(path, inode, role) ??
      (canBeNamed(role)
        ? new ContainerLifetime(path, state, undefined, role)
        : new CgroupLifetime(path, state));
    this.lifetimes.set(path, lifetime);
    return lifetime;
  }

  private resumed(path: string, inode: number, role: CgroupRole): ContainerLifetime | undefined {
    if (this.kept.size === 0) return undefined;
    const hash = hashOf(path);
    const kept = this.kept.get(hash);
    if (kept?.state.inode !== inode) return undefined;
    this.kept.delete(hash);
    return new ContainerLifetime(path, kept.state, kept.aggregate, role);
  }

  private end(lifetime: CgroupLifetime, at: number | undefined): void {
    this.lifetimes.delete(lifetime.path);
    if (!(lifetime instanceof ContainerLifetime)) return;
    lifetime.end();
    const { key, role } = lifetime;
    if (key !== undefined || role === undefined || !canBeNamed(role) || at === undefined) return;
    this.orphans.push({ lifetime, role, endedAt: at });
    if (this.orphans.length > orphansKept) this.orphans.shift();
  }
}

function lifetimeSample(
  { usage, stat }: CgroupSample,
  real: Bytes | undefined,
  lru: Lru,
  pageBytes: number,
): LifetimeSample {
  const refaults = stat?.refaultFile;
  const isSorted = showsReread(lru);
  return {
    real,
    workingSet: less(usage, stat?.inactiveFile),
    anon: stat?.anon,
    shmem: stat?.shmem,
    activeFile: isSorted ? stat?.activeFile : undefined,
    unsorted: isSorted ? undefined : plus(stat?.activeFile, stat?.inactiveFile),
    refaulted: refaults === undefined ? undefined : refaults * pageBytes,
  };
}

/**
 * Whether `active_file` shows what is read again. With an unknown LRU, little active cache may come from how the
 * multi-generational LRU counts. It does not prove that the workload needs little cache.
 */
const showsReread = (lru: Lru): boolean => lru === 'classic';

const less = (whole: number | undefined, part: number | undefined): number | undefined =>
  whole === undefined || part === undefined ? undefined : Math.max(0, whole - part);

/** Whether it can get a name later. */
const canBeNamed = (role: CgroupRole): boolean =>
  role.kind === 'container' || (role.kind === 'other' && isSized(role.type));
