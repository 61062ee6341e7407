/** OOM kills of containers over their restarts: the kernel's counter dies with the cgroup, the API's word stays. */
import type { Bytes } from '../model/bytes.ts';
import { daySeconds, oldestKept } from '../model/demand.ts';
import type { Pod } from '../model/pod.ts';
import type { Identified } from '../model/sighting.ts';
import { epochSeconds } from '../model/time.ts';
import { type Counter, lifeIdOf, nextCounter, ownLimitOf } from './kill-counters.ts';
import { type KnownKills, type KnownLife, livesKept, uniteLives } from './known-kills.ts';
import { keyOf, type Owner, ownerOf } from './owner.ts';
import { PodKills } from './pod-kills.ts';

export interface Kills {
  readonly count: number;
  /** Milliseconds since 1970; absent where all that is known came before anybody looked. */
  readonly lastAt?: number;
}

interface Remembered {
  /** By the ID of a life: how often something in it was killed. */
  readonly lives: Map<string, number>;
  /** Of lives so long ago that neither the API nor the kernel speaks of them any more. */
  past: number;
  lastAt?: number;
}

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

/** The API tells of two ended lives, and one runs: what is older comes no more. */
const apiLives = 8;

export class OomKills {
  private readonly heardOf: KillHeard;
  private byContainer = new Map<string, Remembered>();
  private heard: readonly Pod[] | undefined;
  private readonly told = new Map<string, Told>();
  /** Of which the API tells now, by their short IDs. */
  private apiSpeaksOf = new Set<string>();
  /** At the last look, by the ID of a life: names may come later than the counters. */
  private counters = new Map<string, Counter>();
  private readonly pods = new PodKills();
  /** What was counted, by short IDs; those that were spoken of longest ago first. */
  private readonly known = new Map<string, KnownLife>();
  /** The last look, by this agent or by the one before it. Milliseconds since 1970. */
  private lookedAt: number | undefined;

  constructor(heardOf: KillHeard = () => {}) {
    this.heardOf = heardOf;
  }

  /** What was counted so far; undefined: nobody has looked. */
  kept(): KnownKills | undefined {
    return this.lookedAt === undefined
      ? undefined
      : { at: this.lookedAt / 1000, lives: [...this.known.values()] };
  }

  /** What an earlier agent on this node counted. */
  restore({ at, lives }: KnownKills): void {
    this.lookedAt = Math.max(1000 * at, this.lookedAt ?? 0);
    for (const life of lives) this.counted(life);
  }

  /** That this is counted is known. */
  counted(life: KnownLife): void {
    const id = shortId(life.id);
    this.know({ ...uniteLives(this.known.get(id), life), id });
  }

