/** What each suggestion would change, and what is at stake: the lines of every form that shows them. */
import {
  type Bounded,
  isNear,
  isOversized,
  type Suggestion,
  type Suggestions,
} from '../model/recommendation.ts';

/** What is wrong with what is set now, the worst first. */
export const risks = ['killed', 'too low', 'leak', 'no limit', 'too little', 'too much', ''] as const;
export type Risk = (typeof risks)[number];

export interface SuggestionRow {
  readonly suggestion: Suggestion;
  readonly request: number;
  readonly limit: number;
  /** Of what is set aside for all that run now; below zero: it needs more. */
  readonly frees: number;
  readonly risk: Risk;
}

function suggestionRow(suggestion: Suggestion): SuggestionRow {
  const { setting, replicas, recommendation } = suggestion;
  const limit = worthIt(setting.limit, recommendation.limit);
  const request = Math.min(limit, worthIt(setting.request, recommendation.request));
  const freed = (setting.request ?? 0) - request;
  return {
    suggestion,
    request,
    limit,
    frees: replicas === 0 ? 0 : replicas * freed,
    risk: riskOf(suggestion),
  };
}

/** What is nearly right is left as it is. */
const worthIt = (now: number | undefined, bounds: Bounded): number =>
  now !== undefined && now >= bounds.lower && isNear(now, bounds) ? now : bounds.target;

function riskOf({ setting, isKilledAtLimit, recommendation }: Suggestion): Risk {
  const { request, limit, leak } = recommendation;
  if (leak !== undefined) return 'leak';
  if (setting.limit !== undefined && setting.limit < limit.lower)
    return isKilledAtLimit ? 'killed' : 'too low';
  if (setting.limit === undefined) return 'no limit';
  if (setting.request === undefined || setting.request < request.lower) return 'too little';
  return isOversized(setting.request, request) ? 'too much' : '';
}

export const suggestionSorts = ['frees', 'risk', 'name'] as const;
export type SuggestionSort = (typeof suggestionSorts)[number];

const nameOf = ({ suggestion: { key } }: SuggestionRow): string =>
  `${key.namespace}/${key.workload}/${key.container}`;
const byName = (a: SuggestionRow, b: SuggestionRow): number =>
  nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0;

/** By name where there is nothing else between them. */
function sortSuggestions(rows: readonly SuggestionRow[], by: SuggestionSort): readonly SuggestionRow[] {
  const order = {
    name: () => 0,
    frees: (a: SuggestionRow, b: SuggestionRow) => b.frees - a.frees,
    risk: (a: SuggestionRow, b: SuggestionRow) => risks.indexOf(a.risk) - risks.indexOf(b.risk),
  }[by];
  return rows.toSorted((a, b) => order(a, b) || byName(a, b));
}

/** What is set aside for all that run, now and then. */
export function totalsOf(rows: readonly SuggestionRow[]): {
  readonly now: number;
  readonly after: number;
  readonly frees: number;
} {
  const now = rows.reduce(
    (sum, { suggestion }) => sum + suggestion.replicas * (suggestion.setting.request ?? 0),
    0,
  );
  const frees = rows.reduce((sum, row) => sum + row.frees, 0);
  return { now, after: now - frees, frees };
}

export const rowsOfSuggestions = ({ items }: Suggestions, sortBy: SuggestionSort): readonly SuggestionRow[] =>
  sortSuggestions(items.map(suggestionRow), sortBy);
