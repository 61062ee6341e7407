/** A squarified treemap (Bruls, Huizing, van Wijk): areas in proportion to amounts, and tiles near to squares. */

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * @param amounts positive, largest first
 * @returns one rectangle for each amount
 */
export function treemap(amounts: readonly number[], into: Rect): readonly Rect[] {
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  if (total <= 0 || into.width <= 0 || into.height <= 0)
    return amounts.map(() => ({ x: into.x, y: into.y, width: 0, height: 0 }));
  const scale = (into.width * into.height) / total;
  const areas = amounts.map((amount) => amount * scale);
  const rects: Rect[] = [];
  let free = into;
  for (let from = 0; from < areas.length; ) {
    const side = Math.min(free.width, free.height);
    const to = rowEnd(areas, from, side);
    const row = areas.slice(from, to);
    free = placeRow(row, free, rects);
    from = to;
  }
  return rects;
}

/** Adds tiles to the row as long as its worst ratio gets better. */
function rowEnd(areas: readonly number[], from: number, side: number): number {
  let sum = areas[from] ?? 0;
  let to = from + 1;
  let ratio = worstRatio(sum, areas[from] ?? 0, areas[from] ?? 0, side);
  while (to < areas.length) {
    const next = areas[to] ?? 0;
    const more = worstRatio(sum + next, areas[from] ?? 0, next, side);
    if (more > ratio) break;
    ratio = more;
    sum += next;
    to++;
  }
  return to;
}

/** Of the longest tile of a row: its longer side in proportion to its shorter one. */
function worstRatio(sum: number, largest: number, smallest: number, side: number): number {
  if (sum <= 0 || smallest <= 0 || side <= 0) return Number.POSITIVE_INFINITY;
  const square = side * side;
  return Math.max((square * largest) / (sum * sum), (sum * sum) / (square * smallest));
}

/** Along the shorter side. Returns what remains free. */
function placeRow(row: readonly number[], free: Rect, rects: Rect[]): Rect {
  const sum = row.reduce((a, b) => a + b, 0);
  const isWide = free.width >= free.height;
  const side = isWide ? free.height : free.width;
  // Rounding can leave no room for the smallest tiles.
  const depth = side === 0 ? 0 : Math.min(sum / side, isWide ? free.width : free.height);
  let at = isWide ? free.y : free.x;
  for (const area of row) {
    const length = depth === 0 ? 0 : area / depth;
    rects.push(
      isWide
        ? { x: free.x, y: at, width: depth, height: length }
        : { x: at, y: free.y, width: length, height: depth },
    );
    at += length;
  }
  return isWide
    ? { ...free, x: free.x + depth, width: Math.max(0, free.width - depth) }
    : { ...free, y: free.y + depth, height: Math.max(0, free.height - depth) };
}
