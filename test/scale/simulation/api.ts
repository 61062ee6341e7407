/** An API server that only counts requests. */
import type { ApiCall } from '../../../src/kube/api.ts';
import { ApiError } from '../../../src/kube/api-error.ts';
import { storedPodBytes, storedReportBytes } from './stored.ts';

export const writeKinds = ['report', 'heartbeat', 'annotation', 'history', 'refused'] as const;
export type WriteKind = (typeof writeKinds)[number];

/** The counts of one kind of request, by second. */
export interface Counts {
  readonly writes: Float64Array;
  /** Bytes of the request bodies. */
  readonly bytes: Float64Array;
  /** Bytes that etcd writes for them. */
  readonly stored: Float64Array;
}

export type Trouble = 'away' | 'silent' | { readonly retryAfterMs: number };

/** Bytes of the metadata and managed fields of a ConfigMap. */
const mapOverhead = 600;
const latencyMs = 30;
/** The timeout of the client. */
const deadlineMs = 10_000;

export class CountingApi {
  readonly counts: Readonly<Record<WriteKind, Counts>>;
  /** How the server fails at a time for a node. Undefined if it works. */
  trouble: (at: number, node: number) => Trouble | undefined = () => undefined;
  private readonly beginMs: number;

  constructor(beginMs: number, seconds: number) {
    this.beginMs = beginMs;
    const row = (): Counts => ({
      writes: new Float64Array(seconds),
      bytes: new Float64Array(seconds),
      stored: new Float64Array(seconds),
    });
    this.counts = { report: row(), heartbeat: row(), annotation: row(), history: row(), refused: row() };
  }

  private count(kind: WriteKind, at: number, bytes: number, stored: number): void {
    const second = Math.floor((at - this.beginMs) / 1000);
    const counts = this.counts[kind];
    if (second < 0 || second >= counts.writes.length) return;
    counts.writes[second] = (counts.writes[second] ?? 0) + 1;
    counts.bytes[second] = (counts.bytes[second] ?? 0) + bytes;
    counts.stored[second] = (counts.stored[second] ?? 0) + stored;
  }

  /** The server from the view of one node. */
  asSeenBy(node: Caller): (call: ApiCall) => Promise<unknown> {
    // The last report without its time.
    let last = '';
    return async (call) => {
      const at = node.now();
      const text = JSON.stringify(call.body);
      const trouble = this.trouble(at, node.index);
      if (trouble !== undefined) {
        this.count('refused', at, text.length, 0);
        await node.sleep(trouble === 'silent' ? deadlineMs : latencyMs);
        throw typeof trouble === 'string'
          ? new ApiError(0, 'Unreachable', 'no answer')
          : new ApiError(429, 'TooManyRequests', 'too many requests', trouble.retryAfterMs);
      }
      if (call.path.startsWith('/apis/')) {
        const about = text.replace(/"at":"[^"]*"/, '');
        this.count(about === last ? 'heartbeat' : 'report', at, text.length, storedReportBytes(text.length));
        last = about;
        node.wrote?.(call.body, at);
      } else if (call.path.includes('/configmaps/history-')) {
        // The body is compressed, and etcd stores it with little overhead.
        this.count('history', at, text.length, text.length + mapOverhead);
      } else {
        this.count('annotation', at, text.length, storedPodBytes(text.length));
        node.annotated(call.body as PodPatch, at);
      }
      await node.sleep(latencyMs);
      return undefined;
    };
  }
}

export interface Caller {
  readonly index: number;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  annotated(patch: PodPatch, at: number): void;
  wrote?: ((report: unknown, at: number) => void) | undefined;
}

export interface PodPatch {
  readonly metadata: {
    readonly uid: string;
    readonly annotations: Readonly<Record<string, string | null>>;
  };
}
