/** OOM kills already counted, by container lifetime. Each kill counts once, even over many restarts of the agent. */

export interface KnownLifetime {
  readonly id: string;
  /** Kills by the kernel's counter or the API. */
  readonly kills: number;
  /** Whether one of them was counted. False: their age is unknown. */
  readonly isCounted: boolean;
  /** Time of the last kill, or of the first sample. Seconds since 1970. */
  readonly at: number;
}

export interface KnownKills {
  /** Last read of the kernel's counters, in seconds since 1970. Kills beyond those in `lifetimes` came later. */
  readonly at: number;
  /** Least recently reported first. */
  readonly lifetimes: readonly KnownLifetime[];
}

/** As many as the API reports on a node where each of 250 pods with two containers was killed twice. */
export const lifetimesKept = 1_000;

export class KnownLifetimes implements Iterable<KnownLifetime> {
  /** By short IDs. */
  private readonly lifetimes = new Map<string, KnownLifetime>();

  get(id: string): KnownLifetime | undefined {
    return this.lifetimes.get(shortId(id));
  }

  /** Most recently reported last. */
  set(lifetime: KnownLifetime): void {
    const id = shortId(lifetime.id);
    this.lifetimes.delete(id);
    this.lifetimes.set(id, { ...lifetime, id });
  }

  /** Drops lifetimes that ended before `before`, then the least recently reported ones. @param present lifetimes reported now */
  forget(before: number, present: readonly string[]): void {
    if (this.lifetimes.size === 0) return;
    for (const id of present) {
      const known = this.get(id);
      if (known !== undefined) this.set(known);
    }
    const now = new Set(present.map(shortId));
    for (const { id, at } of [...this.lifetimes.values()])
      if (at < before && !now.has(id)) this.lifetimes.delete(id);
    for (const id of [...this.lifetimes.keys()].slice(0, -lifetimesKept)) this.lifetimes.delete(id);
  }

  [Symbol.iterator](): Iterator<KnownLifetime> {
    return this.lifetimes.values();
  }
}

/** The short form of a container ID, as runtimes print it. */
const shortId = (id: string): string => (/^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id);

/** Merges the records of two agents of one node, or of an agent and an older checkpoint. */
export function uniteKnownKills(
  a: KnownKills | undefined,
  b: KnownKills | undefined,
): KnownKills | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const lifetimes = new Map(a.lifetimes.map((lifetime) => [lifetime.id, lifetime]));
  for (const lifetime of b.lifetimes)
    lifetimes.set(lifetime.id, uniteLifetimes(lifetimes.get(lifetime.id), lifetime));
  const byAge = [...lifetimes.values()].sort((one, other) => one.at - other.at);
  return { at: Math.max(a.at, b.at), lifetimes: byAge.slice(-lifetimesKept) };
}

export const uniteLifetimes = (a: KnownLifetime | undefined, b: KnownLifetime): KnownLifetime =>
  a === undefined
    ? b
    : {
        id: a.id,
        kills: Math.max(a.kills, b.kills),
        isCounted: a.isCounted || b.isCounted,
        at: Math.max(a.at, b.at),
      };
