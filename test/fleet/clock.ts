/** A node's own clock, which goes as far as it is told. */

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

  /** Wakes whoever is next until then, at the time of it. @returns whether there was one */
  wakeNext(until: number): boolean {
    if (this.sleepers.length === 0) return false;
    const next = this.sleepers.reduce((a, b) => (b.at < a.at ? b : a));
    if (next.at > until) return false;
    this.sleepers = this.sleepers.filter((one) => one !== next);
    this.at = next.at;
    next.wake();
    return true;
  }

  /** All who sleep are never woken: their process has ended. */
  forget(): void {
    this.sleepers = [];
  }

  /** Nobody sleeps until then. */
  set(at: number): void {
    this.at = at;
  }
}

/**
 * Takes all clocks on. Nodes have nothing to do with each other, and so each may live through its own time while the
 * promises of all go on together.
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

/** All that can go on without time passing has gone on. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
