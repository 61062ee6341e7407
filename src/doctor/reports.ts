/** Checks the reports of all nodes: missing, stale, from the future, of several versions. */

import type { ClusterView, NodeView } from '../cluster/view.ts';
import { compareText } from '../model/text.ts';
import { countedText } from '../report/conditions.ts';
import { type Check, logsOn, named, ok, warn } from './check.ts';

/** Clocks may differ by this. */
const apartMs = 5 * 60_000;

/**
 * @param namespace of the agents
 * @param at milliseconds since 1970 by the API server's clock
 */
export function checkReports(
  namespace: string,
  { nodes, missing, notes }: ClusterView,
  at: number,
): readonly Check[] {
  const stale = nodes.filter(({ isStale }) => isStale);
  const early = nodes.filter(({ observedAt }) => observedAt !== undefined && observedAt > at + apartMs);
  const checks = [
    ...(missing.length === 0
      ? []
      : [
          warn(
            'reports',
            `none from ${countedText(missing.length, 'node')}: ${named(missing)}`,
            logsOn(namespace, missing[0]),
          ),
        ]),
    ...(stale.length === 0
      ? []
      : [
          warn(
            'reports',
            `stale on ${countedText(stale.length, 'node')}: ${named(namesOf(stale))}. Their agents ended, or may not write.`,
            `${logsOn(namespace, stale[0]?.name)}. 403: install the policies. 404: install the CRD.`,
          ),
        ]),
    ...(early.length === 0
      ? []
      : [
          warn(
            'node clocks',
            `ahead of the API server on ${countedText(early.length, 'node')}: ${named(namesOf(early))}`,
            'set the clock of the node: timedatectl',
          ),
        ]),
    ...notes.map((note) => warn('reports', note)),
    ...checkVersions(namespace, nodes),
  ];
  return checks.some(({ name }) => name === 'reports')
    ? checks
    : [ok('reports', `fresh on ${countedText(nodes.length, 'node')}${namesIn(nodes)}`), ...checks];
}

function checkVersions(namespace: string, nodes: readonly NodeView[]): readonly Check[] {
  const versions = Map.groupBy(
    nodes.filter(({ agent }) => agent !== undefined),
    ({ agent }) => agent ?? '',
  );
  if (versions.size < 2) return [];
  const each = [...versions].map(([agent, those]) => `${agent} on ${countedText(those.length, 'node')}`);
  return [
    warn(
      'agent versions',
      `they differ: ${named(each.toSorted(compareText))}`,
      `wait for the roll-out: kubectl -n ${namespace} get daemonsets`,
    ),
  ];
}

const namesIn = (nodes: readonly NodeView[]): string =>
  nodes.length === 0 ? '' : `: ${named(namesOf(nodes))}`;

const namesOf = (nodes: readonly NodeView[]): readonly string[] => nodes.map(({ name }) => name);
