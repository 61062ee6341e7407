/** An API server that takes what it is sent, unless it is told not to. */
import type { Api, ApiCall } from '../../src/kube/api.ts';
import { ApiError } from '../../src/kube/api-error.ts';

export class FakeApi implements Api {
  readonly calls: ApiCall[] = [];
  /** Those that were not refused. */
  readonly taken = new Set<ApiCall>();
  /** What it refuses; undefined: nothing. */
  refuse: ((call: ApiCall) => unknown) | undefined;

  async call(call: ApiCall): Promise<unknown> {
    this.calls.push(call);
    const fault = this.refuse?.(call);
    if (fault !== undefined) throw fault;
    this.taken.add(call);
    return {};
  }

  /** The calls since this was last asked. */
  news(): readonly ApiCall[] {
    return this.calls.splice(0);
  }
}

export const faultOf = (status: number, retryAfterMs?: number): ApiError =>
  new ApiError(status, 'Reason', `refused with ${status}`, retryAfterMs);
