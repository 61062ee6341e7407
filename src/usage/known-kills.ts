/** Which OOM kills were counted, by the lives of containers: so that each counts once, however often an agent starts. */

export interface KnownLifetime {
  readonly id: string;
  /** The kernel's counter, as far as it was seen or is told by the API. */
  readonly kills: number;
  /** Whether one of them was counted. False: nobody knows how old they are. */
  readonly isCounted: boolean;
  /** Of the last of them, or of the first look. Seconds since 1970. */
  readonly at: number;
}

export interface KnownKills {
  /** The last look at the kernel's counters: what they have beyond the lives here came later. Seconds since 1970. */
  readonly at: number;
  /** Those that were spoken of longest ago first. */
  readonly lives: readonly KnownLifetime[];
}

/** More than the API tells of on a node where each of 250 pods with two containers was killed twice. */
export const livesKept = 1_000;

export class KnownLifetimes implements Iterable<KnownLifetime> {
  /** By short IDs. */
  private readonly lives = new Map<string, KnownLifetime>();

  get(id: string): KnownLifetime | undefined {
    return this.lives.get(shortId(id));
  }

  /** Those that were spoken of last stand last. */
  set(lifetime: KnownLifetime): void {
    const id = shortId(lifetime.id);
    this.lives.delete(id);
    this.lives.set(id, { ...lifetime, id });
  }

  /** Lives that ended before, and of more than there is room for those that were spoken of longest ago. @param present spoken of now */
  forget(before: number, present: readonly string[]): void {
    for (const id of present) {
      const known = this.get(id);
      if (known !== undefined) this.set(known);
    }
    const now = new Set(present.map(shortId));
    for (const { id, at } of [...this.lives.values()]) if (at < before && !now.has(id)) this.lives.delete(id);
    for (const id of [...this.lives.keys()].slice(0, -livesKept)) this.lives.delete(id);
  }

  [Symbol.iterator](): Iterator<KnownLifetime> {
    return this.lives.values();
  }
}

/** As runtimes print an ID of a container where there is little room. */
const shortId = (id: string): string => (/^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id);

/** What two agents of one node know, or one agent and an older checkpoint of it. */
export function uniteKnownKills(
  a: KnownKills | undefined,
  b: KnownKills | undefined,
): KnownKills | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const lives = new Map(a.lives.map((lifetime) => [lifetime.id, lifetime]));
  for (const lifetime of b.lives) lives.set(lifetime.id, uniteLifetimes(lives.get(lifetime.id), lifetime));
  const byAge = [...lives.values()].sort((one, other) => one.at - other.at);
  return { at: Math.max(a.at, b.at), lives: byAge.slice(-livesKept) };
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
