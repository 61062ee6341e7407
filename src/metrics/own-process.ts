/** The metrics `process_*` of the agent's own process. Every client library of Prometheus has them under these names. */
import type { OwnProcess } from '../edges/machine.ts';
import { type Group, group, type Metric, second } from './metric.ts';

/** USER_HZ: the unit of times in /proc is the same on every architecture that Node runs on. */
const ticksPerSecond = 100;

/** Numbers of fields as proc(5) counts them. The name in field 2 may hold spaces and parentheses. */
function field({ stat }: OwnProcess, number: number): number | undefined {
  if (stat === undefined) return undefined;
  const value = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[number - 3]);
  return Number.isFinite(value) ? value : undefined;
}

const times = (value: number | undefined, factor: number): number | undefined =>
  value === undefined ? undefined : value * factor;

const matched = (text: string | undefined, pattern: RegExp): number | undefined => {
  const digits = pattern.exec(text ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
};

function cpuSeconds(own: OwnProcess): number | undefined {
  const [user, system] = [field(own, 14), field(own, 15)];
  return user === undefined || system === undefined ? undefined : (user + system) / ticksPerSecond;
}

function startedAt(own: OwnProcess): number | undefined {
  const [boot, start] = [matched(own.systemStat, /^btime (\d+)$/m), field(own, 22)];
  return boot === undefined || start === undefined ? undefined : boot + start / ticksPerSecond;
}

const gauge = (name: string, help: string, read: Metric<OwnProcess>['read']): Metric<OwnProcess> => ({
  ...{ name: `process_${name}`, type: 'gauge', since: second },
  ...{ help, read },
});

export const processGroup: Group<OwnProcess> = group([], (own) => [[[], own]], [
  {
    ...gauge('cpu_seconds_total', 'CPU time of the agent, user and system, in seconds.', cpuSeconds),
    type: 'counter',
  },
  gauge('resident_memory_bytes', 'Resident memory of the agent (RSS).', (own) =>
    times(field(own, 24), own.pageBytes),
  ),
  gauge('virtual_memory_bytes', 'Virtual memory of the agent.', (own) => field(own, 23)),
  gauge('start_time_seconds', 'When the agent started, as a Unix time.', startedAt),
  gauge('open_fds', 'Open file descriptors of the agent.', ({ openDescriptors }) => openDescriptors),
  gauge('max_fds', 'The most file descriptors that the agent may open.', ({ limits }) =>
    matched(limits, /^Max open files\s+(\d+)/m),
  ),
]);
