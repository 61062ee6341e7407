/** Metrics in the Prometheus text format (exposition format 0.0.4), with a fixed set of families. */
import type { ContainerReport, NodeReport } from '../model/report.ts';
import { printable } from '../model/text.ts';
import { epochSeconds } from '../model/time.ts';
import type { MemoryUsage } from '../model/usage.ts';

/** The agent's metrics about itself. */
export interface AgentMetrics {
  readonly version: string;
  readonly passes: number;
  readonly passSeconds: number;
  readonly lastPassSeconds: number;
  readonly overruns: number;
  readonly readFaults: number;
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

type Labels = Readonly<Record<string, string>>;

interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly samples: readonly (readonly [Labels, number | undefined])[];
}

const ofUsage: readonly (readonly [string, 'gauge' | 'counter', keyof MemoryUsage, string])[] = [
  [
    'real_bytes',
    'gauge',
    'realBytes',
    'Real memory: usage without active and inactive page cache, with tmpfs.',
  ],
  ['usage_bytes', 'gauge', 'usageBytes', 'All memory that the kernel charges, page cache included.'],
  [
    'working_set_bytes',
    'gauge',
    'workingSetBytes',
    'Usage without inactive page cache, as kubectl top shows it.',
  ],
  ['shmem_bytes', 'gauge', 'shmemBytes', 'Shared memory and tmpfs.'],
  ['swap_bytes', 'gauge', 'swapBytes', 'Memory in swap.'],
  ['limit_bytes', 'gauge', 'limitBytes', 'The smallest memory limit of the cgroup and its ancestors.'],
  [
    'high_bytes',
    'gauge',
    'highBytes',
    'The smallest memory.high of the cgroup and its ancestors. Above it the kernel throttles and reclaims.',
  ],
  ['high_events_total', 'counter', 'highEvents', 'Number of times that usage exceeded memory.high.'],
  ['request_bytes', 'gauge', 'requestBytes', 'The memory request.'],
  ['peak_real_bytes', 'gauge', 'peakRealBytes', 'The largest real memory that the agent sampled.'],
  ['oom_kills_total', 'counter', 'oomKills', 'OOM kills, summed over restarts.'],
];

/** Series of containers have exactly the labels namespace, pod, container and node. Unnamed containers are summed up in one series. */
export function renderMetrics(report: NodeReport | undefined, agent: AgentMetrics): string {
  const families = [...agentFamilies(agent), ...(report === undefined ? [] : reportFamilies(report))];
  return families.map(renderFamily).join('');
}

function agentFamilies(agent: AgentMetrics): readonly Family[] {
  const family = (
    name: string,
    type: Family['type'],
    help: string,
    value: number,
    labels: Labels = {},
  ): Family => ({
    name: `realmem_${name}`,
    type,
    help,
    samples: [[labels, value]],
  });
  return [
    family('build_info', 'gauge', 'Version of the agent, as a label. The value is always 1.', 1, {
      version: agent.version,
    }),
    family('passes_total', 'counter', 'Completed passes over all cgroups.', agent.passes),
    family('pass_seconds_total', 'counter', 'Total time of all passes, in seconds.', agent.passSeconds),
    family('last_pass_seconds', 'gauge', 'Time of the last pass, in seconds.', agent.lastPassSeconds),
    family(
      'pass_overruns_total',
      'counter',
      'Passes that the agent skipped because the previous one was still running.',
      agent.overruns,
    ),
    family(
      'read_faults_total',
      'counter',
      'Files and directories that the agent could not read or parse.',
      agent.readFaults,
    ),
    family(
      'clock_trusted',
      'gauge',
      'Whether the agent trusts the clock of the machine (1) or not (0). See the condition ClockTrusted.',
      agent.clockTrusted ? 1 : 0,
    ),
    family(
      'clock_doubts_total',
      'counter',
      'Number of times that the clock was set or differed from the API server.',
      agent.clockDoubts,
    ),
    {
      name: 'realmem_sink_failures_total',
      type: 'counter',
      help: 'Failed writes of reports, by sink.',
      samples: [...agent.sinkFailures].map(([sink, failures]) => [{ sink }, failures]),
    },
    {
      name: 'realmem_http_connections_closed_total',
      type: 'counter',
      help: 'HTTP connections that the agent closed before it answered, by reason.',
      samples: [...agent.closedConnections].map(([reason, closed]) => [{ reason }, closed]),
    },
    {
      name: 'realmem_api_failures_total',
      type: 'counter',
      help: 'Failed calls of the Kubernetes API: no answer, refused, or an unusable answer.',
      samples: (agent.apiFailures ?? []).map(({ call, reason, count }) => [{ call, reason }, count]),
    },
    {
      name: 'realmem_pods_not_kept',
      type: 'gauge',
      help: 'Pods of this node that the agent cannot keep: too large, too many or invalid. The report names them.',
      samples: [[{}, agent.podsNotKept]],
    },
  ];
}

