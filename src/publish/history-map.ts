/** The history of a node as a ConfigMap, compressed, because only programs read it. */
import { domain } from '../model/product.ts';
import { rfc3339 } from '../model/time.ts';
import { checkName } from './config-map.ts';

/** A node can have any name, so the ConfigMap of the report has another prefix. */
export const historyMapName = (node: string): string => `history-${node}`;

/** Labels that select the histories of all nodes. */
export const historyLabels = {
  'app.kubernetes.io/managed-by': 'realmem',
  [`${domain}/part`]: 'history',
} as const;

export const historySelector = Object.entries(historyLabels)
  .map(([key, value]) => `${key}=${value}`)
  .join(',');

/** Annotation with the time of the write. It shows which nodes are gone. */
export const historyWrittenKey = `${domain}/written`;

export const historyKey = 'history.json.gz';

/** Maximum length in base64: a ConfigMap holds 1 MiB of decoded data, and the admission policy accepts no more. */
const longestPacked = 4 * Math.ceil(1024 ** 2 / 3);

/**
 * The ConfigMap has no owner, so it outlives its node: the workloads continue elsewhere.
 * @param packed gzip, in base64
 * @param at milliseconds since 1970
 * @throws if the node's name is too long, or the history too large for a ConfigMap
 */
export function historyMapOf(node: string, packed: string, at: number): unknown {
  if (packed.length > longestPacked)
    throw new Error(
      `ConfigMap ${historyMapName(node)}: expected at most ${longestPacked} characters in base64, got ${packed.length}; the history stays on the node only`,
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
