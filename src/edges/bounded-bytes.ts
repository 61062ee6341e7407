/** A byte buffer with an upper bound, for input that arrives in chunks. */

/** Bytes kept of an input that exceeds the bound: enough to identify it. */
const headBytes = 4096;
/** Initial size. One growing buffer is reused, as a list of chunks could hold a million one-byte objects. */
const firstBytes = 16 * 1024;

/** @param most the bound, in bytes */
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

  /** Bytes received, kept or not. */
  get length(): number {
    return this.total;
  }

  /** Whether `text` is the whole input. */
  get isWhole(): boolean {
    return this.total <= this.most;
  }

  /** The whole input, or the first 4 KiB of an input that exceeds the bound. */
  get text(): string {
    return this.buffer.toString('utf8', 0, this.held);
  }

  clear(): void {
    this.held = 0;
    this.total = 0;
  }
}