function reportFamilies({
  metadata,
  node,
  observed,
  containers,
  others,
  skipped,
  omitted,
}: NodeReport): readonly Family[] {
  const onNode = { node: metadata.name };
  // After a restart a container can have its old and its new cgroup. A series has one value: that of the cgroup with more usage.
  const series = new Map<string, readonly [Labels, ContainerReport]>();
  for (const container of containers) {
    const { namespace, pod, name } = container;
    if (namespace === undefined || pod === undefined || name === undefined) continue;
    const key = `${namespace}/${pod}/${name}`;
    if ((series.get(key)?.[1].usageBytes ?? -1) > (container.usageBytes ?? 0)) continue;
    series.set(key, [{ namespace, pod, container: name, ...onNode }, container]);
  }
  const named = [...series.values()];
  const unnamed = containers.filter(({ name, type }) => name === undefined && type !== 'sandbox');
  const gauge = (name: string, help: string, value: number | undefined): Family => ({
    name: `realmem_${name}`,
    type: 'gauge',
    help,
    samples: [[onNode, value]],
  });
  return [
    ...ofUsage.map(
      ([name, type, field, help]): Family => ({
        name: `realmem_container_${name}`,
        type,
        help: `${help} Per container.`,
        samples: named.map(([labels, usage]) => [labels, usage[field] as number | undefined]),
      }),
    ),
    ...ofUsage
      .filter(([, , field]) => field !== 'requestBytes')
      .map(
        ([name, type, field, help]): Family => ({
          name: `realmem_other_${name}`,
          type,
          help: `${help} Per cgroup outside pods.`,
          samples: others.map((other) => [
            { cgroup: other.cgroup, type: other.type, ...onNode },
            other[field] as number | undefined,
          ]),
        }),
      ),
    suggestedFamily('request', named, ({ suggest }) => suggest?.requestBytes),
    suggestedFamily('limit', named, ({ suggest }) => suggest?.limitBytes),
    {
      name: 'realmem_container_verdict',
      type: 'gauge',
      help: 'Verdict on a container, as a label. The value is always 1.',
      samples: named.map(([labels, { verdict }]) => [
        { ...labels, verdict: verdict ?? '' },
        verdict === undefined ? undefined : 1,
      ]),
    },
    gauge(
      'unidentified_bytes',
      'Real memory of containers whose names the agent does not know.',
      unnamed.reduce((sum, { realBytes }) => sum + (realBytes ?? 0), 0),
    ),
    gauge(
      'node_real_used_bytes',
      'Real memory of the node: used − buffers − (cached − shmem). It includes tmpfs and slab.',
      node?.realUsedBytes,
    ),
    gauge(
      'node_used_bytes',
      'Memory that is not free: total − free. It includes page cache.',
      node?.usedBytes,
    ),
    gauge('node_total_bytes', 'Total memory of the node (MemTotal).', node?.totalBytes),
    gauge(
      'node_available_bytes',
      "The kernel's estimate of the memory that new programs can get without swapping (MemAvailable).",
      node?.availableBytes,
    ),
    gauge(
      'skipped_cgroups',
      'Cgroups that the agent skipped or read only in part. The report says why.',
      new Set(skipped.map(({ cgroup }) => cgroup)).size,
    ),
    gauge('omitted_cgroups', 'The smallest cgroups, omitted because there are too many.', omitted?.count),
    gauge('omitted_usage_bytes', 'Usage of the omitted cgroups.', omitted?.usageBytes),
    gauge(
      'observed_timestamp_seconds',
      'When the agent read the figures, as a Unix time.',
      observed.at === undefined ? undefined : epochSeconds(observed.at),
    ),
  ];
}

const suggestedFamily = (
  what: 'request' | 'limit',
  named: readonly (readonly [Labels, ContainerReport])[],
  of: (container: ContainerReport) => number | undefined,
): Family => ({
  name: `realmem_container_suggested_${what}_bytes`,
  type: 'gauge',
  help: `Suggested memory ${what}, from the history of this node.`,
  samples: named.map(([labels, container]) => [labels, of(container)]),
});

/** Omits a family without samples, because absent is not zero. */
function renderFamily({ name, type, help, samples }: Family): string {
  // Two names can become equal when `printable` escapes them. Prometheus rejects a scrape that has a series twice.
  const series = new Map<string, number>();
  for (const [labels, value] of samples) if (value !== undefined) series.set(renderLabels(labels), value);
  const lines = [...series].map(([labels, value]) => `${name}${labels} ${value}\n`);
  if (lines.length === 0) return '';
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function renderLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapedLabel(printable(value))}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const escapedLabel = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
