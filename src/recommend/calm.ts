/** Days that are all alike: what came each day is what will come. */
import { formatRounded as size } from '../model/bytes.ts';
import { type Demand, daySeconds } from '../model/demand.ts';
import { because, type Draft, held } from './draft.ts';

/** So many whole days must have been, each with nearly the same peak. */
const daysAlike = 7;
const alike = 0.1;
const enough = 1.25;

export function heedCalm(draft: Draft, demand: Demand, at: number): Draft {
  const today = Math.floor(at / daySeconds);
  const peaks = [...demand.days].flatMap(([day, { peak }]) => (day < today ? [peak] : []));
  const [least, most] = [Math.min(...peaks), Math.max(...peaks)];
  const cap = enough * Math.max(most, demand.today(at));
  if (peaks.length < daysAlike || most - least > alike * most || cap >= draft.limit.target) return draft;
  return because(
    draft,
    `each of ${peaks.length} days came to ${size(least)} to ${size(most)}: a quarter above is enough, ${size(cap)}`,
    { limit: held(draft.limit, cap) },
  );
}
