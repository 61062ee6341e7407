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
  /** By UID of the pod and name of the container. Most pods have none, and each report asks for each container. */
  private byPod = new Map<string, Map<string, RememberedContainer>>();

  /** Forgets all other containers. */
  keep(containers: readonly { readonly podUID: string; readonly name: string }[]): void {
    const before = this.byPod;
    this.byPod = new Map();
    for (const { podUID, name } of containers) {
      const known = before.get(podUID)?.get(name);
      if (known !== undefined) this.remember(podUID, name, known);
    }
  }

  private remember(podUID: string, name: string, known: RememberedContainer): void {
    const ofPod = this.byPod.get(podUID) ?? new Map<string, RememberedContainer>();
    this.byPod.set(podUID, ofPod);
    ofPod.set(name, known);
  }

  /** The count of a lifetime only grows: the kill that the API reports at its end is among those that the kernel counted. */
  count(podUID: string, name: string, id: string, kills: number, at: number | undefined): void {
    const known = this.byPod.get(podUID)?.get(name) ?? { lifetimes: new Map<string, number>(), past: 0 };
    this.remember(podUID, name, known);
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
    const known = this.byPod.get(podUID)?.get(name);
    if (known === undefined) return undefined;
    const count = known.past + [...known.lifetimes.values()].reduce((sum, one) => sum + one, 0);
    return { count, ...(known.lastAt !== undefined && { lastAt: known.lastAt }) };
  }
}
