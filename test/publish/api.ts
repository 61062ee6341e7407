/** A fake API server that accepts every call unless `refuse` says otherwise. */
import type { Api, ApiCall } from '../../src/kube/api.ts';
import { ApiError } from '../../src/kube/api-error.ts';

export class FakeApi implements Api {
  readonly calls: ApiCall[] = [];
  /** Accepted calls. */
  readonly taken = new Set<ApiCall>();
  /** Returns the error for a call to refuse. Undefined: accept every call. */
  refuse: ((call: ApiCall) => unknown) | undefined;

  async call(call: ApiCall): Promise<unknown> {
    this.calls.push(call);
    const fault = this.refuse?.(call);
    if (fault !== undefined) throw fault;
    this.taken.add(call);
    return {};
  }

  /** The calls since the last call of this method. */
  news(): readonly ApiCall[] {
    return this.calls.splice(0);
  }
}

export const faultOf = (status: number, retryAfterMs?: number): ApiError =>
  new ApiError(status, 'Reason', `refused with ${status}`, retryAfterMs);
