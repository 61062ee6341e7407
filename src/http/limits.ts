/** What the clients of a listener may take of it. docs/security.md has them as a table. */

export interface Limits {
  /**
   * Connections whose request is not complete. Each takes a descriptor, and the tree of cgroups leaves room for them. While
   * thousands connect each second an honest client has as long to ask as it takes them to fill this.
   */
  readonly waiting: number;
  /** Connections that are answered: for a client that does not read the kernel may hold a whole page. */
  readonly answering: number;
  /** Connections from one address. */
  readonly perSource: number;
  /** From the connection to the end of the request's head, TLS included. */
  readonly requestMs: number;
  /** From there until the client has taken the answer and closed. */
  readonly responseMs: number;
  /** How often all this is looked at. */
  readonly checkMs: number;
}

/** A probe or a scrape takes milliseconds. */
export const usualLimits: Limits = {
  waiting: 512,
  answering: 64,
  perSource: 8,
  requestMs: 3_000,
  responseMs: 10_000,
  checkMs: 1_000,
};
