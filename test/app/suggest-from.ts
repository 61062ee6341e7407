import { MergedHistories } from '../../src/app/merge-histories.ts';
import { suggest } from '../../src/app/suggest.ts';
import type { Checkpoint } from '../../src/history/checkpoint.ts';
import type { Suggestions } from '../../src/model/recommendation.ts';

/** @param at seconds since 1970 */
export function suggestFrom(histories: readonly Checkpoint[], at: number): Suggestions {
  const merged = new MergedHistories(at);
  for (const history of histories) merged.take(history);
  return suggest(merged, true);
}
