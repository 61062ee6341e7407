/** All metrics of the agent, in the text format of Prometheus (0.0.4) and in OpenMetrics (1.0.0). */
import type { OwnProcess } from '../edges/machine.ts';
import type { NodeReport } from '../model/report.ts';
import { type AgentMetrics, agentGroup } from './agent.ts';
import type { Family, Group, MetricInfo } from './metric.ts';
import { reportGroups } from './node.ts';
import { processGroup } from './own-process.ts';

export const metricFormats = {
  text: { type: 'text/plain', version: '0.0.4' },
  openMetrics: { type: 'application/openmetrics-text', version: '1.0.0' },
} as const;
export type MetricFormat = keyof typeof metricFormats;

export interface Measured {
  /** Absent before the first report. */
  readonly report?: NodeReport | undefined;
  readonly agent: AgentMetrics;
  /** Absent in a test that does not look at the process. */
  readonly process?: OwnProcess;
}

/** What docs/reference/metrics.md lists: groups of metrics with the labels that they share. */
export const groups: readonly Pick<Group<unknown>, 'labels' | 'metrics'>[] = [
  ...reportGroups,
  agentGroup,
  processGroup,
];

/** The unit is the last word of the name, before `_total`. */
export const unitOf = ({ name }: MetricInfo): string | undefined =>
  /_(bytes|seconds)(?:_total)?$/.exec(name)?.[1];

export function renderMetrics({ report, agent, process }: Measured, format: MetricFormat = 'text'): string {
  const families = [
    ...agentGroup.families(agent),
    ...(process === undefined ? [] : processGroup.families(process)),
    ...(report === undefined ? [] : reportGroups.flatMap((group) => group.families(report))),
  ];
  const write = format === 'text' ? headOfText : headOfOpenMetrics;
  const text = families.map((family) => renderFamily(family, write)).join('');
  return format === 'text' ? text : `${text}# EOF\n`;
}

/** Omits a family without samples, because absent is not zero. */
function renderFamily({ metric, samples }: Family, head: (metric: MetricInfo) => string): string {
  if (samples.size === 0) return '';
  const lines = [head(metric)];
  for (const [labels, value] of samples) lines.push(`${metric.name}${labels} ${value}\n`);
  return lines.join('');
}

const helpOf = ({ help, deprecated }: MetricInfo): string =>
  deprecated === undefined ? help : `(Deprecated since ${deprecated.since}: use ${deprecated.use}.) ${help}`;

function headOfText(metric: MetricInfo): string {
  const type = metric.type === 'info' ? 'gauge' : metric.type;
  return `# HELP ${metric.name} ${helpOf(metric)}\n# TYPE ${metric.name} ${type}\n`;
}

/** OpenMetrics names a family without the suffix of its samples. */
function headOfOpenMetrics(metric: MetricInfo): string {
  const { type } = metric;
  const suffix = type === 'counter' ? /_total$/ : type === 'info' ? /_info$/ : /$/;
  const family = metric.name.replace(suffix, '');
  const unit = unitOf(metric);
  const unitLine = unit === undefined ? '' : `# UNIT ${family} ${unit}\n`;
  return `# TYPE ${family} ${type}\n${unitLine}# HELP ${family} ${helpOf(metric)}\n`;
}
