/** Suggestions → rows: what each would change, and the risk of the current values. All output forms use them. */

import {
  type Bounded,
  isGone,
  isMainRunning,
  isOversized,
  isWithinTenth,
  type Risk,
  risks,
  type Suggestion,
  type Suggestions,
} from '../model/recommendation.ts';
import { compareText } from '../model/text.ts';
import { podAggregate } from '../usage/pod-aggregate.ts';

export interface SuggestionRow {
  readonly suggestion: Suggestion;
  /** Bytes to set. Absent: not set now, and none suggested. */
  readonly request?: number;
  readonly limit?: number;
  /** Current minus suggested requests of all running replicas, in bytes. Negative: more is needed. */
  readonly frees: number;
  readonly risk: Risk;
}

function suggestionRow(suggestion: Suggestion): SuggestionRow {
  const { setting, replicas } = suggestion;
  const { request, limit } = sizesOf(suggestion);
  // With a request of the whole pod, the scheduler ignores those of its containers.
  const freed = setting.pod?.request === undefined ? (setting.request ?? 0) - (request ?? 0) : 0;
  return {
    suggestion,
    ...(request !== undefined && { request }),
    ...(limit !== undefined && { limit }),
    frees: ofAll(replicas, freed),
    risk: riskOf(suggestion),
  };
}

/** Never −0, which YAML writes as `-0`. */
const ofAll = (replicas: number, each: number): number => (replicas === 0 ? 0 : replicas * each);

interface Sizes {
  readonly request?: number;
  readonly limit?: number;
}

function sizesOf({ setting, recommendation, isWholePod }: Suggestion): Sizes {
  if (recommendation.learning !== undefined) return recommendation.learning;
  const { pod } = setting;
  // A container without its own values gets none where the pod sets them for all its containers.
  const hasLimit = setting.limit !== undefined || (pod?.limit === undefined && !isWholePod);
  const hasRequest = setting.request !== undefined || (pod?.request === undefined && !isWholePod);
  const limit = worthIt(setting.limit, recommendation.limit);
  const request = Math.min(limit, worthIt(setting.request, recommendation.request));
  return { ...(hasLimit && { limit }), ...(hasRequest && { request }) };
}

/** The API refuses a container with more than its pod: raises the pod's values to fit its containers. */
function fitPods(rows: readonly SuggestionRow[]): readonly SuggestionRow[] {
  if (!rows.some(({ suggestion }) => suggestion.isWholePod)) return rows;
  const byPod = Map.groupBy(rows, ({ suggestion: { key } }) => `${key.namespace}/${key.workload}`);
  return rows.map((row) => {
    const { key, setting, replicas, isWholePod } = row.suggestion;
    if (!isWholePod) return row;
    const named = (byPod.get(`${key.namespace}/${key.workload}`) ?? []).filter(
      ({ suggestion }) => !suggestion.isWholePod,
    );
    const othersRun = named.some(({ suggestion }) => isMainRunning(suggestion));
    const inside = named.filter(({ suggestion }) => !isGone(suggestion, othersRun));
    const asked = podAggregate(
      inside.map(({ suggestion, request = 0 }) => ({ type: suggestion.setting.type, amount: request })),
    );
    const request = row.request && Math.max(row.request, asked);
    const limit = row.limit && Math.max(row.limit, request ?? asked, ...inside.map((one) => one.limit ?? 0));
    return {
      ...row,
      ...(request !== undefined && { request }),
      ...(limit !== undefined && { limit }),
      frees: ofAll(replicas, (setting.request ?? 0) - (request ?? 0)),
    };
  });
}

export const changes = ({ suggestion: { setting }, request, limit }: SuggestionRow): boolean =>
  request !== setting.request || limit !== setting.limit;

/** A current value close to the target stays: a roll-out is not worth the difference. */
const worthIt = (now: number | undefined, bounds: Bounded): number =>
  now !== undefined && now >= bounds.lower && isWithinTenth(now, bounds) ? now : bounds.target;

function riskOf({ setting, isKilledAtLimit, isWholePod, recommendation }: Suggestion): Risk {
  const { request, limit, leak, learning } = recommendation;
  if (leak !== undefined) return 'leak';
  // While learning, nobody knows how the containers peak together.
  if (isWholePod && learning !== undefined) return '';
  if (setting.limit !== undefined && setting.limit < limit.lower)
    return isKilledAtLimit ? 'killed' : 'too low';
  if (setting.limit === undefined && setting.pod?.limit === undefined && !isWholePod) return 'no limit';
  if (setting.request === undefined && (setting.pod?.request !== undefined || isWholePod)) return '';
  if (setting.request === undefined || setting.request < request.lower) return 'too little';
  return learning === undefined && isOversized(setting.request, request) ? 'too much' : '';
}

export const suggestionSorts = ['frees', 'risk', 'name'] as const;
export type SuggestionSort = (typeof suggestionSorts)[number];

const nameOf = ({ suggestion: { key } }: SuggestionRow): string =>
  `${key.namespace}/${key.workload}/${key.container}`;
const byName = (a: SuggestionRow, b: SuggestionRow): number => compareText(nameOf(a), nameOf(b));

/** Ties are in the order of names. */
function sortSuggestions(rows: readonly SuggestionRow[], by: SuggestionSort): readonly SuggestionRow[] {
  const order = {
    name: () => 0,
    frees: (a: SuggestionRow, b: SuggestionRow) => b.frees - a.frees,
    risk: (a: SuggestionRow, b: SuggestionRow) => risks.indexOf(a.risk) - risks.indexOf(b.risk),
  }[by];
  return rows.toSorted((a, b) => order(a, b) || byName(a, b));
}

/** Requests of all running replicas, in bytes: now, and with the suggestions. */
export function totalsOf(rows: readonly SuggestionRow[]): {
  readonly now: number;
  readonly after: number;
  readonly frees: number;
} {
  const now = rows.reduce(
    (sum, { suggestion: { setting, replicas } }) =>
      sum + (setting.pod?.request === undefined ? replicas * (setting.request ?? 0) : 0),
    0,
  );
  const frees = rows.reduce((sum, row) => sum + row.frees, 0);
  return { now, after: now - frees, frees };
}

export const reasonsOf = ({ recommendation: { because, learning } }: Suggestion): readonly string[] =>
  learning?.because ?? because;

/** All reasons in one line, each with a full stop. */
export const reasonsText = (suggestion: Suggestion): string =>
  reasonsOf(suggestion)
    .map((reason) => (reason.endsWith('.') ? reason : `${reason}.`))
    .join(' ');

/** Replaces learning by the suggestion from less than a day of history. */
export const withLittleSeen = (suggestions: Suggestions): Suggestions => ({
  ...suggestions,
  items: suggestions.items.map((suggestion) => {
    const { learning, ...recommendation } = suggestion.recommendation;
    return learning === undefined ? suggestion : copyWith(suggestion, { recommendation });
  }),
});

/** Copies getters as getters: the evidence is computed only when it is written. */
const copyWith = (suggestion: Suggestion, change: Partial<Suggestion>): Suggestion =>
  Object.defineProperties({} as Suggestion, {
    ...Object.getOwnPropertyDescriptors(suggestion),
    ...Object.getOwnPropertyDescriptors(change),
  });

export const rowsOfSuggestions = ({ items }: Suggestions, sortBy: SuggestionSort): readonly SuggestionRow[] =>
  sortSuggestions(fitPods(items.map(suggestionRow)), sortBy);
