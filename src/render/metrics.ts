/** The Prometheus text format, of fixed families (the format's page: exposition formats, version 0.0.4). */
import type { ContainerReport, NodeReport } from '../model/report.ts';
import { printable } from '../model/text.ts';
import { epochSeconds } from '../model/time.ts';
import type { MemoryUsage } from '../model/usage.ts';

/** What the agent knows of itself. */
export interface AgentMetrics {
  readonly version: string;
  readonly passes: number;
  readonly passSeconds: number;
  readonly lastPassSeconds: number;
  readonly overruns: number;
  readonly readFaults: number;
  readonly sinkFailures: ReadonlyMap<string, number>;
  /** By reason. */
  readonly closedConnections: ReadonlyMap<string, number>;
  /** Each by labels of a fixed set. Absent: there is no API. */
  readonly apiFailures?: readonly {
    readonly call: string;
    readonly reason: string;
    readonly count: number;
  }[];
  /** Pods of this node that are not kept. Absent: there is no API. */
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
  ['real_bytes', 'gauge', 'realBytes', 'Memory less active and inactive page cache; tmpfs kept in.'],
  ['usage_bytes', 'gauge', 'usageBytes', 'All memory charged, page cache in it.'],
  [
    'working_set_bytes',
    'gauge',
    'workingSetBytes',
    'Memory less inactive page cache: what kubectl top shows.',
  ],
  ['shmem_bytes', 'gauge', 'shmemBytes', 'Shared memory and tmpfs.'],
  ['swap_bytes', 'gauge', 'swapBytes', 'Memory in swap.'],
  ['limit_bytes', 'gauge', 'limitBytes', 'The smallest limit of the cgroup and its ancestors.'],
  [
    'high_bytes',
    'gauge',
    'highBytes',
    'The smallest memory.high: above it the kernel throttles and reclaims.',
  ],
  ['high_events_total', 'counter', 'highEvents', 'How often usage was above memory.high.'],
  ['request_bytes', 'gauge', 'requestBytes', 'The memory request.'],
  ['peak_real_bytes', 'gauge', 'peakRealBytes', 'The largest real memory sampled.'],
  ['oom_kills_total', 'counter', 'oomKills', 'OOM kills, over restarts.'],
];

/** Labels of containers are exactly namespace, pod, container, node: what the API has not named is summed. */
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
    family('build_info', 'gauge', 'The version of the agent; always 1.', 1, { version: agent.version }),
    family('passes_total', 'counter', 'Passes over the cgroup tree.', agent.passes),
    family('pass_seconds_total', 'counter', 'Time spent in passes.', agent.passSeconds),
    family('last_pass_seconds', 'gauge', 'Time spent in the last pass.', agent.lastPassSeconds),
    family(
      'pass_overruns_total',
      'counter',
      'Passes left out because the one before had not ended.',
      agent.overruns,
    ),
    family(
      'read_faults_total',
      'counter',
      'Files and directories that could not be read or understood.',
      agent.readFaults,
    ),
    family(
      'clock_trusted',
      'gauge',
      'Whether the clock of the machine is believed (1) or not (0); see the condition ClockTrusted.',
      agent.clockTrusted ? 1 : 0,
    ),
    family(
      'clock_doubts_total',
      'counter',
      'How often the clock was set, or stood apart from the API server.',
      agent.clockDoubts,
    ),
    {
      name: 'realmem_sink_failures_total',
      type: 'counter',
      help: 'Reports that a destination did not take.',
      samples: [...agent.sinkFailures].map(([sink, failures]) => [{ sink }, failures]),
    },
    {
      name: 'realmem_http_connections_closed_total',
      type: 'counter',
      help: 'HTTP connections that the agent closed before the client had its answer.',
      samples: [...agent.closedConnections].map(([reason, closed]) => [{ reason }, closed]),
    },
    {
      name: 'realmem_api_failures_total',
      type: 'counter',
      help: 'Calls that the Kubernetes API did not answer, refused, or answered beyond use.',
      samples: (agent.apiFailures ?? []).map(({ call, reason, count }) => [{ call, reason }, count]),
    },
    {
      name: 'realmem_pods_not_kept',
      type: 'gauge',
      help: 'Pods of this node that are too large, too many or not understood: the report says which.',
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
  // The remains of a container's last life can stand beside the new one: a series has one value, that of the larger.
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
        help: `${help} By container of a pod.`,
        samples: named.map(([labels, usage]) => [labels, usage[field] as number | undefined]),
      }),
    ),
    ...ofUsage
      .filter(([, , field]) => field !== 'requestBytes')
      .map(
        ([name, type, field, help]): Family => ({
          name: `realmem_other_${name}`,
          type,
          help: `${help} By cgroup outside pods.`,
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
      help: 'What is to be said of a container in a word; always 1.',
      samples: named.map(([labels, { verdict }]) => [
        { ...labels, verdict: verdict ?? '' },
        verdict === undefined ? undefined : 1,
      ]),
    },
    gauge(
      'unidentified_bytes',
      'Real memory of containers whose names are not known.',
      unnamed.reduce((sum, { realBytes }) => sum + (realBytes ?? 0), 0),
    ),
    gauge(
      'node_real_used_bytes',
      'used − buffers − (cached − shmem): tmpfs and slab kept in.',
      node?.realUsedBytes,
    ),
    gauge('node_used_bytes', 'total − free, page cache in it.', node?.usedBytes),
    gauge('node_total_bytes', 'MemTotal.', node?.totalBytes),
    gauge('node_available_bytes', "MemAvailable, the kernel's estimate.", node?.availableBytes),
    gauge(
      'skipped_cgroups',
      'Cgroups left out or in part unread; the report says why.',
      new Set(skipped.map(({ cgroup }) => cgroup)).size,
    ),
    gauge('omitted_cgroups', 'Cgroups left out because there are too many: the smallest.', omitted?.count),
    gauge('omitted_usage_bytes', 'Memory charged to the cgroups left out.', omitted?.usageBytes),
    gauge(
      'observed_timestamp_seconds',
      'When the figures were read.',
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
  help: `The memory ${what} to set, by what this node remembers.`,
  samples: named.map(([labels, container]) => [labels, of(container)]),
});

/** A family without a value is left out whole: absent is not zero. */
function renderFamily({ name, type, help, samples }: Family): string {
  // Two names can look the same once they are safe to show: a series that came twice would cost the whole scrape.
  const series = new Map<string, number>();
  for (const [labels, value] of samples) if (value !== undefined) series.set(renderLabels(labels), value);
  const lines = [...series].map(([labels, value]) => `${name}${labels} ${value}\n`);
  if (lines.length === 0) return '';
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function renderLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${quoted(printable(value))}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const quoted = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
