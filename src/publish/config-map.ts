/** The node's report as a ConfigMap, for where the resource is not defined. */

import { renderYaml } from '../render/structured.ts';
import type { PublishedReport } from './published.ts';

/** No ConfigMap of the chart may begin like that: a node can have any name. */
export const configMapName = (node: string): string => `realmem-${node}`;

/** The longest name of an object that the API takes. */
const longestName = 253;

/** @throws for a node that has so long a name that no ConfigMap can be named after it */
export function checkName(name: string): string {
  if (name.length > longestName)
    throw new Error(
      `ConfigMap ${name}: the API takes names of up to ${longestName} characters, and this one has ${name.length}; ` +
        'give the node a shorter name, or set configMap=false and history=false',
    );
  return name;
}

/**
 * With the same report, but for its owner, which is the ConfigMap's.
 * @throws for a node with too long a name
 */
export function configMapOf(report: PublishedReport): unknown {
  const { name, ownerReferences } = report.metadata;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: checkName(configMapName(name)),
      labels: { 'app.kubernetes.io/managed-by': 'realmem' },
      ...(ownerReferences !== undefined && { ownerReferences }),
    },
    data: { 'report.yaml': renderYaml({ ...report, metadata: { name } }) },
  };
}
