/** OOM kills of containers over their restarts. The kernel's counter ends with the cgroup; the API's report stays. */
import type { Bytes } from '../model/bytes.ts';
import type { Identified } from '../model/observation.ts';
import type { Pod } from '../model/pod.ts';
import { daySeconds, epochSeconds } from '../model/time.ts';
import { oldestKept } from './aggregate.ts';
import { ContainerKills, type Kills } from './container-kills.ts';
import { type Counter, isZero, lifeIdOf, nextCounter, ownLimitOf } from './kill-counters.ts';
import { type KnownKills, type KnownLifetime, KnownLifetimes, uniteLifetimes } from './known-kills.ts';
import { containerKeyOf, type UsageOwner, usageOwnerOf } from './owner.ts';
import { PodKills } from './pod-kills.ts';

/** Kills in one lifetime that were not counted before. */
export interface NewKills {
  readonly lifetime: string;
  /** Time of the last one, in milliseconds since 1970. */
  readonly at: number;
  readonly times: number;
  /** The container's own limit, if the kills were at that limit. */
  readonly limit: Bytes | undefined;
}

export type OnKill = (owner: UsageOwner, kills: NewKills) => void;

/** A kill that the API reports, until the next read of the counters resolves it. */
interface ReportedKill {
  readonly owner: UsageOwner;
  readonly podUID: string;
  readonly at: number;
  readonly limit: Bytes | undefined;
}

export class OomKills {
  private readonly onKill: OnKill;
  private readonly containers = new ContainerKills();
  private lastPods: readonly Pod[] | undefined;
  private readonly reported = new Map<string, ReportedKill>();
  /** IDs of the killed lifetimes that the API reports now. */
  private reportedIds = new Set<string>();
  /** Counters of the last pass that are not zero, by lifetime ID: names may come later than counters. */
  private counters = new Map<string, Counter>();
  private readonly pods = new PodKills();
  private readonly known = new KnownLifetimes();
  /** Last read of the counters, by this agent or an earlier one. Milliseconds since 1970. */
  private observedAt: number | undefined;

  constructor(onKill: OnKill = () => {}) {
    this.onKill = onKill;
  }

  /** Kills counted so far; undefined: no read yet. */
  kept(): KnownKills | undefined {
    return this.observedAt === undefined
      ? undefined
      : { at: this.observedAt / 1000, lifetimes: [...this.known] };
  }

  /** Adds the kills that an earlier agent on this node counted. */
  restore({ at, lifetimes }: KnownKills): void {
    this.observedAt = Math.max(1000 * at, this.observedAt ?? 0);
    for (const lifetime of lifetimes) this.counted(lifetime);
  }

  /** Marks kills as counted. */
  counted(lifetime: KnownLifetime): void {
    this.known.set(uniteLifetimes(this.known.get(lifetime.id), lifetime));
  }

  /** Observes the API's pods. @param pods all pods of this node: others are forgotten */
  observePods(pods: readonly Pod[]): void {
    // The same list has no news.
    if (pods === this.lastPods) return;
    this.lastPods = pods;
    this.containers.keep(
      pods.flatMap(({ uid, containers }) => containers.map(({ name }) => ({ podUID: uid, name }))),
    );
    this.reportedIds = new Set();
    for (const pod of pods)
      for (const container of pod.containers) {
        const { name, limit, oomKilled = [] } = container;
        for (const { id, at: time } of oomKilled) {
          const at = epochMs(time);
          this.containers.count(pod.uid, name, id, 1, at);
          this.reportedIds.add(id);
          // A kill without a time is old: the API has times for recent ones.
          if (at === undefined || pod.from === 'logs') continue;
          const owner = { key: containerKeyOf(pod, container), pod: pod.name };
          this.reported.set(id, { owner, podUID: pod.uid, at, limit });
        }
      }
  }

  /** Observes the kernel's counters. @param at milliseconds since 1970 */
  observeCounters(identified: readonly Identified[], at: number): void {
    const present = this.updateCounters(identified, at);
    for (const { role, pod, container, sample } of identified) {
      if (pod === undefined) continue;
      if (role.kind === 'pod') this.pods.observe(pod.uid, sample, at);
      if (role.kind !== 'container' || container?.container === undefined) continue;
      const counter = this.counters.get(role.id);
      if (counter === undefined || counter.kills === 0) continue;
      this.containers.count(pod.uid, container.container.name, role.id, counter.kills, counter.at);
    }
    for (const news of this.news(identified)) this.report(news, at);
    for (const [id, reportedKill] of this.reported) this.resolve(id, reportedKill, at);
    this.reported.clear();
    this.pods.endPass();
    this.observedAt = at;
    this.known.forget(oldestKept(at / 1000) - daySeconds, [...this.reportedIds, ...present]);
  }

