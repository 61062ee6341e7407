/** Suggestions that one node decides alone. A node writes its own history, so whoever has its token can write a false one. */
import { formatRounded as size } from '../model/bytes.ts';
import type { Decider, Origin, Suggestion } from '../model/recommendation.ts';
import { isName } from '../pods/owner-kinds.ts';
import type { SuggestionRow } from './rows.ts';

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** A raise above this factor on one node's history is doubtful, even if replicas run there. */
export const mostRaised = 2;
/** A reduction below this factor is doubtful too. */
const mostLowered = 0.9;

/** The reason that `--why` shows. */
export function sentenceOn({ node, share, without }: Decider): string {
  const from = `${percent(share)} of the observed hours come from ${node}`;
  return without === undefined
    ? `${from}: no other node has enough history`
    : `${from}: without it the request would be ${size(without.request)} and the limit ${size(without.limit)}`;
}

/** The node that alone makes the suggestion: it decides, or no other node reports the workload. */
export const decidingNode = ({ decider, node, nodes }: Origin): string | undefined =>
  nodes === 1 ? node : decider?.node;

/**
 * Why a person should review the suggestion before running a command; undefined: no doubt.
 * @param there the workload's pods on `decidingNode`, by the API. Undefined: not asked, so the node's own report counts
 */
export function doubtOf({ origin }: Suggestion, there?: number): string | undefined {
  const { decider, node, nodes } = origin;
  const runs = there === undefined ? 'reports' : 'runs';
  if (nodes === 1)
    return there === 0
      ? `only ${node} reports this workload, and the API knows no pod of it there`
      : undefined;
  if (decider === undefined) return undefined;
  const { suggested, without, running, elsewhere } = decider;
  const replicas = there ?? running;
  if (replicas > elsewhere) return undefined;
  if (without !== undefined && replicas > 0) {
    const lowered =
      suggested.request < mostLowered * without.request || suggested.limit < mostLowered * without.limit;
    const raised =
      suggested.request > mostRaised * without.request || suggested.limit > mostRaised * without.limit;
    if (!lowered && !raised) return undefined;
  }
  return `${decider.node} decides these values alone, and ${runs} ${replicas} of ${replicas + elsewhere} replicas. ${sentenceOn(decider)}`;
}

export function beforeYouApply(rows: readonly SuggestionRow[]): string {
  const namespaces = [...new Set(rows.map(({ suggestion }) => suggestion.key.namespace))];
  const [only = ''] = namespaces;
  const where = namespaces.length === 1 && isName(only) ? `-n ${only}` : '-A';
  return `realmem does not see HorizontalPodAutoscalers, VerticalPodAutoscalers, LimitRanges and quotas. An HPA on memory scales out when you lower a request. A LimitRange or a quota may refuse new values. Check first: kubectl get hpa,limitrange,quota ${where}`;
}
