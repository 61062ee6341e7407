/** The memory of a whole cluster, as tables and the live view read it. Sizes in bytes. Absent: not known, or not set. */
import { type Bytes, bytes } from '../model/bytes.ts';
import type { ContainerType } from '../model/pod.ts';
import type { Condition, Verdict } from '../model/report.ts';

export interface ClusterView {
  /** When it was read, in milliseconds since 1970. */
  readonly at: number;
  /** Nodes with figures, by name. */
  readonly nodes: readonly NodeView[];
  /** Nodes without a report on which an agent should run, by name. */
  readonly missing: readonly string[];
  /** Sentences for the footer: missing rights, the fallback in use, broken reports. Not escaped. */
  readonly notes: readonly string[];
  /** Absent: pods are not left out. The figures of nodes are always those of the whole node. */
  readonly only?: Only;
  /** Namespaces of all pods in the reports, also of those that are left out. Absent: not known. */
  readonly namespaces?: readonly string[];
}

/** Which pods a view shows. */
export interface Only {
  readonly namespace?: string;
  /** Labels, as for `kubectl -l`. */
  readonly selector?: string;
}

export interface NodeView {
  readonly name: string;
  /** Where the figures come from: the node's report, its pods' annotations, or the agent itself. */
  readonly from: 'report' | 'annotations' | 'agent';
  /** When the agent observed the node, in milliseconds since 1970. */
  readonly observedAt?: number;
  readonly isStale: boolean;
  /** Version of the agent. */
  readonly agent?: string;
  readonly capacity?: Bytes;
  readonly allocatable?: Bytes;
  readonly real?: Bytes;
  readonly used?: Bytes;
  readonly available?: Bytes;
  readonly workingSet?: Bytes;
  readonly pods: readonly PodView[];
  /** Number of pods left out because the report would be too large. */
  readonly omitted?: number;
  readonly conditions: readonly Condition[];
}

export interface PodView {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly workload?: string;
  readonly real?: Bytes;
  readonly ooms: number;
  /** Of the whole pod. */
  readonly request?: Bytes;
  readonly limit?: Bytes;
  readonly containers: readonly ContainerView[];
}

export interface ContainerView {
  readonly name: string;
  readonly type?: ContainerType;
  readonly real?: Bytes;
  readonly peak?: Bytes;
  readonly usage?: Bytes;
  readonly workingSet?: Bytes;
  readonly request?: Bytes;
  readonly limit?: Bytes;
  readonly suggestRequest?: Bytes;
  readonly suggestLimit?: Bytes;
  readonly ooms?: number;
  readonly verdict?: Verdict;
}

type Sized = Pick<ContainerView, 'type' | 'request' | 'limit'>;

/**
 * The sum over containers that run at the same time. A container without a request adds nothing to the pod's request. One
 * without a limit makes the pod unlimited.
 * @returns undefined: no container has a request, or one has no limit, or the sum exceeds 2^53 − 1
 */
export function wholeOf(containers: readonly Sized[], kind: 'request' | 'limit'): Bytes | undefined {
  let total: number | undefined;
  for (const container of containers) {
    // An ephemeral container has no resources.
    if (container.type === 'ephemeral') continue;
    const size = container[kind];
    if (size !== undefined) total = (total ?? 0) + size;
    else if (kind === 'limit') return undefined;
  }
  return total === undefined || !Number.isSafeInteger(total) ? undefined : bytes(total);
}
