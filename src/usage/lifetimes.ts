/** Every cgroup that lives, and those that ended before anybody told their name. */
import type { Bytes } from '../model/bytes.ts';
import type { CgroupId, CgroupSample, Lru } from '../model/cgroup.ts';
import { isSized } from '../model/cgroup-role.ts';
import type { Observation } from '../model/observation.ts';
import { hashOf } from '../model/text.ts';
import type { UsageAggregate } from './aggregate.ts';
import { ContainerLifetime, type LifetimeState, reconcileLifetimes } from './lifetime.ts';

/** Of two records of a node. */
export type Side = 'own' | 'other';

export interface SampleContext {
  readonly realOf: (sample: CgroupSample) => Bytes | undefined;
  readonly pageBytes: number;
  readonly lru: Lru;
}

/** So long a name may be late, and so many may be. */
export const patienceSeconds = 600;
const orphansKept = 500;

export class ContainerLifetimes {
  private readonly lives = new Map<string, ContainerLifetime>();
  private orphans: {
    readonly lifetime: ContainerLifetime;
    readonly observation: Observation;
    readonly endedAt: number;
  }[] = [];
  /** What was kept over a restart, until its cgroup is seen, or is not. */
  private readonly kept = new Map<
    number,
    { readonly state: LifetimeState; readonly aggregate: UsageAggregate }
  >();
  private readonly roles = new Map<string, Observation>();
  private pass = 0;

  /** Takes one pass in. What was not seen in it has ended. @param at seconds; undefined: nobody knows */
  remember(
    observations: readonly Observation[],
    { realOf, pageBytes, lru }: SampleContext,
    at: number | undefined,
  ): void {
    const pass = ++this.pass;
    for (const observation of observations) {
      const { sample } = observation;
      const { path, inode } = sample.id;
      let lifetime = this.lives.get(path);
      // A cgroup made anew under an old name starts anew.
      if (lifetime === undefined || lifetime.inode !== inode) {
        if (lifetime !== undefined) this.end(lifetime, at);
        lifetime = this.begin(path, inode, at);
        if (isNamed(observation)) this.roles.set(path, observation);
      }
      lifetime.pass = pass;
      const { stat } = sample;
      const refaults = stat?.refaultFile;
      const tells = tellsReread(lru);
      lifetime.observe(
        {
          real: realOf(sample),
          workingSet: less(sample.usage, stat?.inactiveFile),
          anon: stat?.anon,
          shmem: stat?.shmem,
          activeFile: tells ? stat?.activeFile : undefined,
          unsorted: tells ? undefined : plus(stat?.activeFile, stat?.inactiveFile),
          refaulted: refaults === undefined ? undefined : refaults * pageBytes,
        },
        at,
      );
    }
    if (observations.length > 0) {
      // Their cgroups ended while nobody looked.
      for (const { state, aggregate } of this.kept.values())
        new ContainerLifetime('', state, aggregate).end();
      this.kept.clear();
    }
    if (this.lives.size === observations.length) return;
    for (const lifetime of this.lives.values()) if (lifetime.pass !== pass) this.end(lifetime, at);
  }

  of({ path, inode }: CgroupId): ContainerLifetime | undefined {
    const lifetime = this.lives.get(path);
    return lifetime?.inode === inode ? lifetime : undefined;
  }

  /** Those that have ended and have no name yet; `named` tells of each whether it has one now, or never will. */
  adopt(named: (lifetime: ContainerLifetime, observation: Observation) => boolean, at: number): void {
    this.orphans = this.orphans.filter(
      ({ lifetime, observation, endedAt }) =>
        !named(lifetime, observation) && Math.abs(at - endedAt) < patienceSeconds,
    );
  }

  /**
   * Takes up what another record of this node says was open.
   * @param demandOf what the name of a lifetime adds up to
   * @param knowsEnd whether the one or the other was there when its counterpart ended, so that it has added up already
   *   what was open there
   */
  reconcile(
    states: readonly LifetimeState[],
    aggregateOf: (state: LifetimeState) => UsageAggregate | undefined,
    knowsEnd: (state: LifetimeState, side: Side) => boolean,
  ): void {
    const running = new Map([...this.lives.values()].map((lifetime) => [hashOf(lifetime.path), lifetime]));
    const others = new Map(states.map((state) => [state.path, state]));
    for (const [path, { state }] of this.kept)
      if (others.get(path)?.inode !== state.inode && knowsEnd(state, 'other')) this.kept.delete(path);
    for (const state of states) {
      const { path, inode } = state;
      const lifetime = running.get(path);
      const kept = this.kept.get(path);
      const aggregate = aggregateOf(state);
      if (aggregate === undefined) continue;
      if (lifetime?.inode === inode) lifetime.reconcile(state);
      else if (kept?.state.inode === inode)
        this.kept.set(path, { state: reconcileLifetimes(kept.state, state, aggregate), aggregate });
      else if (!knowsEnd(state, 'own')) {
        if (kept !== undefined) new ContainerLifetime('', kept.state, kept.aggregate).end();
        this.kept.set(path, { state, aggregate });
      }
    }
  }

  /** Those of an earlier agent that no pass has looked for yet. */
  get unseen(): readonly LifetimeState[] {
    return [...this.kept.values()].map(({ state }) => state);
  }

  [Symbol.iterator](): Iterator<ContainerLifetime> {
    return this.lives.values();
  }

  private begin(path: string, inode: number, at: number | undefined): ContainerLifetime {
    const lifetime =
      this.resumed(path, inode) ??
      new ContainerLifetime(path, { inode, ...(at !== undefined && { since: at }) });
    this.lives.set(path, lifetime);
    return lifetime;
  }

  private resumed(path: string, inode: number): ContainerLifetime | undefined {
    if (this.kept.size === 0) return undefined;
    const hash = hashOf(path);
    const kept = this.kept.get(hash);
    if (kept?.state.inode !== inode) return undefined;
    this.kept.delete(hash);
    return new ContainerLifetime(path, kept.state, kept.aggregate);
  }

  private end(lifetime: ContainerLifetime, at: number | undefined): void {
    lifetime.end();
    this.lives.delete(lifetime.path);
    const observation = this.roles.get(lifetime.path);
    this.roles.delete(lifetime.path);
    if (lifetime.key !== undefined || observation === undefined || at === undefined) return;
    this.orphans.push({ lifetime, observation, endedAt: at });
    if (this.orphans.length > orphansKept) this.orphans.shift();
  }
}

/**
 * Whether `active_file` is what is read again. Where nobody knows the LRU, little or nothing active may be the
 * multi-generational one's way to count, and must not pass for a workload that needs little cache.
 */
const tellsReread = (lru: Lru): boolean => lru === 'classic';

const plus = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? undefined : one + other;

const less = (whole: number | undefined, part: number | undefined): number | undefined =>
  whole === undefined || part === undefined ? undefined : Math.max(0, whole - part);

/** Somebody will tell what it is called. */
const isNamed = ({ role }: Observation): boolean =>
  role.kind === 'container' || (role.kind === 'other' && isSized(role.type));
