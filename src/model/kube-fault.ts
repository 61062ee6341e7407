/** What the Kubernetes API refuses, and what keeps it from answering. */
import { printable } from './text.ts';

/** The API's own refusal, or none at all. */
export class KubeFault extends Error {
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** The API's word for it: `NotFound`, `Expired`, `Forbidden`. */
  readonly reason: string;
  /** From a Retry-After header. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, reason: string, message: string, retryAfterMs?: number) {
    super(printable(message));
    this.name = 'KubeFault';
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}
