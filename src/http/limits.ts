/** The resource limits of a listener. docs/security.md lists them in a table. */

export interface Limits {
  /**
   * Maximum connections with an incomplete request. Each takes a descriptor that the cgroup tree reserves. Under a flood of
   * connections, a real client has to send its request before the attackers fill this many.
   */
  readonly waiting: number;
  /** Maximum connections being answered. For a client that does not read, the kernel may buffer a whole page. */
  readonly answering: number;
  /** Maximum connections from one address. */
  readonly perSource: number;
  /** Timeout from the connection to the end of the request head, TLS handshake included. */
  readonly requestMs: number;
  /** Timeout from there until the client has received the answer and closed. */
  readonly responseMs: number;
  /** Interval of the timeout checks. */
  readonly checkMs: number;
}

/** The defaults. A probe or a scrape takes milliseconds. */
export const usualLimits: Limits = {
  waiting: 512,
  answering: 64,
  perSource: 8,
  requestMs: 3_000,
  responseMs: 10_000,
  checkMs: 1_000,
};
