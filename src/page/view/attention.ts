/** What a reader should look at first: the most urgent containers, each with a reason. */
import { formatRounded } from '../../model/bytes.ts';
import { compareText } from '../../model/text.ts';
import { nearLimit } from '../../model/usage.ts';
import { ownLimit, shareOf } from './entries.ts';
import type { Leaf, PodLeaf } from './leaves.ts';
import { percent, size } from './words.ts';

export const kinds = ['killed', 'throttled', 'near', 'leak', 'low'] as const;
export type Kind = (typeof kinds)[number];

export const kindTitle: Readonly<Record<Kind, string>> = {
  killed: 'OOM killed',
  throttled: 'Throttled',
  near: 'Near its limit',
  leak: 'Leaking',
  low: 'Request too low',
};

export interface Attention {
  readonly kind: Kind;
  readonly leaf: Leaf;
  /** A sentence with the figures. */
  readonly why: string;
}

/** Real above the request by a quarter and by 64 MiB: the scheduler counts on far less than the container uses. */
const lowFactor = 1.25;
const lowBytes = 64 * 1024 ** 2;

export function attentionOf(pods: readonly PodLeaf[]): readonly Attention[] {
  const found = pods.flatMap((pod) => pod.containers.flatMap((leaf) => lookAt(leaf) ?? []));
  return found.sort(
    (a, b) =>
      kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
      (shareIn(b.leaf) ?? 0) - (shareIn(a.leaf) ?? 0) ||
      compareText(a.leaf.key, b.leaf.key),
  );
}

const shareIn = ({ figures }: Leaf): number | undefined =>
  shareOf({ real: figures.real, limit: ownLimit(figures) });

function lookAt(leaf: Leaf): Attention | undefined {
  const { verdict, real, request, ooms = 0, isHigh, limitFrom } = leaf.figures;
  const limit = ownLimit(leaf.figures);
  const share = shareIn(leaf);
  const of = (kind: Kind, why: string): Attention => ({ kind, leaf, why });
  const whose = limitFrom === undefined ? 'its' : `its ${limitFrom}'s`;
  // A container that is gone has no figures any more.
  const filled =
    share !== undefined
      ? `${percent(share)} of ${whose} limit: ${size(real)} of ${size(limit)}`
      : real !== undefined
        ? `Really uses ${size(real)}`
        : undefined;
  const after = filled === undefined ? '' : ` ${filled}.`;
  if (verdict === 'OOMKilled') return of('killed', `${killsText(ooms)}${after}`);
  if (verdict === 'Throttled') return of('throttled', `The kernel slows it down.${after}`);
  if (verdict === 'NearLimit' || (share ?? 0) >= nearLimit)
    return of(
      'near',
      `${filled ?? 'Its figures are unknown'}${isHigh ? ', where the kernel throttles it' : leftText(real, limit)}.`,
    );
  if (verdict === 'Leaking') return of('leak', `Real keeps growing.${after}`);
  if (real !== undefined && request !== undefined && real > lowFactor * request && real - request > lowBytes)
    return of('low', `Really uses ${size(real)}, and requests ${size(request)}.`);
  return undefined;
}

const killsText = (ooms: number): string =>
  ooms === 0 ? 'Within a day.' : `${ooms} OOM ${ooms === 1 ? 'kill' : 'kills'}.`;

const leftText = (real: number | undefined, limit: number | undefined): string =>
  real === undefined || limit === undefined ? '' : `, ${formatRounded(Math.max(0, limit - real))} left`;

/** The container nearest to its own limit. */
export function nearestToLimit(pods: readonly PodLeaf[]): Leaf | undefined {
  let best: Leaf | undefined;
  let most = 0;
  for (const { containers } of pods)
    for (const leaf of containers) {
      const share = shareIn(leaf);
      if (share !== undefined && share > most) {
        best = leaf;
        most = share;
      }
    }
  return best;
}
