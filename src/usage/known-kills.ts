/** Which OOM kills were counted, by the lives of containers: so that each counts once, however often an agent starts. */

export interface KnownLife {
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
  readonly lives: readonly KnownLife[];
}

/** More than the API tells of on a node where each of 250 pods with two containers was killed twice. */
export const livesKept = 1_000;

export class KnownLives implements Iterable<KnownLife> {
  /** By short IDs. */
  private readonly lives = new Map<string, KnownLife>();

  get(id: string): KnownLife | undefined {
    return this.lives.get(shortId(id));
  }

  /** Those that were spoken of last stand last. */
  set(life: KnownLife): void {
    const id = shortId(life.id);
    this.lives.delete(id);
    this.lives.set(id, { ...life, id });
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

  [Symbol.iterator](): Iterator<KnownLife> {
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
  const lives = new Map(a.lives.map((life) => [life.id, life]));
  for (const life of b.lives) lives.set(life.id, uniteLives(lives.get(life.id), life));
  const byAge = [...lives.values()].sort((one, other) => one.at - other.at);
  return { at: Math.max(a.at, b.at), lives: byAge.slice(-livesKept) };
}

export const uniteLives = (a: KnownLife | undefined, b: KnownLife): KnownLife =>
  a === undefined
    ? b
    : {
        id: a.id,
        kills: Math.max(a.kills, b.kills),
        isCounted: a.isCounted || b.isCounted,
        at: Math.max(a.at, b.at),
      };
