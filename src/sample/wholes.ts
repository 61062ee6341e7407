/** Parts and the wholes that they cannot exceed, where one file gives both. */

/** The kernel's keys: a part, and what it is a part of. */
export type Whole = readonly [part: string, whole: string];

/**
 * The parts that are larger than their wholes: such a figure is of another machine, or overflowed. A whole that is itself
 * refused judges no part, so wholes stand before their parts.
 * @param lag how far the kernel itself lets the two be apart
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
 * Of `memory.stat`, both versions. Not the file lists: pages that a program frees lazily are on them without being in
 * `file`.
 */
export const statWholes: readonly Whole[] = [
  ['shmem', 'file'],
  ['file_mapped', 'file'],
  ['slab', 'kernel'],
  ['slab_reclaimable', 'slab'],
  ['total_shmem', 'total_cache'],
  ['total_mapped_file', 'total_cache'],
];

/** Each CPU counts some pages of its own before it tells: this is more than 64 CPUs with pages of 4 KiB hold back. */
export const statLag = 64 * 1024 * 1024;
