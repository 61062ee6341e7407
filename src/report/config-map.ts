/** The node's report as a ConfigMap, for where the resource is not defined. */
import type { PublishedReport } from '../model/published.ts';
import { renderYaml } from './structured.ts';

/** No ConfigMap of the chart may begin like that: a node can have any name. */
export const configMapName = (node: string): string => `realmem-${node}`;

/** With the same report, but for its owner, which is the ConfigMap's. */
export function configMapOf(report: PublishedReport): unknown {
  const { name, ownerReferences } = report.metadata;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: configMapName(name),
      labels: { 'app.kubernetes.io/managed-by': 'realmem' },
      ...(ownerReferences !== undefined && { ownerReferences }),
    },
    data: { 'report.yaml': renderYaml({ ...report, metadata: { name } }) },
  };
}
