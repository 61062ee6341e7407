/** Suggestions as JSON, YAML and CSV. */
import { defined } from '../model/json.ts';
import { apiVersion } from '../model/product.ts';
import type { Decider, Suggestion, Suggestions, UsedProbe } from '../model/recommendation.ts';
import { daySeconds, rfc3339 } from '../model/time.ts';
import { csvLine } from '../render/csv.ts';
import { doubtOf } from './doubt.ts';
import { reasonsOf, reasonsText, rowsOfSuggestions, type SuggestionSort, totalsOf } from './rows.ts';

/** All sizes in bytes, all times in seconds. */
export function suggestionsObject(suggestions: Suggestions, sortBy: SuggestionSort): object {
  const { at, nodes, oldestAt, stale, capacityBytes, faults } = suggestions;
  const rows = rowsOfSuggestions(suggestions, sortBy);
  const { now, after, frees } = totalsOf(rows);
  return {
    apiVersion,
    kind: 'MemorySuggestions',
    observed: defined({
      at: rfc3339(at * 1000),
      nodes,
      oldestAt: oldestAt === undefined ? undefined : rfc3339(oldestAt * 1000),
      stale,
      capacityBytes,
    }),
    totals: { requestBytes: now, suggestedRequestBytes: after, freesBytes: frees },
    // A current value close to the target is the suggestion itself. `target` holds the value without that rule.
    items: rows.map(({ suggestion, risk, frees: freesBytes, ...then }) => {
      const { key, setting, replicas, killCount, recommendation } = suggestion;
      const { request, limit, confidence, days, leak, oddReplica } = recommendation;
      const { killsPerDay, killsPerDayNow, learning, probe } = recommendation;
      const fields = defined({
        namespace: key.namespace === '' ? undefined : key.namespace,
        workload: key.workload,
        container: key.container === '' ? undefined : key.container,
        type: typeOf(suggestion),
        replicas,
        current: defined({ requestBytes: setting.request, limitBytes: setting.limit }),
        suggested: defined({ requestBytes: then.request, limitBytes: then.limit }),
        target:
          learning === undefined ? { requestBytes: request.target, limitBytes: limit.target } : undefined,
        bounds:
          learning === undefined
            ? {
                request: { lowerBytes: request.lower, upperBytes: request.upper },
                limit: { lowerBytes: limit.lower, upperBytes: limit.upper },
              }
            : undefined,
        learning:
          learning &&
          defined({
            peakBytes: learning.peak,
            needs:
              learning.needs &&
              defined({ requestBytes: learning.needs.request, limitBytes: learning.needs.limit }),
          }),
        confidence,
        days: Number(days.toFixed(2)),
        watchedSeconds: secondsOf(days),
        killsPerDay:
          killsPerDay === undefined || learning !== undefined
            ? undefined
            : defined({
                suggested: Number(killsPerDay.toPrecision(3)),
                current: killsPerDayNow === undefined ? undefined : Number(killsPerDayNow.toPrecision(3)),
              }),
        freesBytes,
        risk,
        oomKills: killCount,
        probe: probe && probeItem(probe),
        leakBytesPerDay: leak && Math.round(leak.perDay),
        oddReplica,
        because: reasonsOf(suggestion),
        origin: originFields(suggestion),
      });
      // A getter: the evidence of all items at once would not fit the heap.
      return Object.defineProperty(fields, 'evidence', { enumerable: true, get: () => suggestion.evidence });
    }),
    leftOut: faults,
  };
}

/** `withoutProbe`: the targets as they were before it. */
const probeItem = ({ at, without, ...others }: UsedProbe): object => ({
  at: rfc3339(at * 1000),
  ...others,
  withoutProbe: { requestBytes: without.request, limitBytes: without.limit },
});

const typeOf = ({ setting, isWholePod }: Suggestion): string => (isWholePod ? 'pod' : setting.type);

const secondsOf = (days: number): number => Math.round(days * daySeconds);

function originFields(suggestion: Suggestion): object {
  const { nodes, node, share, decider, prober } = suggestion.origin;
  return defined({
    nodes,
    largestShare: { node, share: Number(share.toFixed(3)) },
    decidedBy: decider && deciderItem(decider),
    probedBy: prober && deciderItem(prober),
    doubt: doubtOf(suggestion),
  });
}

const deciderItem = ({ node, share, running, elsewhere, without }: Decider): object =>
  defined({
    node,
    share: Number(share.toFixed(3)),
    replicas: running,
    replicasElsewhere: elsewhere,
    without: without && { requestBytes: without.request, limitBytes: without.limit },
  });

const csvHeads = [
  ...[
    'namespace',
    'workload',
    'container',
    'type',
    'replicas',
    'requestBytes',
    'suggestedRequestBytes',
    'limitBytes',
  ],
  ...['suggestedLimitBytes', 'freesBytes', 'risk', 'confidence', 'days'],
  ...['watchedSeconds', 'learning', 'oomKills', 'because'],
  ...['probedAt', 'neededCacheBytes', 'coldCacheBytes', 'requestBytesWithoutProbe', 'limitBytesWithoutProbe'],
];

const probeCells = (probe: UsedProbe | undefined): readonly (string | number | undefined)[] => [
  probe && rfc3339(probe.at * 1000),
  ...[probe?.neededCacheBytes, probe?.coldCacheBytes, probe?.without.request, probe?.without.limit],
];

export function suggestionsCsv(suggestions: Suggestions, sortBy: SuggestionSort, headers: boolean): string {
  const lines = rowsOfSuggestions(suggestions, sortBy).map(({ suggestion, request, limit, frees, risk }) => {
    const { key, setting, replicas, recommendation, killCount } = suggestion;
    return csvLine([
      ...[key.namespace, key.workload, key.container, typeOf(suggestion), replicas, setting.request, request],
      ...[setting.limit, limit, frees, risk, recommendation.confidence],
      ...[Number(recommendation.days.toFixed(2)), secondsOf(recommendation.days)],
      ...[recommendation.learning === undefined ? '' : 'true', killCount, reasonsText(suggestion)],
      ...probeCells(recommendation.probe),
    ]);
  });
  return [...(headers ? [csvLine(csvHeads)] : []), ...lines].join('');
}
