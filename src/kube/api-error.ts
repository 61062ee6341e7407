/** Errors of calls to the Kubernetes API. */
import { clipped, printable } from '../model/text.ts';

/** Characters of a message. A proxy in front of the API server can send whole pages. */
const longestMessage = 1024;
/** Reasons of the API are single words. Anything else is replaced by the status. */
const isWord = /^[A-Za-z0-9_]{1,64}$/;

/** The API refused a call, or did not answer it. */
export class ApiError extends Error {
  /** HTTP status; 0 without an answer. */
  readonly status: number;
  /** The API's reason (`NotFound`, `Expired`, `Forbidden`), or the client's own (see api-failures.ts). */
  readonly reason: string;
  /** From the Retry-After header. */
  readonly retryAfterMs: number | undefined;
  /** Messages of `details.causes` in the API's Status: admission policies put their own message there. */
  readonly causes: readonly string[];

  constructor(
    status: number,
    reason: string,
    message: string,
    retryAfterMs?: number,
    causes: readonly string[] = [],
  ) {
    super(printable(clipped(message, longestMessage)));
    this.name = 'ApiError';
    this.status = status;
    this.reason = isWord.test(reason) ? reason : String(status);
    this.retryAfterMs = retryAfterMs;
    this.causes = causes.map((cause) => printable(clipped(cause, longestMessage)));
  }
}
