/** Checks figures of one file against each other: a part cannot exceed its whole. */

/** Two keys of the kernel: a part, and its whole. */
export type Whole = readonly [part: string, whole: string];

/**
 * The pairs whose part exceeds its whole: that figure overflowed, or belongs to another machine. A whole that was refused
 * itself refuses no parts. List the pairs from the outermost whole inwards.
 * @param lag how far the kernel lets the part exceed the whole, in the unit of the figures
 */
export function partsAbove(
  wholes: readonly Whole[],
  figureOf: (key: string) => number | undefined,
  lag: number,
): readonly Whole[] {
  const refused = new Set<string>();
  return wholes.filter(([partKey, wholeKey]) => {
    const [part, whole] = [figureOf(partKey), figureOf(wholeKey)];
    if (part === undefined || whole === undefined || refused.has(partKey) || refused.has(wholeKey))
      return false;
    if (part <= whole + lag) return false;
    refused.add(partKey);
    return true;
  });
}

/**
 * The pairs of `memory.stat`, v1 and v2. The file lists are not in it: lazily freed pages (MADV_FREE) are on these lists
 * but not in `file`.
 */
export const statWholes: readonly Whole[] = [
  ['shmem', 'file'],
  ['file_mapped', 'file'],
  ['slab', 'kernel'],
  ['slab_reclaimable', 'slab'],
  ['total_shmem', 'total_cache'],
  ['total_mapped_file', 'total_cache'],
];

/** Bytes. Each CPU buffers some pages before it updates a counter: 64 CPUs with pages of 4 KiB hold back less than this. */
export const statLag = 64 * 1024 * 1024;
