/** What the clients of a listener may take of it. docs/security.md has them as a table. */

export interface Limits {
  /**
   * Connections of a listener. Each takes a descriptor, and the tree of cgroups leaves room for them; for a client that does not
   * read the kernel may hold a whole page.
   */
  readonly total: number;
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
  total: 64,
  perSource: 8,
  requestMs: 3_000,
  responseMs: 10_000,
  checkMs: 1_000,
};