  /** Undefined: none is known. */
  of(podUID: string, container: string): Kills | undefined {
    return this.containers.of(podUID, container);
  }

  /** @returns the IDs of all lifetimes, with or without a counter */
  private updateCounters(identified: readonly Identified[], at: number): readonly string[] {
    const before = this.counters;
    const counters = new Map<string, Counter>();
    const present: string[] = [];
    for (const { role, sample } of identified) {
      const id = lifeIdOf(role, sample);
      if (id === undefined) continue;
      present.push(id);
      const last = before.get(id);
      const isAnother = last !== undefined && last.inode !== sample.id.inode;
      const kills = sample.details?.oomKills;
      let known = this.known.get(id);
      // A cgroup recreated under its old path counts from 0.
      if (known !== undefined && kills !== undefined && (isAnother || kills < known.kills)) {
        known = { ...known, kills: 0 };
        this.known.set(known);
      }
      const counter = nextCounter(isAnother ? undefined : last, sample, this.ageOf(known, kills, at));
      if (counter !== undefined && !isZero(counter)) counters.set(id, counter);
    }
    this.counters = counters;
    return present;
  }

  /** Time of kills that this agent sees for the first time; undefined: they may be of any age. */
  private ageOf(known: KnownLifetime | undefined, kills: number | undefined, at: number): number | undefined {
    if (this.observedAt === undefined || this.observedAt < 1000 * oldestKept(at / 1000)) return undefined;
    if (known === undefined || known.kills !== kills) return at;
    return known.isCounted ? 1000 * known.at : undefined;
  }

  /** Number of kills of a lifetime that are not counted yet. */
  private newsOf(id: string): number {
    const kills = this.counters.get(id)?.kills ?? 0;
    return Math.max(0, kills - (this.known.get(id)?.kills ?? 0));
  }

  /** Innermost paths first. A v2 counter includes the cgroups below, so a kill counts only for the innermost cgroup. */
  private news(identified: readonly Identified[]): readonly News[] {
    const all: News[] = [];
    for (const one of identified) {
      const id = lifeIdOf(one.role, one.sample);
      const times = id === undefined ? 0 : this.newsOf(id);
      if (id !== undefined && times > 0) all.push({ id, one, times });
    }
    all.sort((a, b) => b.one.sample.id.path.length - a.one.sample.id.path.length);
    for (const [index, inner] of all.entries())
      for (const outer of all.slice(index + 1))
        if (isBelow(inner, outer)) outer.times -= Math.min(outer.times, inner.times);
    return all;
  }

  private report({ id, one, times }: News, at: number): void {
    const counter = this.counters.get(id);
    if (counter === undefined) return;
    const known = this.known.get(id);
    // Kills of unknown age become known, and never count.
    const isNew = counter.at !== undefined && times > 0;
    if (isNew) {
      const owner = usageOwnerOf(one);
      if (owner === undefined) return;
      const limit = counter.isAtLimit
        ? (one.container?.container?.limit ?? ownLimitOf(one.sample))
        : undefined;
      this.onKill(owner, { lifetime: id, at: counter.at, times, limit });
    }
    const isCounted = isNew || known?.isCounted === true;
    this.known.set({ id, kills: counter.kills, isCounted, at: (counter.at ?? at) / 1000 });
    this.counters.set(id, { ...counter, isAtLimit: false });
  }

  /** The reported lifetime has ended, and so has its counter. The counter of its pod's cgroup shows the cause. */
  private resolve(id: string, { owner, podUID, at: reportedAt, limit }: ReportedKill, now: number): void {
    if (reportedAt < 1000 * oldestKept(now / 1000)) return;
    const at = Math.min(reportedAt, now);
    const known = this.known.get(id);
    const rise = this.pods.riseAt(podUID, at);
    // The reported kill may be the counted one, or a later one. A later one shows as a later rise of the pod's counter.
    const isAnother =
      known !== undefined && at > 1000 * known.at && rise !== undefined && rise.from >= 1000 * known.at;
    if (known?.isCounted === true && !isAnother) return;
    this.onKill(owner, { lifetime: id, at, times: 1, limit: rise?.isAtLimit === false ? undefined : limit });
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
