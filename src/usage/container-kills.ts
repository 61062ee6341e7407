/** OOM kills of each container of the node's pods, over its restarts. Reports show them. */

export interface Kills {
  readonly count: number;
  /** Milliseconds since 1970; absent if all known kills came before the first sample. */
  readonly lastAt?: number;
}

interface RememberedContainer {
  /** Kills by lifetime ID. */
  readonly lifetimes: Map<string, number>;
  /** Sum of older lifetimes, which neither the API nor the kernel reports any more. */
  past: number;
  lastAt?: number;
}

/** The API reports two ended lifetimes, and one runs. Older ones do not come back. */
const lifetimesPerContainer = 8;

export class ContainerKills {
  private byContainer = new Map<string, RememberedContainer>();

  /** Forgets all other containers. */
  keep(containers: readonly { readonly podUID: string; readonly name: string }[]): void {
    const before = this.byContainer;
    this.byContainer = new Map();
    for (const { podUID, name } of containers) {
      const key = containerText(podUID, name);
      const known = before.get(key);
      if (known !== undefined) this.byContainer.set(key, known);
    }
  }

  /** The count of a lifetime only grows: the kill that the API reports at its end is among those that the kernel counted. */
  count(podUID: string, name: string, id: string, kills: number, at: number | undefined): void {
    const key = containerText(podUID, name);
    const known = this.byContainer.get(key) ?? { lifetimes: new Map<string, number>(), past: 0 };
    this.byContainer.set(key, known);
    if (at !== undefined) known.lastAt = Math.max(at, known.lastAt ?? at);
    // The most recently reported lifetime is last, so only lifetimes that are no longer reported move to `past`.
    const before = known.lifetimes.get(id) ?? 0;
    known.lifetimes.delete(id);
    known.lifetimes.set(id, Math.max(before, kills));
    const [oldest] = known.lifetimes;
    if (known.lifetimes.size > lifetimesPerContainer && oldest !== undefined) {
      known.past += oldest[1];
      known.lifetimes.delete(oldest[0]);
    }
  }

  /** Undefined: none is known. */
  of(podUID: string, name: string): Kills | undefined {
    const known = this.byContainer.get(containerText(podUID, name));
    if (known === undefined) return undefined;
    const count = known.past + [...known.lifetimes.values()].reduce((sum, one) => sum + one, 0);
    return { count, ...(known.lastAt !== undefined && { lastAt: known.lastAt }) };
  }
}

const containerText = (podUID: string, container: string): string => `${podUID}/${container}`;
