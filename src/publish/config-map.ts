/** The node's report as a ConfigMap, for clusters without the CRD. */

import { renderYaml } from '../layout/structured.ts';
import type { PublishedReport } from './published.ts';

/** A node can have any name, so no ConfigMap of the chart may begin like this. */
export const configMapName = (node: string): string => `realmem-${node}`;

/** Maximum length of an object's name in the API. */
const longestName = 253;

/** @throws if the node's name is too long for the name of a ConfigMap */
export function checkName(name: string): string {
  if (name.length > longestName)
    throw new Error(
      `ConfigMap ${name}: expected a name of at most ${longestName} characters, got ${name.length}; ` +
        'give the node a shorter name, or set configMap=false and history=false',
    );
  return name;
}

/**
 * A ConfigMap with the report as YAML. The owner moves from the report to the ConfigMap.
 * @throws if the node's name is too long
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
