/** A row of a table of memory: a container, a pod, a workload, a namespace or a node. */
import type { Bytes } from '../model/bytes.ts';
import type { Suggested, Verdict } from '../model/report.ts';
import type { MemoryUsage } from '../model/usage.ts';

export const groupings = ['container', 'pod', 'workload', 'namespace', 'node'] as const;
export type Grouping = (typeof groupings)[number];

export const pluralOf: Readonly<Record<Grouping, string>> = {
  container: 'containers',
  pod: 'pods',
  workload: 'workloads',
  namespace: 'namespaces',
  node: 'nodes',
};

export interface Row {
  /** Cells that name the row, by heading. */
  readonly labels: Readonly<Record<string, string | undefined>>;
  /** The TARGET argument of commands for this row. */
  readonly target: string;
  /** Absent if the row stands for several cgroups. */
  readonly cgroup?: string;
  readonly usage: MemoryUsage;
  /** Present if an agent observes the container continuously. */
  readonly verdict?: Verdict | undefined;
  /** What `kubectl top` shows. For a pod: the sum of its containers' working sets, without the sandbox and the pod's own cgroup. */
  readonly kubectlTop?: Bytes | undefined;
  readonly suggest?: Pick<Suggested, 'requestBytes' | 'limitBytes'> | undefined;
  /** The node, if the table has rows of several nodes. */
  readonly node?: string;
  /** Age of the figures in seconds, if they are stale. */
  readonly staleSeconds?: number | undefined;
  /** Seconds since the agent observed the node, for a node. */
  readonly seenSeconds?: number;
  /** Owner of the pod, for a pod and a container: `Deployment/cart`. */
  readonly workload?: string;
  /** Number of pods, for a group of pods. */
  readonly pods?: number;
  /** Memory for pods, for a node. */
  readonly allocatable?: Bytes;
  /** Real memory of all its pods, for a node. */
  readonly podsReal?: Bytes;
  /** The sum below a table. */
  readonly isTotal?: true;
}
