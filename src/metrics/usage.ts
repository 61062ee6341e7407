/** Metrics of a container or another cgroup: its memory and its limits. */
import type { MemoryUsage } from '../model/usage.ts';
import type { Metric, MetricType } from './metric.ts';
import { first, renamed, second } from './metric.ts';

interface UsageMetric {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly since: string;
  readonly read: (usage: MemoryUsage) => number | undefined;
}

const gauge = (
  name: string,
  help: string,
  read: UsageMetric['read'],
  since: string = first,
): UsageMetric => ({ name, type: 'gauge', help, since, read });

const all: readonly UsageMetric[] = [
  gauge(
    'real_bytes',
    'Real memory: usage without active and inactive page cache, with tmpfs.',
    ({ realBytes }) => realBytes,
  ),
  gauge(
    'usage_bytes',
    'All memory that the kernel charges, page cache included.',
    ({ usageBytes }) => usageBytes,
  ),
  gauge(
    'working_set_bytes',
    'Usage without inactive page cache, as kubectl top shows it.',
    ({ workingSetBytes }) => workingSetBytes,
  ),
  gauge('shmem_bytes', 'Shared memory and tmpfs.', ({ shmemBytes }) => shmemBytes),
  gauge('swap_bytes', 'Memory in swap.', ({ swapBytes }) => swapBytes),
  gauge(
    'limit_bytes',
    'The smallest memory limit of the cgroup and its ancestors.',
    ({ limitBytes }) => limitBytes,
  ),
  gauge(
    'high_bytes',
    'The smallest memory.high of the cgroup and its ancestors. Above it the kernel throttles and reclaims.',
    ({ highBytes }) => highBytes,
    second,
  ),
  {
    name: 'high_events_total',
    type: 'counter',
    help: 'Number of times that usage exceeded memory.high.',
    since: second,
    read: ({ highEvents }) => highEvents,
  },
  gauge(
    'peak_real_bytes',
    'The largest real memory that the agent sampled.',
    ({ peakRealBytes }) => peakRealBytes,
  ),
  {
    name: 'oom_kills_total',
    type: 'counter',
    help: 'OOM kills, summed over restarts.',
    since: first,
    read: ({ oomKills }) => oomKills,
  },
];

const request = gauge('request_bytes', 'The memory request.', ({ requestBytes }) => requestBytes);

export const containerUsage: readonly Metric<MemoryUsage>[] = [...all, request].map(
  ({ name, help, ...rest }) => ({
    name: `realmem_container_${name}`,
    help: `${help} Per container.`,
    ...rest,
  }),
);

/** Each metric under its name, and under the name that 0.1.0 gave it. */
export const cgroupUsage: readonly Metric<MemoryUsage>[] = ['cgroup', 'other'].flatMap((prefix) =>
  all.map(({ name, help, ...rest }) => ({
    ...rest,
    name: `realmem_${prefix}_${name}`,
    help: `${help} Per cgroup outside pods.`,
    ...(prefix === 'cgroup' ? { since: second } : { deprecated: renamed(`realmem_cgroup_${name}`) }),
  })),
);
