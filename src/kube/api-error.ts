/** What the Kubernetes API refuses, and what keeps it from answering. */
import { clipped, printable } from '../model/text.ts';

/** Longer than any message in which names of the longest kind stand. What stands before the API server can send pages. */
const longestMessage = 1024;
/** A word, as the API gives its reasons: whatever else comes as one is none. */
const isWord = /^[A-Za-z0-9_]{1,64}$/;

/** The API's own refusal, or none at all. */
export class ApiError extends Error {
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** The API's word for it: `NotFound`, `Expired`, `Forbidden`. */
  readonly reason: string;
  /** From a Retry-After header. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, reason: string, message: string, retryAfterMs?: number) {
    super(printable(clipped(message, longestMessage)));
    this.name = 'ApiError';
    this.status = status;
    this.reason = isWord.test(reason) ? reason : String(status);
    this.retryAfterMs = retryAfterMs;
  }
}
