import type { Checkpoint } from '../../src/checkpoint/checkpoint.ts';
import { MergedHistories } from '../../src/checkpoint/merge.ts';
import type { Suggestions } from '../../src/model/recommendation.ts';
import { suggest } from '../../src/suggest/sources.ts';

/** @param at seconds since 1970 */
export function suggestFrom(histories: readonly Checkpoint[], at: number): Suggestions {
  const merged = new MergedHistories(at);
  for (const history of histories) merged.take(history);
  return suggest(merged, { evidence: true });
}
