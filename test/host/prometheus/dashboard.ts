/** The dashboard as Grafana reads it: its variables, and the queries of its panels with values in place of variables. */
import fs from 'node:fs';
import type { Prometheus, Series } from './server.ts';

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat?: string;
  readonly instant?: boolean;
}

interface Override {
  readonly matcher: { readonly options: string };
  readonly properties: readonly { readonly id: string; readonly value: unknown }[];
}

export interface Panel {
  readonly id: number;
  readonly type: 'row' | 'stat' | 'timeseries' | 'table';
  readonly title: string;
  readonly description?: string;
  readonly collapsed?: boolean;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly Target[];
  readonly panels?: readonly Panel[];
  readonly links?: readonly { readonly title: string; readonly url: string }[];
  readonly transformations?: readonly { readonly id: string; readonly options: object }[];
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly max?: number;
      readonly color?: { readonly fixedColor?: string };
      readonly thresholds?: {
        readonly steps: readonly { readonly color: string; readonly value: number | null }[];
      };
      readonly custom?: {
        readonly drawStyle?: string;
        readonly fillOpacity?: number;
        readonly stacking?: { readonly mode: string };
      };
    };
    readonly overrides: readonly Override[];
  };
}

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly label: string;
  readonly query: string | { readonly query: string };
  readonly allValue?: string;
  readonly regex?: string;
}

interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
}

export const dashboard = JSON.parse(
  fs.readFileSync(
    new URL('../../../charts/realmem/files/monitoring/dashboard.json', import.meta.url),
    'utf8',
  ),
) as Dashboard;

/** All panels with queries, also those of collapsed rows. */
export const panels: readonly Panel[] = dashboard.panels.flatMap((panel) =>
  panel.type === 'row' ? (panel.panels ?? []) : [panel],
);

/** The variables that ask Prometheus for their values. */
export const variables = dashboard.templating.list.filter(({ type }) => type === 'query');

/** Selected values by name of the variable. Absent: all. */
export type Selection = Readonly<Record<string, readonly string[]>>;

/**
 * Replaces variables as Grafana's data source for Prometheus does: several values become an alternation, and each is escaped for
 * a regular expression inside of a string.
 */
export function interpolated(expr: string, selection: Selection, rateInterval: string): string {
  return expr.replace(/\$(\w+)/g, (_, name: string) => {
    if (name === '__rate_interval') return rateInterval;
    const variable = variables.find((one) => one.name === name);
    if (variable === undefined) throw new Error(`the dashboard has no variable ${name}`);
    const chosen = selection[name];
    if (chosen === undefined) return variable.allValue ?? '';
    const escaped = chosen.map((value) => value.replace(/[\\^$*+?.()|[\]{}]/g, '\\\\$&'));
    return escaped.length === 1 ? (escaped[0] ?? '') : `(${escaped.join('|')})`;
  });
}

/** The values that Grafana offers for a variable. */
export async function valuesOf(
  variable: Variable,
  prometheus: Prometheus,
  selection: Selection,
  time: number,
): Promise<readonly string[]> {
  const given = typeof variable.query === 'string' ? variable.query : variable.query.query;
  const query = interpolated(given, selection, '1m');
  const [, match = '', label = ''] = /^label_values\((.*), *(\w+)\)$/.exec(query) ?? [];
  if (label !== '')
    return (await prometheus.get(`label/${label}/values`, { 'match[]': match })) as readonly string[];
  const [, inner = ''] = /^query_result\((.*)\)$/.exec(query) ?? [];
  if (inner === '') throw new Error(`variable ${variable.name}: unknown query ${query}`);
  const regex = new RegExp((variable.regex ?? '').replace(/^\/|\/$/g, ''));
  const found = await prometheus.instant(inner, time);
  return [...new Set(found.map((series) => regex.exec(asText(series))?.[1] ?? ''))].filter(
    (value) => value !== '',
  );
}

/** A result of query_result: `name{label="value"} value time`. */
function asText({ metric: { __name__ = '', ...labels }, values }: Series): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  const [time = 0, value = 0] = values[0] ?? [];
  return `${__name__}{${pairs.join(',')}} ${value} ${time * 1000}`;
}

export const legendOf = ({ legendFormat = '' }: Target, { metric }: Series): string =>
  legendFormat.replace(/\{\{(\w+)\}\}/g, (_, name: string) => metric[name] ?? '');
