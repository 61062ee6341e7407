/** The clock of a simulated node. It moves only when the simulation advances it. */

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export class Clock {
  private at: number;
  private sleepers: readonly Sleeper[] = [];

  constructor(at: number) {
    this.at = at;
  }

  readonly now = (): number => this.at;

  readonly sleep = (ms: number): Promise<void> =>
    ms <= 0
      ? Promise.resolve()
      : new Promise((wake) => {
          this.sleepers = [...this.sleepers, { at: this.at + ms, wake }];
        });

  /** Sets the time to the next sleeper up to `until`, and wakes it. @returns whether there was one */
  wakeNext(until: number): boolean {
    if (this.sleepers.length === 0) return false;
    const next = this.sleepers.reduce((a, b) => (b.at < a.at ? b : a));
    if (next.at > until) return false;
    this.sleepers = this.sleepers.filter((one) => one !== next);
    this.at = next.at;
    next.wake();
    return true;
  }

  /** Drops all sleepers, because their process has ended. */
  forget(): void {
    this.sleepers = [];
  }

  /** @param at a time before the next sleeper */
  set(at: number): void {
    this.at = at;
  }
}

/**
 * Advances all clocks. Nodes do not depend on each other, so each can have its own time while the promises of all run
 * together.
 */
export async function advance(clocks: readonly Clock[], until: number): Promise<void> {
  let awake = true;
  while (awake) {
    awake = false;
    for (const clock of clocks) if (clock.wakeNext(until)) awake = true;
    if (awake) await settled();
  }
  for (const clock of clocks) clock.set(until);
}

/** Resolves after all work that needs no time. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
