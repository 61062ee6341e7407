/** Metrics of the agent about itself. */
import type { DurationHistogram } from './histogram.ts';
import { first, type Group, group, type Metric, renamed, second } from './metric.ts';

export interface AgentMetrics {
  readonly version: string;
  readonly passes: number;
  readonly passDurations: Pick<DurationHistogram, 'points' | 'sum'>;
  readonly lastPassSeconds: number;
  readonly overruns: number;
  readonly readFaults: number;
  /** By name of the sink. */
  readonly sinkFailures: ReadonlyMap<string, number>;
  /** Number of closed connections by reason. */
  readonly closedConnections: ReadonlyMap<string, number>;
  /** Both labels have a fixed set of values. Absent without an API server. */
  readonly apiFailures?: readonly {
    readonly call: string;
    readonly reason: string;
    readonly count: number;
  }[];
  /** Number of this node's pods that the agent could not keep. Absent without an API server. */
  readonly podsNotKept?: number;
  readonly clockDoubts: number;
  readonly clockTrusted: boolean;
}

/** `node report` → `node_report`. */
const sinkLabel = (sink: string): string => sink.replaceAll(' ', '_');

const own: readonly Metric<AgentMetrics>[] = [
  {
    name: 'realmem_build_info',
    type: 'info',
    help: 'Version of the agent, as a label. The value is always 1.',
    since: first,
    labels: ['version'],
    read: ({ version }) => [{ labels: [version], value: 1 }],
  },
  {
    name: 'realmem_passes_total',
    type: 'counter',
    help: 'Completed passes over all cgroups.',
    since: first,
    read: ({ passes }) => passes,
  },
  {
    name: 'realmem_pass_duration_seconds',
    type: 'histogram',
    help: 'Time of a pass over all cgroups, in seconds.',
    since: second,
    labels: ['le'],
    read: ({ passDurations }) => passDurations.points,
  },
  {
    name: 'realmem_pass_seconds_total',
    type: 'counter',
    help: 'Total time of all passes, in seconds.',
    since: first,
    deprecated: renamed('realmem_pass_duration_seconds_sum'),
    read: ({ passDurations }) => passDurations.sum,
  },
  {
    name: 'realmem_last_pass_seconds',
    type: 'gauge',
    help: 'Time of the last pass, in seconds.',
    since: first,
    deprecated: renamed('realmem_pass_duration_seconds'),
    read: ({ lastPassSeconds }) => lastPassSeconds,
  },
  {
    name: 'realmem_pass_overruns_total',
    type: 'counter',
    help: 'Passes that the agent skipped because the previous one was still running.',
    since: first,
    read: ({ overruns }) => overruns,
  },
  {
    name: 'realmem_read_faults_total',
    type: 'counter',
    help: 'Files and directories that the agent could not read or parse.',
    since: first,
    read: ({ readFaults }) => readFaults,
  },
  {
    name: 'realmem_clock_trusted',
    type: 'gauge',
    help: 'Whether the agent trusts the clock of the machine (1) or not (0). See the condition ClockTrusted.',
    since: second,
    read: ({ clockTrusted }) => (clockTrusted ? 1 : 0),
  },
  {
    name: 'realmem_clock_doubts_total',
    type: 'counter',
    help: 'Number of times that the clock was set or differed from the API server.',
    since: second,
    read: ({ clockDoubts }) => clockDoubts,
  },
  {
    name: 'realmem_sink_failures_total',
    type: 'counter',
    help: 'Failed writes of reports, by sink.',
    since: first,
    labels: ['sink'],
    read: ({ sinkFailures }) =>
      [...sinkFailures].map(([sink, value]) => ({ labels: [sinkLabel(sink)], value })),
  },
  {
    name: 'realmem_http_connections_closed_total',
    type: 'counter',
    help: 'HTTP connections that the agent closed before it answered, by reason.',
    since: second,
    labels: ['reason'],
    read: ({ closedConnections }) =>
      [...closedConnections].map(([reason, value]) => ({ labels: [reason], value })),
  },
  {
    name: 'realmem_api_failures_total',
    type: 'counter',
    help: 'Failed calls of the Kubernetes API: no answer, refused, or an unusable answer.',
    since: second,
    labels: ['call', 'reason'],
    read: ({ apiFailures = [] }) =>
      apiFailures.map(({ call, reason, count }) => ({ labels: [call, reason], value: count })),
  },
  {
    name: 'realmem_pods_not_kept',
    type: 'gauge',
    help: 'Pods of this node that the agent cannot keep: too large, too many or invalid. The report names them.',
    since: second,
    read: ({ podsNotKept }) => podsNotKept,
  },
];

export const agentGroup: Group<AgentMetrics> = group([], (agent) => [[[], agent]], own);
