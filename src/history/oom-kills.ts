/** OOM kills of containers over their restarts: the kernel's counter dies with the cgroup, the API's word stays. */
import type { Pod, PodContainer } from '../model/pod.ts';
import type { Identified } from '../model/sighting.ts';
import { epochSeconds } from '../model/time.ts';

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

/** The kernel's counter of a container that lives. */
interface Counter {
  readonly kills: number;
  /** When it was first seen as high; absent where that was the first look of all: then it may be of any age. */
  readonly at: number | undefined;
}

/** The API tells of two ended lives, and one runs: what is older comes no more. */
const livesKept = 8;

/** Told of each life in which a kill was not known before. @param at milliseconds since 1970; undefined: it may be of any age */
export type KillHeard = (pod: Pod, container: PodContainer, life: string, at: number | undefined) => void;

export class OomKills {
  private readonly heardOf: KillHeard;
  private known = new Map<string, Remembered>();
  private heard: readonly Pod[] | undefined;
  /** At the last look, by the ID of a life: names may come later than the counters. */
  private counters: ReadonlyMap<string, Counter> | undefined;

  constructor(heardOf: KillHeard = () => {}) {
    this.heardOf = heardOf;
  }

  /** Takes in what the API says. @param pods all of this node: what is not among them is forgotten */
  hear(pods: readonly Pod[]): void {
    // The same list is the same news.
    if (pods === this.heard) return;
    this.heard = pods;
    const before = this.known;
    this.known = new Map();
    for (const pod of pods)
      for (const container of pod.containers) {
        const { name, oomKilled = [] } = container;
        const key = keyOf(pod.uid, name);
        const known = before.get(key);
        if (known !== undefined) this.known.set(key, known);
        for (const { id, at } of oomKilled)
          if (this.count(key, id, 1, epochMs(at))) this.heardOf(pod, container, id, epochMs(at));
      }
  }

  /** Takes in what the kernel counted in the containers that live. */
  see(identified: readonly Identified[], at: number): void {
    const before = this.counters;
    const counters = new Map<string, Counter>();
    for (const { place, pod, container, sample } of identified) {
      if (place.kind !== 'container') continue;
      const known = before?.get(place.id);
      // One that could not be read stays what it was.
      const kills = sample.details?.oomKills ?? known?.kills;
      if (kills === undefined) continue;
      const roseAt = before === undefined ? undefined : at;
      const counter = known?.kills === kills ? known : { kills, at: roseAt };
      counters.set(place.id, counter);
      const named = container?.container;
      if (pod === undefined || named === undefined || kills === 0) continue;
      if (this.count(keyOf(pod.uid, named.name), place.id, kills, counter.at))
        this.heardOf(pod, named, place.id, counter.at);
    }
    this.counters = counters;
  }

  /** Undefined: none is known. */
  of(podUID: string, container: string): Kills | undefined {
    const known = this.known.get(keyOf(podUID, container));
    if (known === undefined) return undefined;
    const count = known.past + [...known.lives.values()].reduce((sum, one) => sum + one, 0);
    return { count, ...(known.lastAt !== undefined && { lastAt: known.lastAt }) };
  }

  /**
   * A life's count only grows: what the kernel counted in it is in what the API says of its end.
   * @returns whether it has more than was known
   */
  private count(key: string, id: string, kills: number, at: number | undefined): boolean {
    const known = this.known.get(key) ?? { lives: new Map<string, number>(), past: 0 };
    this.known.set(key, known);
    if (at !== undefined) known.lastAt = Math.max(at, known.lastAt ?? at);
    // Those that are still spoken of stand last: only what nobody speaks of any more is added up for good.
    const before = known.lives.get(id) ?? 0;
    known.lives.delete(id);
    known.lives.set(id, Math.max(before, kills));
    const [oldest] = known.lives;
    if (known.lives.size > livesKept && oldest !== undefined) {
      known.past += oldest[1];
      known.lives.delete(oldest[0]);
    }
    return kills > before;
  }
}

function epochMs(time: string | undefined): number | undefined {
  const seconds = time === undefined ? undefined : epochSeconds(time);
  return seconds === undefined ? undefined : seconds * 1000;
}

const keyOf = (podUID: string, container: string): string => `${podUID}/${container}`;
