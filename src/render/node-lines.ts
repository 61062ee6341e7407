/** Texts on real memory that several screens share. */
import { formatBytes } from '../model/bytes.ts';
import type { NodeMemory } from '../model/report.ts';
import type { MemoryUsage } from '../model/usage.ts';

/** Real memory, with ≥ if it is a lower bound. */
export const realSize = ({ realBytes, clamped }: MemoryUsage): string | undefined =>
  realBytes === undefined ? undefined : `${clamped === true ? '≥' : ''}${formatBytes(realBytes)}`;

/** The ZFS cache and huge pages in a node's real memory: parts that few people expect there. */
export function heldLines(node: NodeMemory): readonly string[] {
  const { zfsCacheBytes: cache, zfsCacheDroppableBytes: droppable } = node;
  const { hugePagesBytes: pages, hugePagesUsedBytes: used } = node;
  return [
    ...(cache === undefined
      ? []
      : [
          `${formatBytes(cache)} ZFS cache${droppable === undefined ? '' : ` (${formatBytes(droppable)} can be dropped)`}`,
        ]),
    ...(pages === undefined
      ? []
      : [
          `${formatBytes(pages)} set aside for huge pages${used === undefined ? '' : `, ${formatBytes(used)} in use`}`,
        ]),
  ];
}
