/** Cuts a pod's figures to size: realmem's annotations may have 16 KiB, and all annotations of an object 256 KiB. */

import { annotationKeys, ownAnnotations } from '../model/pod.ts';
import { encodedLength } from '../model/text.ts';
import { renderAnnotations } from './annotations.ts';
import type { ContainerFigures, PodFigures } from './pod-figures.ts';

/** Limit of the API server for all annotations of an object, keys included. */
const mostBytes = 256 * 1024;
/** Limit of the admission policy for realmem's annotations, keys not included. The pod's owner needs the rest. */
const mostOwnBytes = 16 * 1024;
const ownKeys = ownAnnotations.map((one) => annotationKeys[one]);
/** Upper bound for one container in both annotations: its name twice, a line of text, and its JSON. */
const amplePerContainer = 640;

/**
 * Omits and counts the smallest containers if not all fit.
 * @param taken bytes of the pod's other annotations, keys included
 * @returns undefined if no container fits
 */
export function fitFigures(figures: PodFigures, taken: number): PodFigures | undefined {
  const entries = Object.entries(figures.containers);
  const room = Math.min(mostOwnBytes, mostBytes - taken);
  if (entries.length * amplePerContainer <= room - amplePerContainer) return figures;
  const bySize = entries.toSorted(([, a], [, b]) => (b.realBytes ?? 0) - (a.realBytes ?? 0));
  let least = 0;
  let most = entries.length;
  while (least < most) {
    const count = Math.ceil((least + most) / 2);
    if (sizeOf(firstOf(figures, entries, bySize, count)) <= room) least = count;
    else most = count - 1;
  }
  return least === 0 ? undefined : firstOf(figures, entries, bySize, least);
}

type Entry = readonly [string, ContainerFigures];

function firstOf(
  figures: PodFigures,
  entries: readonly Entry[],
  bySize: readonly Entry[],
  count: number,
): PodFigures {
  if (count === entries.length) return figures;
  const kept = new Set(bySize.slice(0, count));
  const containers = Object.fromEntries(entries.filter((entry) => kept.has(entry)));
  return { ...figures, containers, omitted: entries.length - count };
}

function sizeOf(figures: PodFigures): number {
  const { memory, report } = renderAnnotations(figures);
  return encodedLength([...ownKeys, memory, report].join(''));
}
