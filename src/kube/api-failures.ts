/** What the API did not do, counted for metrics: by labels that are fixed, whatever the API says. */
import { ApiError } from './api-error.ts';

export type ApiCallKind = 'list' | 'watch' | 'read' | 'write';

const byStatus: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  413: 'TooLarge',
  422: 'Invalid',
  429: 'TooManyRequests',
};
/** The client's own words where there was no answer, or none that it could read. */
const byWord: readonly string[] = [
  'Timeout',
  'TooLarge',
  'NotJSON',
  'NotUnderstood',
  'Silent',
  'Short',
  'Unexpected',
];

/** One of a few words. */
function failureReason(fault: unknown): string {
  if (!(fault instanceof ApiError)) return 'Other';
  const { status, reason } = fault;
  if (status === 0) return byWord.includes(reason) ? reason : 'Connection';
  if (Object.hasOwn(byStatus, status)) return byStatus[status] as string;
  return status >= 500 && status <= 599
    ? 'ServerError'
    : status >= 400 && status <= 499
      ? 'Refused'
      : 'Unexpected';
}

export interface ApiFailure {
  readonly call: ApiCallKind;
  readonly reason: string;
  readonly count: number;
}

export class ApiFailures {
  private readonly counts = new Map<string, ApiFailure>();

  add(call: ApiCallKind, fault: unknown): void {
    const reason = failureReason(fault);
    const key = `${call} ${reason}`;
    this.counts.set(key, { call, reason, count: (this.counts.get(key)?.count ?? 0) + 1 });
  }

  get all(): readonly ApiFailure[] {
    return [...this.counts.values()];
  }
}

/** After so long without a failure the next one is news again. */
const quietMs = 120_000;

/** Says of failures that come again and again each kind once, and that they are over. */
export class FailureNews {
  private readonly say: (message: string) => void;
  private readonly said = new Set<string>();
  private lastAt = 0;

  constructor(say: (message: string) => void) {
    this.say = say;
  }

  /** @param at milliseconds of any clock that only goes forward */
  failed(call: ApiCallKind, fault: ApiError, at: number): void {
    this.lastAt = at;
    const key = `${call} ${failureReason(fault)}`;
    if (this.said.has(key)) return;
    this.said.add(key);
    this.say(`the ${call} of this node's pods failed, and is tried again and again: ${fault.message}`);
  }

  worked(at: number): void {
    if (this.said.size === 0 || at - this.lastAt < quietMs) return;
    this.said.clear();
    this.say("this node's pods come from the API again");
  }
}
