/** What active and inactive page cache mean under the LRU of this kernel, where that is not what readers expect. */
import type { Explained } from './explained.ts';

/** Less page cache makes no figure look better. */
const least = 2 ** 20;

export function lruNotes({ lru, usage }: Explained): readonly string[] {
  const { activeFileBytes: active, inactiveFileBytes: inactive } = usage;
  if (lru === 'multi-generational')
    return [
      'This kernel runs the multi-generational LRU: active file says how young a page is, not that it is read again, and most page cache stands in inactive file. So the working set (kubectl top) is lower here than under the classic LRU for the same container. Real is the same under both.',
    ];
  if (
    lru === 'unknown' &&
    active !== undefined &&
    active < least &&
    inactive !== undefined &&
    inactive >= least
  )
    return [
      'Which LRU this kernel runs is not known here. Under the multi-generational LRU no active file does not mean that no page cache is read again.',
    ];
  return [];
}
