/** A share of what a whole cluster may write, kept without asking anybody: tokens that grow back with time. */

/** So much of its rate may be saved up. */
const savedMs = 60_000;

export class Budget {
  private readonly perSecond: () => number;
  private tokens: number;
  private at: number | undefined;

  /** @param first what there is at the start, from 0 to 1: by chance, lest all nodes begin with a write at once */
  constructor(perSecond: () => number, first: number) {
    this.perSecond = perSecond;
    this.tokens = first;
  }

  /** Whether one more may be written now; if so it is counted. */
  take(at: number): boolean {
    const rate = this.perSecond();
    const most = Math.max(1, (rate * savedMs) / 1000);
    const grown = this.at === undefined ? 0 : ((at - this.at) / 1000) * rate;
    this.tokens = Math.min(most, this.tokens + Math.max(0, grown));
    this.at = at;
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }
}
