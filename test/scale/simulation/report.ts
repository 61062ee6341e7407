/** The agent's report of a simulated node. */
import type { Bytes } from '../../../src/model/bytes.ts';
import { apiVersion } from '../../../src/model/product.ts';
import type { Condition, NodeMemory, NodeReport } from '../../../src/model/report.ts';
import { rfc3339 } from '../../../src/model/time.ts';
import type { SimulatedPod } from './pods.ts';

/** Computed only when something reads it: nothing reads most reports. */
export function reportOf(name: string, at: number, pods: () => readonly SimulatedPod[]): NodeReport {
  let made: Measured | undefined;
  const measured = (): Measured => {
    made ??= measure(pods(), at);
    return made;
  };
  return {
    apiVersion,
    kind: 'NodeMemoryReport',
    metadata: { name },
    observed: {
      at: rfc3339(at),
      cgroupVersion: 2,
      kernel: '6.8.0-1021-azure',
      agent: '0.1.0',
      periodSeconds: 5,
    },
    get node() {
      return measured().node;
    },
    get pods() {
      return measured().pods;
    },
    get containers() {
      return measured().containers;
    },
    others: [],
    skipped: [],
    conditions,
  };
}

type Measured = Pick<NodeReport, 'pods' | 'containers'> & { readonly node: NodeMemory };

const gibibyte = 1024 ** 3;
const total = 256 * gibibyte;

function measure(pods: readonly SimulatedPod[], at: number): Measured {
  const reports = pods.map((pod) => pod.report(at));
  const real = reports.reduce((sum, { pod }) => sum + (pod.realBytes ?? 0), 2 * gibibyte);
  const node = {
    totalBytes: total as Bytes,
    usedBytes: Math.round(real * 1.4) as Bytes,
    realUsedBytes: real as Bytes,
    availableBytes: (total - real) as Bytes,
    workingSetBytes: Math.round(real * 1.2) as Bytes,
  };
  return {
    // The published report needs only these.
    node: node as NodeMemory,
    pods: reports.map(({ pod }) => pod),
    containers: reports.flatMap(({ containers }) => containers),
  };
}

const lastTransitionTime = '2026-01-01T00:00:00Z';
const conditions: readonly Condition[] = [
  {
    type: 'Complete',
    status: 'True',
    reason: 'AllRead',
    message: 'Every cgroup was read.',
    lastTransitionTime,
  },
  {
    type: 'NamesFresh',
    status: 'True',
    reason: 'Named',
    message: 'Names come from the API server.',
    lastTransitionTime,
  },
  {
    type: 'PolicyEnforced',
    status: 'True',
    reason: 'Enforced',
    message: 'A policy holds this agent to its own node.',
    lastTransitionTime,
  },
];
