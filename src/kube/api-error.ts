/** Errors of calls to the Kubernetes API. */
import { clipped, printable } from '../model/text.ts';

/** Characters of a message. A proxy in front of the API server can send whole pages. */
const longestMessage = 1024;
/** Reasons of the API are single words. Anything else is replaced by the status. */
const isWord = /^[A-Za-z0-9_]{1,64}$/;

/** An entry of `details.causes` in the API's Status (StatusCause of apimachinery). */
export interface Cause {
  readonly message: string;
  /** `FieldValueNotSupported`, for example. */
  readonly reason?: string | undefined;
  /** Path in the object: `pods[0].name`. */
  readonly field?: string | undefined;
}

/** The API refused a call, or did not answer it. */
export class ApiError extends Error {
  /** HTTP status; 0 without an answer. */
  readonly status: number;
  /** The API's reason (`NotFound`, `Expired`, `Forbidden`), or the client's own (see api-failures.ts). */
  readonly reason: string;
  /** From the Retry-After header. */
  readonly retryAfterMs: number | undefined;
  /** Validation puts a field into each; admission policies put their own message there. */
  readonly causes: readonly Cause[];

  constructor(
    status: number,
    reason: string,
    message: string,
    retryAfterMs?: number,
    causes: readonly Cause[] = [],
  ) {
    super(printable(clipped(message, longestMessage)));
    this.name = 'ApiError';
    this.status = status;
    this.reason = isWord.test(reason) ? reason : String(status);
    this.retryAfterMs = retryAfterMs;
    this.causes = causes.map(({ message: why, reason: word, field }) => ({
      message: printable(clipped(why, longestMessage)),
      reason: word !== undefined && isWord.test(word) ? word : undefined,
      field: field === undefined ? undefined : printable(clipped(field, longestMessage)),
    }));
  }
}