  /** Takes in what the API says. @param pods all of this node: what is not among them is forgotten */
  hear(pods: readonly Pod[]): void {
    // The same list is the same news.
    if (pods === this.heard) return;
    this.heard = pods;
    const before = this.byContainer;
    this.byContainer = new Map();
    this.apiSpeaksOf = new Set();
    for (const pod of pods)
      for (const container of pod.containers) {
        const { name, limit, oomKilled = [] } = container;
        const key = containerKey(pod.uid, name);
        const known = before.get(key);
        if (known !== undefined) this.byContainer.set(key, known);
        for (const { id, at: time } of oomKilled) {
          const at = epochMs(time);
          this.count(key, id, 1, at);
          this.apiSpeaksOf.add(shortId(id));
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
    for (const { place, pod, container, sample } of identified) {
      if (pod === undefined) continue;
      if (place.kind === 'pod') this.pods.see(pod.uid, sample, at);
      if (place.kind !== 'container' || container?.container === undefined) continue;
      const counter = this.counters.get(place.id);
      if (counter === undefined || counter.kills === 0) continue;
      this.count(containerKey(pod.uid, container.container.name), place.id, counter.kills, counter.at);
    }
    for (const news of this.news(identified)) this.tell(news, at);
    for (const [id, told] of this.told) this.resolve(id, told, at);
    this.told.clear();
    this.pods.end();
    this.lookedAt = at;
    this.forget(at);
  }

  /** Undefined: none is known. */
  of(podUID: string, container: string): Kills | undefined {
    const known = this.byContainer.get(containerKey(podUID, container));
    if (known === undefined) return undefined;
    const count = known.past + [...known.lives.values()].reduce((sum, one) => sum + one, 0);
    return { count, ...(known.lastAt !== undefined && { lastAt: known.lastAt }) };
  }

  private look(identified: readonly Identified[], at: number): void {
    const before = this.counters;
    const counters = new Map<string, Counter>();
    for (const { place, sample } of identified) {
      const id = lifeIdOf(place, sample);
      if (id === undefined) continue;
      const last = before.get(id);
      const isAnother = last !== undefined && last.inode !== sample.id.inode;
      const kills = sample.details?.oomKills;
      let known = this.known.get(shortId(id));
      // Made anew under its old name, it counts from 0.
      if (known !== undefined && kills !== undefined && (isAnother || kills < known.kills)) {
        known = { ...known, kills: 0 };
        this.know(known);
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
    return Math.max(0, kills - (this.known.get(shortId(id))?.kills ?? 0));
  }

  /** By path, the innermost first. On v2 a counter holds those below: what was killed in an inner cgroup is its own news alone. */
  private news(identified: readonly Identified[]): readonly News[] {
    const all = identified.flatMap((one): News[] => {
      const id = lifeIdOf(one.place, one.sample);
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
    const known = this.known.get(shortId(id));
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
    this.know({ id: shortId(id), kills: counter.kills, isCounted, at: (counter.at ?? at) / 1000 });
    this.counters.set(id, { ...counter, isAtLimit: false });
  }

  /** The life that the API tells of has ended: its cgroup's last word is in what its pod's counted. */
  private resolve(id: string, { owner, podUID, at: toldAt, limit }: Told, now: number): void {
    if (toldAt < 1000 * oldestKept(now / 1000)) return;
    const at = Math.min(toldAt, now);
    const known = this.known.get(shortId(id));
    const rise = this.pods.riseAt(podUID, at);
    // What ended it may be what was counted, or another one after it: that one its pod's cgroup counted later.
    const isAnother =
      known !== undefined && at > 1000 * known.at && rise !== undefined && rise.from >= 1000 * known.at;
    if (known?.isCounted === true && !isAnother) return;
    this.heardOf(owner, { life: id, at, times: 1, limit: rise?.isAtLimit === false ? undefined : limit });
    this.know({ id: shortId(id), kills: Math.max(1, known?.kills ?? 0), isCounted: true, at: at / 1000 });
  }

  private know(life: KnownLife): void {
    // Those that are still spoken of stand last.
    this.known.delete(life.id);
    this.known.set(life.id, life);
  }

  /** Lives that ended, and that the API would tell of in vain if it still did. */
  private forget(at: number): void {
    const oldest = oldestKept(at / 1000) - daySeconds;
    const live = new Set([...this.counters.keys()].map(shortId));
    for (const [id, life] of [...this.known]) {
      if (live.has(id) || this.apiSpeaksOf.has(id)) this.know(life);
      else if (life.at < oldest) this.known.delete(id);
    }
    for (const id of this.known.keys()) {
      if (this.known.size <= livesKept) break;
      this.known.delete(id);
    }
  }

  /** For reports. A life's count only grows: what the kernel counted in it is in what the API says of its end. */
  private count(key: string, id: string, kills: number, at: number | undefined): void {
    const known = this.byContainer.get(key) ?? { lives: new Map<string, number>(), past: 0 };
    this.byContainer.set(key, known);
    if (at !== undefined) known.lastAt = Math.max(at, known.lastAt ?? at);
    // Those that are still spoken of stand last: only what nobody speaks of any more is added up for good.
    const before = known.lives.get(id) ?? 0;
    known.lives.delete(id);
    known.lives.set(id, Math.max(before, kills));
    const [oldest] = known.lives;
    if (known.lives.size > apiLives && oldest !== undefined) {
      known.past += oldest[1];
      known.lives.delete(oldest[0]);
    }
  }
}

interface News {
  readonly id: string;
  readonly one: Identified;
  times: number;
}

const isBelow = ({ one: inner }: News, { one: outer }: News): boolean =>
  inner.sample.version === 2 && inner.sample.id.path.startsWith(`${outer.sample.id.path}/`);

/** As runtimes print an ID of a container where there is little room. */
const shortId = (id: string): string => (/^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id);

function epochMs(time: string | undefined): number | undefined {
  const seconds = time === undefined ? undefined : epochSeconds(time);
  return seconds === undefined ? undefined : seconds * 1000;
}

const containerKey = (podUID: string, container: string): string => `${podUID}/${container}`;
