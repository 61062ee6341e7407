/** What a policy can reach: the slack it has at a given rate of OOM kills, between its margins. */

export interface Point {
  /** OOM kills per container-day. */
  readonly rate: number;
  readonly slack: number;
}

/** Those that no other beats on both: rates rise, slack falls. */
function frontier(points: readonly Point[]): readonly Point[] {
  const sorted = points.toSorted((a, b) => a.rate - b.rate || a.slack - b.slack);
  return sorted.filter(({ slack }, index) => sorted.slice(0, index).every((other) => other.slack > slack));
}

/**
 * Between two points of the frontier slack is linear in the logarithm of the rate; from no kill at all on, in the rate.
 * Who is nowhere killed as often as that needs the least that it can. Undefined where all are killed oftener.
 */
export function slackAt(points: readonly Point[], rate: number): number | undefined {
  const line = frontier(points);
  const above = line.findIndex((point) => point.rate >= rate);
  const right = line[above];
  const left = line[above - 1];
  if (right === undefined) return line.at(-1)?.slack;
  if (right.rate === rate) return right.slack;
  if (left === undefined) return undefined;
  const scale = left.rate > 0 ? Math.log : (x: number) => x;
  const share = (scale(rate) - scale(left.rate)) / (scale(right.rate) - scale(left.rate));
  return left.slack + share * (right.slack - left.slack);
}
