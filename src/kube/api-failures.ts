/** Counts failed API calls for metrics, with a fixed set of label values. */
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
/** The client's own reasons, when there was no answer or it could not read the answer. */
const byWord: readonly string[] = [
  'Timeout',
  'TooLarge',
  'NotJSON',
  'NotUnderstood',
  'Silent',
  'Short',
  'Unexpected',
];

/** The failure's label value: one of a fixed set, whatever the API sends. */
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

/** After so long without a failure, log the recovery. The next failure is then logged again. */
const quietMs = 120_000;

/** Logs each kind of a recurring failure once, and logs the recovery. */
export class FailureLog {
  private readonly say: (message: string) => void;
  private readonly said = new Set<string>();
  private lastAt = 0;

  constructor(say: (message: string) => void) {
    this.say = say;
  }

  /** @param at milliseconds of a monotonic clock */
  failed(call: ApiCallKind, fault: ApiError, at: number): void {
    this.lastAt = at;
    const key = `${call} ${failureReason(fault)}`;
    if (this.said.has(key)) return;
    this.said.add(key);
    this.say(`cannot ${call} this node's pods, retrying: ${fault.message}`);
  }

  worked(at: number): void {
    if (this.said.size === 0 || at - this.lastAt < quietMs) return;
    this.said.clear();
    this.say("the API answers again for this node's pods");
  }
}
