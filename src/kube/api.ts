/** The Kubernetes API, as far as whoever writes to it needs it. */

export interface ApiCall {
  readonly method: 'POST' | 'PATCH';
  /** Below the server, with its query. */
  readonly path: string;
  readonly body: unknown;
  readonly contentType: string;
  /** The answer must be complete within this. */
  readonly deadlineMs?: number;
}

export interface Api {
  /** The parsed answer. @throws KubeFault */
  call(call: ApiCall): Promise<unknown>;
}

/** Server-side apply under the agent's own name: what others wrote stays, and what it no longer gives goes. */
export const applyCall = (path: string, body: unknown): ApiCall => ({
  method: 'PATCH',
  path: `${path}?fieldManager=realmem&force=true`,
  body,
  contentType: 'application/apply-patch+yaml',
});
