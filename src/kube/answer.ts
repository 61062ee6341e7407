/** Reads answers of the API within a deadline and a size limit. */
import type http from 'node:http';
import { BoundedBytes } from '../edges/bounded-bytes.ts';
import { ApiError } from './api-error.ts';
import { type ReadObject, readObject } from './large-object.ts';
import { toApiError } from './refusal.ts';

/** The deadline of a call that sets none. */
const defaultDeadlineMs = 10_000;

interface Timed {
  readonly path: string;
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Runs `answer` with a signal that aborts at the call's deadline. Settles at the deadline even when `answer` does not.
 * @throws ApiError with reason `Timeout` at the deadline; else the failure of `answer` as an ApiError
 */
export async function answerWithin<T>(call: Timed, answer: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadlineMs = call.deadlineMs ?? defaultDeadlineMs;
  const deadline = AbortSignal.timeout(deadlineMs);
  const signal = call.signal === undefined ? deadline : AbortSignal.any([deadline, call.signal]);
  try {
    return await unlessAborted(answer(signal), signal);
  } catch (error) {
    throw deadline.aborted && !(error instanceof ApiError)
      ? new ApiError(0, 'Timeout', `${call.path}: no answer within ${deadlineMs} ms`)
      : toApiError(error, call.path);
  }
}

/** Settles like `work`. @throws the signal's reason as soon as it aborts */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, work]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** The chunks of a response. Leaving the loop early closes the connection. */
export const chunksOf = (response: http.IncomingMessage): AsyncIterableIterator<Buffer> =>
  response[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer>;

/** Reads a body of at most `most` bytes, or the beginning of a longer one. */
export async function bodyOf(response: http.IncomingMessage, most: number): Promise<BoundedBytes> {
  const body = new BoundedBytes(most);
  for await (const chunk of chunksOf(response)) {
    body.add(chunk);
    if (!body.isWhole) break;
  }
  return body;
}

/** @throws ApiError with reason `NotJSON` */
export function readAnswer(text: string, path: string): ReadObject {
  try {
    return readObject(text);
  } catch {
    throw new ApiError(0, 'NotJSON', `${path}: expected JSON, got "${text.slice(0, 60)}"`);
  }
}

/** @throws ApiError with reason `NotJSON` or `TooLarge` */
export function parseAnswer(text: string, path: string): unknown {
  const answer = readAnswer(text, path);
  if ('value' in answer) return answer.value;
  throw tooLarge(path, answer.large.why);
}

export const tooLarge = (path: string, what: string): ApiError =>
  new ApiError(0, 'TooLarge', `${path}: ${what}`);
