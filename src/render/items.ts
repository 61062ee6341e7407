/** Rows as plain objects with sizes in bytes: for JSON, YAML, CSV, JSONPath and custom columns. */
import type { Bytes } from '../model/bytes.ts';
import { defined } from '../model/json.ts';
import type { Verdict } from '../model/report.ts';
import { limitInForce } from '../model/usage.ts';
import type { Row } from './row.ts';

export interface Item {
  readonly node?: string;
  readonly namespace?: string;
  readonly pod?: string;
  readonly container?: string;
  readonly workload?: string;
  /** The TARGET argument of commands. */
  readonly target: string;
  readonly realBytes?: Bytes;
  readonly limitBytes?: Bytes;
  /** Real in per cent of the limit, of the capacity for a node. */
  readonly realPercent?: number;
  readonly requestBytes?: Bytes;
  readonly peakRealBytes?: Bytes;
  readonly kubectlTopBytes?: Bytes;
  readonly usageBytes?: Bytes;
  readonly oomKills?: number;
  readonly verdict?: Verdict;
  readonly suggestRequestBytes?: Bytes;
  readonly suggestLimitBytes?: Bytes;
  readonly pods?: number;
  readonly allocatableBytes?: Bytes;
  readonly podsRealBytes?: Bytes;
  readonly staleSeconds?: number;
}

/** All fields, in the order of columns. */
export const itemFields = [
  'node',
  'namespace',
  'workload',
  'pod',
  'container',
  'target',
  'realBytes',
  'limitBytes',
  'realPercent',
  'requestBytes',
  'peakRealBytes',
  'kubectlTopBytes',
  'usageBytes',
  'oomKills',
  'verdict',
  'suggestRequestBytes',
  'suggestLimitBytes',
  'pods',
  'allocatableBytes',
  'podsRealBytes',
  'staleSeconds',
] as const satisfies readonly (keyof Item)[];

export function itemOf(row: Row): Item {
  const { labels, usage, target } = row;
  const limit = limitInForce(usage)?.bytes;
  const { realBytes } = usage;
  return defined<Item>({
    node: row.node ?? labels['NODE'],
    namespace: labels['NAMESPACE'],
    workload: labels['WORKLOAD'],
    pod: labels['POD'],
    container: labels['CONTAINER'],
    target,
    realBytes,
    limitBytes: limit,
    realPercent:
      realBytes === undefined || limit === undefined || limit <= 0
        ? undefined
        : Math.round((1000 * realBytes) / limit) / 10,
    requestBytes: usage.requestBytes,
    peakRealBytes: usage.peakRealBytes,
    kubectlTopBytes: row.kubectlTop,
    usageBytes: usage.usageBytes,
    oomKills: usage.oomKills,
    verdict: row.verdict,
    suggestRequestBytes: row.suggest?.requestBytes,
    suggestLimitBytes: row.suggest?.limitBytes,
    pods: row.pods,
    allocatableBytes: row.allocatable,
    podsRealBytes: row.podsReal,
    staleSeconds: row.staleSeconds,
  });
}
