/** What a node remembers as a ConfigMap: packed, since it is for programs. */
import { domain } from '../model/product.ts';
import { rfc3339 } from '../model/time.ts';
import { checkName } from './config-map.ts';

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

/** Characters of base64: a ConfigMap holds 1 MiB of what they stand for, and the admission policy takes no more. */
const longestPacked = 4 * Math.ceil(1024 ** 2 / 3);

/**
 * It outlives its node: the workloads go on elsewhere.
 * @param packed gzip, in base64
 * @param at milliseconds since 1970
 * @throws for what no ConfigMap takes: too long a name of the node, or too large a history
 */
export function historyMapOf(node: string, packed: string, at: number): unknown {
  if (packed.length > longestPacked)
    throw new Error(
      `the history has ${packed.length} characters in base64, and a ConfigMap takes ${longestPacked}: it is kept on the node alone`,
    );
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: checkName(historyMapName(node)),
      labels: historyLabels,
      annotations: { [historyWrittenKey]: rfc3339(at) },
    },
    binaryData: { [historyKey]: packed },
  };
}
