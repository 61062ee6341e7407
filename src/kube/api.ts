/** The part of the Kubernetes API that writers need. */

export interface ApiCall {
  readonly method: 'POST' | 'PATCH';
  /** Path below the server, with its query. */
  readonly path: string;
  readonly body: unknown;
  readonly contentType: string;
  /** Deadline for the complete answer. */
  readonly deadlineMs?: number;
}

export interface Api {
  /** @returns the parsed answer @throws ApiError */
  call(call: ApiCall): Promise<unknown>;
}

/**
 * Server-side apply with the field manager `realmem`: keeps fields of other managers, removes own fields that are no longer
 * in the body.
 */
export const applyCall = (path: string, body: unknown): ApiCall => ({
  method: 'PATCH',
  path: `${path}?fieldManager=realmem&force=true`,
  body,
  contentType: 'application/apply-patch+yaml',
});
