/** Turns refusals and network errors into ApiErrors. */

import { fieldsOf, listOf, parseJson, textOf } from '../model/json.ts';
import { codeOf } from '../model/located-error.ts';
import { ApiError } from './api-error.ts';

/** Maximum Retry-After to obey. A longer one may come from a broken proxy in front of the API server. */
const longestRetryAfterMs = 300_000;
/** Maximum number of causes to keep. The API lists one per invalid field. */
const mostCauses = 16;

/**
 * The error for a refused call. The API server sends a Status object; a proxy in front of it may send anything.
 * @param text the body, or its beginning
 */
export function refusal(status: number, retryAfter: string | undefined, text: string): ApiError {
  const seconds =
    retryAfter !== undefined && /^\d+$/.test(retryAfter)
      ? Math.min(longestRetryAfterMs, Number(retryAfter) * 1000)
      : undefined;
  try {
    const { reason, message, details } = fieldsOf(parseJson(text));
    const causes = listOf(fieldsOf(details)['causes']).slice(0, mostCauses);
    if (typeof message === 'string')
      return new ApiError(
        status,
        typeof reason === 'string' ? reason : String(status),
        message,
        seconds,
        causes.map((cause) => ({
          message: textOf(cause['message']) ?? '',
          reason: textOf(cause['reason']),
          field: textOf(cause['field']),
        })),
      );
  } catch {
    // The body is not JSON: report the HTTP status.
  }
  const begun = beginningOf(text);
  if (begun !== undefined) return new ApiError(status, String(status), begun, seconds);
  return new ApiError(status, String(status), `HTTP ${status}: ${text.slice(0, 120)}`, seconds);
}

/** A Status that ends within its message. Server-side apply names every field of every item that the CRD lacks. */
const cutStatus =
  /^\{"kind":"Status",[^\\]{0,200}?"message":"((?:[^"\\]|\\["\\/bfnrt]|\\u[0-9a-f]{4})+)(?:\\(?:u[0-9a-f]{0,3})?)?$/;

function beginningOf(text: string): string | undefined {
  const begun = cutStatus.exec(text)?.[1];
  try {
    return begun && textOf(parseJson(`"${begun}"`));
  } catch {
    return undefined;
  }
}

/** Any error of a call as an ApiError with status 0. */
export const toApiError = (error: unknown, path: string): ApiError =>
  error instanceof ApiError
    ? error
    : new ApiError(
        0,
        codeOf(error) ?? 'Error',
        `${path}: ${error instanceof Error ? error.message : String(error)}`,
      );
