/** The waiting time of pods for their first annotation. */
import type { SimulatedCluster } from './simulation/cluster.ts';

export interface Waits {
  readonly pods: number;
  /** Seconds. */
  readonly median: number;
  readonly p99: number;
  readonly longest: number;
  /** Pods without an annotation, and their longest waiting time. */
  readonly bare: number;
  readonly bareLongest: number;
}

export function waitsIn({ nodes, at }: SimulatedCluster): Waits {
  const waits = nodes.flatMap(({ waitedMs }) => waitedMs).sort((a, b) => a - b);
  const seconds = (share: number): number =>
    (waits[Math.min(waits.length - 1, Math.floor(share * waits.length))] ?? 0) / 1000;
  const bare = nodes.flatMap((node) =>
    node.pods.flatMap((pod) => (pod.annotatedAt === undefined ? [at - node.cameAt(pod)] : [])),
  );
  return {
    pods: waits.length,
    median: seconds(0.5),
    p99: seconds(0.99),
    longest: seconds(1),
    bare: bare.length,
    bareLongest: bare.reduce((a, b) => Math.max(a, b), 0) / 1000,
  };
}
