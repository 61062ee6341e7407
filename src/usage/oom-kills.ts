/** OOM kills of containers over their restarts: the kernel's counter dies with the cgroup, the API's word stays. */
import type { Bytes } from '../model/bytes.ts';
import type { Identified } from '../model/observation.ts';
import type { Pod } from '../model/pod.ts';
import { daySeconds, epochSeconds } from '../model/time.ts';
import { oldestKept } from './aggregate.ts';
import { ContainerKills, type Kills } from './container-kills.ts';
import { type Counter, lifeIdOf, nextCounter, ownLimitOf } from './kill-counters.ts';
import { type KnownKills, type KnownLife, KnownLives, uniteLives } from './known-kills.ts';
import { keyOf, type Owner, ownerOf } from './owner.ts';
import { PodKills } from './pod-kills.ts';

/** Kills in one life that nobody knew of before. */
export interface NewKills {
  readonly life: string;
  /** Of the last of them, in milliseconds since 1970. */
  readonly at: number;
  readonly times: number;
  /** The container's own, where it was killed at that. */
  readonly limit: Bytes | undefined;
}

export type KillHeard = (owner: Owner, kills: NewKills) => void;

/** What the API says, until the next look at the counters tells more. */
interface Told {
  readonly owner: Owner;
  readonly podUID: string;
  readonly at: number;
  readonly limit: Bytes | undefined;
}

export class OomKills {
  private readonly heardOf: KillHeard;
  private readonly containers = new ContainerKills();
  private heard: readonly Pod[] | undefined;
  private readonly told = new Map<string, Told>();
  /** Lives of which the API tells now. */
  private apiSpeaksOf = new Set<string>();
  /** At the last look, by the ID of a life: names may come later than the counters. */
  private counters = new Map<string, Counter>();
  private readonly pods = new PodKills();
  private readonly known = new KnownLives();
  /** The last look, by this agent or by the one before it. Milliseconds since 1970. */
  private lookedAt: number | undefined;

  constructor(heardOf: KillHeard = () => {}) {
    this.heardOf = heardOf;
  }

  /** What was counted so far; undefined: nobody has looked. */
  kept(): KnownKills | undefined {
    return this.lookedAt === undefined ? undefined : { at: this.lookedAt / 1000, lives: [...this.known] };
  }

  /** What an earlier agent on this node counted. */
  restore({ at, lives }: KnownKills): void {
    this.lookedAt = Math.max(1000 * at, this.lookedAt ?? 0);
    for (const life of lives) this.counted(life);
  }

  /** That this is counted is known. */
  counted(life: KnownLife): void {
    this.known.set(uniteLives(this.known.get(life.id), life));
  }

  /** Takes in what the API says. @param pods all of this node: what is not among them is forgotten */
  hear(pods: readonly Pod[]): void {
    // The same list is the same news.
    if (pods === this.heard) return;
    this.heard = pods;
    this.containers.keep(
      pods.flatMap(({ uid, containers }) => containers.map(({ name }) => ({ podUID: uid, name }))),
    );
    this.apiSpeaksOf = new Set();
    for (const pod of pods)
      for (const container of pod.containers) {
        const { name, limit, oomKilled = [] } = container;
        for (const { id, at: time } of oomKilled) {
          const at = epochMs(time);
          this.containers.count(pod.uid, name, id, 1, at);
          this.apiSpeaksOf.add(id);
          // Of any age is too old: the API tells when, where it was not long ago.
          if (at === undefined || pod.from === 'logs') continue;
          const owner = { key: keyOf(pod, container), pod: pod.name };
          this.told.set(id, { owner, podUID: pod.uid, at, limit });
        }
      }
  }

  /** Takes in what the kernel counted. @param at milliseconds since 1970 */
  see(identified: readonly Identified[], at: number): void {
    this.look(identified, at);
    for (const { role, pod, container, sample } of identified) {
      if (pod === undefined) continue;
      if (role.kind === 'pod') this.pods.see(pod.uid, sample, at);
      if (role.kind !== 'container' || container?.container === undefined) continue;
      const counter = this.counters.get(role.id);
      if (counter === undefined || counter.kills === 0) continue;
      this.containers.count(pod.uid, container.container.name, role.id, counter.kills, counter.at);
    }
    for (const news of this.news(identified)) this.tell(news, at);
    for (const [id, told] of this.told) this.resolve(id, told, at);
    this.told.clear();
    this.pods.end();
    this.lookedAt = at;
    this.known.forget(oldestKept(at / 1000) - daySeconds, [...this.apiSpeaksOf, ...this.counters.keys()]);
  }

