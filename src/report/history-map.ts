/** What a node remembers as a ConfigMap: packed, since it is for programs. */
import { domain } from '../model/domain.ts';
import { rfc3339 } from '../model/time.ts';

/** A node can have any name: the report's ConfigMap begins otherwise. */
export const historyMapName = (node: string): string => `history-${node}`;

/** By these all of them are found. */
export const historyLabels = {
  'app.kubernetes.io/managed-by': 'realmem',
  [`${domain}/part`]: 'history',
} as const;

export const historySelector = Object.entries(historyLabels)
  .map(([key, value]) => `${key}=${value}`)
  .join(',');

/** When it was written: without it nobody could tell which node is gone. */
export const historyWrittenKey = `${domain}/written`;

export const historyKey = 'history.json.gz';

/**
 * It outlives its node: the workloads go on elsewhere.
 * @param packed gzip, in base64
 * @param at milliseconds since 1970
 */
export const historyMapOf = (node: string, packed: string, at: number): unknown => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: historyMapName(node),
    labels: historyLabels,
    annotations: { [historyWrittenKey]: rfc3339(at) },
  },
  binaryData: { [historyKey]: packed },
});
