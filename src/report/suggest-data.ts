/** Suggestions as programs read them. */
import { defined } from '../model/defined.ts';
import { apiVersion } from '../model/domain.ts';
import type { Suggestion, Suggestions } from '../model/recommendation.ts';
import { rfc3339 } from '../model/time.ts';
import { csvLine } from './csv.ts';
import { doubtOf } from './suggest-doubt.ts';
import { rowsOfSuggestions, type SuggestionSort, totalsOf } from './suggestion-rows.ts';

/** Everything in bytes and seconds. */
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
    // What is nearly right now is suggested as it is; the target is what it would be anyway.
    items: rows.map(({ suggestion, risk, frees: freesBytes, ...then }) => {
      const { key, setting, replicas, killCount, recommendation } = suggestion;
      const { request, limit, confidence, days, because, leak, oddReplica } = recommendation;
      const { killsPerDay, killsPerDayNow } = recommendation;
      const fields = defined({
        namespace: key.namespace === '' ? undefined : key.namespace,
        workload: key.workload,
        container: key.container === '' ? undefined : key.container,
        type: setting.type,
        replicas,
        current: defined({ requestBytes: setting.request, limitBytes: setting.limit }),
        suggested: { requestBytes: then.request, limitBytes: then.limit },
        target: { requestBytes: request.target, limitBytes: limit.target },
        bounds: {
          request: { lowerBytes: request.lower, upperBytes: request.upper },
          limit: { lowerBytes: limit.lower, upperBytes: limit.upper },
        },
        confidence,
        days: Number(days.toFixed(2)),
        killsPerDay:
          killsPerDay === undefined
            ? undefined
            : defined({
                suggested: Number(killsPerDay.toPrecision(3)),
                current: killsPerDayNow === undefined ? undefined : Number(killsPerDayNow.toPrecision(3)),
              }),
        freesBytes,
        risk,
        oomKills: killCount,
        leakBytesPerDay: leak && Math.round(leak.perDay),
        oddReplica,
        because,
        origin: originFields(suggestion),
      });
      // Worked out when it is written, item by item.
      return Object.defineProperty(fields, 'evidence', { enumerable: true, get: () => suggestion.evidence });
    }),
    leftOut: faults,
  };
}

function originFields(suggestion: Suggestion): object {
  const { nodes, node, share, decider } = suggestion.origin;
  return defined({
    nodes,
    largestShare: { node, share: Number(share.toFixed(3)) },
    decidedBy:
      decider &&
      defined({
        node: decider.node,
        share: Number(decider.share.toFixed(3)),
        replicas: decider.running,
        replicasElsewhere: decider.elsewhere,
        without: decider.without && {
          requestBytes: decider.without.request,
          limitBytes: decider.without.limit,
        },
      }),
    doubt: doubtOf(suggestion),
  });
}

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
  ...['suggestedLimitBytes', 'freesBytes', 'risk', 'confidence', 'days', 'oomKills', 'because'],
];

export function suggestionsCsv(suggestions: Suggestions, sortBy: SuggestionSort, headers: boolean): string {
  const lines = rowsOfSuggestions(suggestions, sortBy).map(({ suggestion, request, limit, frees, risk }) => {
    const { key, setting, replicas, recommendation, killCount } = suggestion;
    return csvLine([
      ...[key.namespace, key.workload, key.container, setting.type, replicas, setting.request, request],
      ...[setting.limit, limit, frees, risk, recommendation.confidence],
      ...[Number(recommendation.days.toFixed(2)), killCount, recommendation.because.join('; ')],
    ]);
  });
  return [...(headers ? [csvLine(csvHeads)] : []), ...lines].join('');
}
