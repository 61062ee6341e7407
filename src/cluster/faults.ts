/** Collects what could not be read, for the notes of a view. */
import { type ErrorDetail, LocatedError, mostFaults } from '../model/located-error.ts';

/** Keeps the first messages and counts the others: thousands of reports may have the same fault. */
export class Faults {
  private readonly first: string[] = [];
  private count = 0;

  add(detail: ErrorDetail): void {
    this.addMessage(() => new LocatedError(detail).message);
  }

  /** @param message called only if the message is kept */
  addMessage(message: () => string): void {
    if (this.count++ < mostFaults) this.first.push(message());
  }

  get notes(): readonly string[] {
    const more = this.count - this.first.length;
    return more === 0
      ? this.first
      : [...this.first, `and ${more} more values or objects that cannot be read`];
  }
}
