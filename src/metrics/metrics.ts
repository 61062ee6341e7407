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

/** The report's part, which is the same until the next report. Empty without a report. */
export const renderReport = (report: NodeReport | undefined, format: MetricFormat): string =>
  report === undefined
    ? ''
    : rendered(
        reportGroups.flatMap((group) => group.families(report)),
        format,
      );

/** The agent's own part. It follows that of the report. */
export function renderOwn({ agent, process }: Omit<Measured, 'report'>, format: MetricFormat): string {
  const families = [
    ...agentGroup.families(agent),
    ...(process === undefined ? [] : processGroup.families(process)),
  ];
  const text = rendered(families, format);
  return format === 'text' ? text : `${text}# EOF\n`;
}

export const renderMetrics = ({ report, ...own }: Measured, format: MetricFormat = 'text'): string =>
  renderReport(report, format) + renderOwn(own, format);

/** Omits a family without samples, because absent is not zero. */
function rendered(families: readonly Family[], format: MetricFormat): string {
  const head = format === 'text' ? headOfText : headOfOpenMetrics;
  return families.map(({ metric, lines }) => (lines === '' ? '' : head(metric) + lines)).join('');
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
