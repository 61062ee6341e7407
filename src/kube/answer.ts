/** Answers of the API: within their time, and no more of them than is asked for. */
import type http from 'node:http';
import { BoundedBytes } from '../edges/bounded-bytes.ts';
import { ApiError } from './api-error.ts';
import { type ReadObject, readObject } from './large-object.ts';
import { faultOf } from './refusal.ts';

/** A call that takes longer than this is not coming back. */
const defaultDeadlineMs = 10_000;

interface Timed {
  readonly path: string;
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** An answer that must be complete within its deadline, whatever the socket does, and whoever else is waited for. */
export async function within<T>(call: Timed, answer: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadlineMs = call.deadlineMs ?? defaultDeadlineMs;
  const deadline = AbortSignal.timeout(deadlineMs);
  const signal = call.signal === undefined ? deadline : AbortSignal.any([deadline, call.signal]);
  try {
    return await unlessAborted(answer(signal), signal);
  } catch (error) {
    throw deadline.aborted && !(error instanceof ApiError)
      ? new ApiError(0, 'Timeout', `${call.path}: no answer within ${deadlineMs} ms`)
      : faultOf(error, call.path);
  }
}

/** @throws the signal's reason as soon as it is given */
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

/** Whoever reads no further than this closes the connection. */
export const chunksOf = (response: http.IncomingMessage): AsyncIterableIterator<Buffer> =>
  response[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer>;

export async function bodyOf(response: http.IncomingMessage, most: number): Promise<BoundedBytes> {
  const body = new BoundedBytes(most);
  for await (const chunk of chunksOf(response)) {
    body.add(chunk);
    if (!body.isWhole) break;
  }
  return body;
}

/** @throws KubeFault where it is no JSON */
export function read(text: string, path: string): ReadObject {
  try {
    return readObject(text);
  } catch {
    throw new ApiError(0, 'NotJSON', `${path}: expected JSON, got "${text.slice(0, 60)}"`);
  }
}

/** @throws KubeFault where it is no JSON, or too much of it */
export function parse(text: string, path: string): unknown {
  const answer = read(text, path);
  if ('value' in answer) return answer.value;
  throw tooLarge(path, answer.large.why);
}

export const tooLarge = (path: string, what: string): ApiError =>
  new ApiError(0, 'TooLarge', `${path}: ${what}`);
