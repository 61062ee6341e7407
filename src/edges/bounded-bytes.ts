/** Bytes that come in pieces, up to a bound. */

/** Of what is longer than its bound so much stays: enough to tell what it is. */
const headBytes = 4096;
/** One buffer that grows, and is used again: a million pieces of a byte would each be an object of its own. */
const firstBytes = 16 * 1024;

export class BoundedBytes {
  readonly most: number;
  private buffer = Buffer.allocUnsafeSlow(firstBytes);
  private held = 0;
  private total = 0;

  constructor(most: number) {
    this.most = most;
  }

  add(piece: Uint8Array): void {
    this.total += piece.length;
    if (this.total > this.most) {
      if (this.held < headBytes) this.copy(piece.subarray(0, headBytes - this.held));
      this.held = Math.min(this.held, headBytes);
    } else this.copy(piece);
  }

  private copy(piece: Uint8Array): void {
    const needed = this.held + piece.length;
    if (needed > this.buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(this.most, 2 * this.buffer.length)));
      larger.set(this.buffer.subarray(0, this.held));
      this.buffer = larger;
    }
    this.buffer.set(piece, this.held);
    this.held = needed;
  }

  /** How many came, kept or not. */
  get length(): number {
    return this.total;
  }

  /** Whether `text` is all that came. */
  get isWhole(): boolean {
    return this.total <= this.most;
  }

  /** All that came, or the beginning of what is longer than the bound. */
  get text(): string {
    return this.buffer.toString('utf8', 0, this.held);
  }

  clear(): void {
    this.held = 0;
    this.total = 0;
  }
}
