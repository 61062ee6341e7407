/** OOM kills of each container of the pods that are here, over its restarts: for reports. */

export interface Kills {
  readonly count: number;
  /** Milliseconds since 1970; absent where all that is known came before anybody looked. */
  readonly lastAt?: number;
}

interface Remembered {
  /** By the ID of a lifetime: how often something in it was killed. */
  readonly lives: Map<string, number>;
  /** Of lives so long ago that neither the API nor the kernel speaks of them any more. */
  past: number;
  lastAt?: number;
}

/** The API tells of two ended lives, and one runs: what is older comes no more. */
const livesKept = 8;

export class ContainerKills {
  private byContainer = new Map<string, Remembered>();

  /** What is not among them is forgotten. */
  keep(containers: readonly { readonly podUID: string; readonly name: string }[]): void {
    const before = this.byContainer;
    this.byContainer = new Map();
    for (const { podUID, name } of containers) {
      const key = keyOf(podUID, name);
      const known = before.get(key);
      if (known !== undefined) this.byContainer.set(key, known);
    }
  }

  /** A lifetime's count only grows: what the kernel counted in it is in what the API says of its end. */
  count(podUID: string, name: string, id: string, kills: number, at: number | undefined): void {
    const key = keyOf(podUID, name);
    const known = this.byContainer.get(key) ?? { lives: new Map<string, number>(), past: 0 };
    this.byContainer.set(key, known);
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
  }

  /** Undefined: none is known. */
  of(podUID: string, name: string): Kills | undefined {
    const known = this.byContainer.get(keyOf(podUID, name));
    if (known === undefined) return undefined;
    const count = known.past + [...known.lives.values()].reduce((sum, one) => sum + one, 0);
    return { count, ...(known.lastAt !== undefined && { lastAt: known.lastAt }) };
  }
}

const keyOf = (podUID: string, container: string): string => `${podUID}/${container}`;
