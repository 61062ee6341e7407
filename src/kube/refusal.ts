/** Answers that are none, as faults. */

import { parseJson } from '../model/json.ts';
import { codeOf } from '../model/located-error.ts';
import { ApiError } from './api-error.ts';

/** Whoever asks for more is not believed: it may be a broken machine before the API server. */
const longestRetryAfterMs = 300_000;

/** Refusals come as a Status object, or, from what stands before the API server, as anything. */
export function refusal(status: number, retryAfter: string | undefined, text: string): ApiError {
  const seconds =
    retryAfter !== undefined && /^\d+$/.test(retryAfter)
      ? Math.min(longestRetryAfterMs, Number(retryAfter) * 1000)
      : undefined;
  try {
    const { reason, message } = parseJson(text) as { reason?: unknown; message?: unknown };
    if (typeof message === 'string')
      return new ApiError(status, typeof reason === 'string' ? reason : String(status), message, seconds);
  } catch {
    // What came is no Status: the code has to do.
  }
  return new ApiError(status, String(status), `HTTP ${status}: ${text.slice(0, 120)}`, seconds);
}

/** Whatever went wrong on the way, as a fault of that call. */
export const faultOf = (error: unknown, path: string): ApiError =>
  error instanceof ApiError
    ? error
    : new ApiError(
        0,
        codeOf(error) ?? 'Error',
        `${path}: ${error instanceof Error ? error.message : String(error)}`,
      );
