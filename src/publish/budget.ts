/** A token bucket: a node's share of the writes that a whole cluster may make, without coordination between nodes. */

/** The bucket holds the tokens of this long. */
const savedMs = 60_000;

export class Budget {
  private readonly perSecond: () => number;
  private tokens: number;
  private at: number | undefined;

  /** @param first tokens at the start, from 0 to 1: random, so that not all nodes write at once */
  constructor(perSecond: () => number, first: number) {
    this.perSecond = perSecond;
    this.tokens = first;
  }

  /** Takes a token if there is one. @returns whether the agent may write now */
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