  /** Undefined: none is known. */
  of(podUID: string, container: string): Kills | undefined {
    return this.containers.of(podUID, container);
  }

  private look(identified: readonly Identified[], at: number): void {
    const before = this.counters;
    const counters = new Map<string, Counter>();
    for (const { role, sample } of identified) {
      const id = lifeIdOf(role, sample);
      if (id === undefined) continue;
      const last = before.get(id);
      const isAnother = last !== undefined && last.inode !== sample.id.inode;
      const kills = sample.details?.oomKills;
      let known = this.known.get(id);
      // Made anew under its old name, it counts from 0.
      if (known !== undefined && kills !== undefined && (isAnother || kills < known.kills)) {
        known = { ...known, kills: 0 };
        this.known.set(known);
      }
      const counter = nextCounter(isAnother ? undefined : last, sample, this.ageOf(known, kills, at));
      if (counter !== undefined) counters.set(id, counter);
    }
    this.counters = counters;
  }

  /** When kills came that this agent has not seen before; undefined: at any time. */
  private ageOf(known: KnownLife | undefined, kills: number | undefined, at: number): number | undefined {
    if (this.lookedAt === undefined || this.lookedAt < 1000 * oldestKept(at / 1000)) return undefined;
    if (known === undefined || known.kills !== kills) return at;
    return known.isCounted ? 1000 * known.at : undefined;
  }

  /** Kills of a life that are not counted yet; undefined: it was not read. */
  private newsOf(id: string): number {
    const kills = this.counters.get(id)?.kills ?? 0;
    return Math.max(0, kills - (this.known.get(id)?.kills ?? 0));
  }

  /** By path, the innermost first. On v2 a counter holds those below: what was killed in an inner cgroup is its own news alone. */
  private news(identified: readonly Identified[]): readonly News[] {
    const all = identified.flatMap((one): News[] => {
      const id = lifeIdOf(one.role, one.sample);
      const times = id === undefined ? 0 : this.newsOf(id);
      return id === undefined || times === 0 ? [] : [{ id, one, times }];
    });
    all.sort((a, b) => b.one.sample.id.path.length - a.one.sample.id.path.length);
    for (const [index, inner] of all.entries())
      for (const outer of all.slice(index + 1))
        if (isBelow(inner, outer)) outer.times -= Math.min(outer.times, inner.times);
    return all;
  }

  private tell({ id, one, times }: News, at: number): void {
    const counter = this.counters.get(id);
    if (counter === undefined) return;
    const known = this.known.get(id);
    // Those of any age are known from now on, and never counted.
    const isNew = counter.at !== undefined && times > 0;
    if (isNew) {
      const owner = ownerOf(one);
      if (owner === undefined) return;
      const limit = counter.isAtLimit
        ? (one.container?.container?.limit ?? ownLimitOf(one.sample))
        : undefined;
      this.heardOf(owner, { life: id, at: counter.at, times, limit });
    }
    const isCounted = isNew || known?.isCounted === true;
    this.known.set({ id, kills: counter.kills, isCounted, at: (counter.at ?? at) / 1000 });
    this.counters.set(id, { ...counter, isAtLimit: false });
  }

  /** The life that the API tells of has ended: its cgroup's last word is in what its pod's counted. */
  private resolve(id: string, { owner, podUID, at: toldAt, limit }: Told, now: number): void {
    if (toldAt < 1000 * oldestKept(now / 1000)) return;
    const at = Math.min(toldAt, now);
    const known = this.known.get(id);
    const rise = this.pods.riseAt(podUID, at);
    // What ended it may be what was counted, or another one after it: that one its pod's cgroup counted later.
    const isAnother =
      known !== undefined && at > 1000 * known.at && rise !== undefined && rise.from >= 1000 * known.at;
    if (known?.isCounted === true && !isAnother) return;
    this.heardOf(owner, { life: id, at, times: 1, limit: rise?.isAtLimit === false ? undefined : limit });
    this.known.set({ id, kills: Math.max(1, known?.kills ?? 0), isCounted: true, at: at / 1000 });
  }
}

interface News {
  readonly id: string;
  readonly one: Identified;
  times: number;
}

const isBelow = ({ one: inner }: News, { one: outer }: News): boolean =>
  inner.sample.version === 2 && inner.sample.id.path.startsWith(`${outer.sample.id.path}/`);

function epochMs(time: string | undefined): number | undefined {
  const seconds = time === undefined ? undefined : epochSeconds(time);
  return seconds === undefined ? undefined : seconds * 1000;
}
