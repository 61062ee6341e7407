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

/** The reason that `--why` shows for a node that decides by its history. */
export function deciderSentence({ node, share, without }: Decider): string {
  const from = `${percent(share)} of the observed hours come from ${node}`;
  return without === undefined
    ? `${from}: no other node has enough history`
    : `${from}: without it the request would be ${size(without.request)} and the limit ${size(without.limit)}`;
}

/** The same for a node that decides by its probe. */
export function proberSentence({ node, without }: Decider): string {
  const from = `The probe comes from ${node}`;
  return without === undefined
    ? from
    : `${from}: without any probe the request would be ${size(without.request)} and the limit ${size(without.limit)}`;
}

/** The nodes that alone make the suggestion: they decide, or no other node reports the workload. */
export const decidingNodes = ({ decider, prober, node, nodes }: Origin): readonly string[] =>
  nodes === 1 ? [node] : [...new Set([decider, prober].flatMap((one) => one?.node ?? []))];

/**
 * Why a person should review the suggestion before running a command; undefined: no doubt.
 * @param there the workload's pods on each of `decidingNodes`, by the API. Undefined: not asked, so the node's own report counts
 */
export function doubtOf({ origin }: Suggestion, there?: (node: string) => number): string | undefined {
  const { decider, prober, node, nodes } = origin;
  if (nodes === 1)
    return there?.(node) === 0
      ? `only ${node} reports this workload, and the API knows no pod of it there`
      : undefined;
  const isHistoryDoubted = decider !== undefined && isDoubted(decider, there);
  const isProbeDoubted = prober !== undefined && isDoubted(prober, there);
  const doubts = [
    ...(isHistoryDoubted ? [alone(decider, there), deciderSentence(decider)] : []),
    ...(isProbeDoubted && !(isHistoryDoubted && decider.node === prober.node) ? [alone(prober, there)] : []),
    ...(isProbeDoubted ? [proberSentence(prober)] : []),
  ];
  return doubts.length === 0 ? undefined : doubts.join('. ');
}

type There = Parameters<typeof doubtOf>[1];

function isDoubted({ node, suggested, without, running, elsewhere }: Decider, there: There): boolean {
  const replicas = there?.(node) ?? running;
  if (replicas > elsewhere) return false;
  if (without === undefined || replicas === 0) return true;
  const lowered =
    suggested.request < mostLowered * without.request || suggested.limit < mostLowered * without.limit;
  const raised =
    suggested.request > mostRaised * without.request || suggested.limit > mostRaised * without.limit;
  return lowered || raised;
}

function alone({ node, running, elsewhere }: Decider, there: There): string {
  const replicas = there?.(node) ?? running;
  const runs = there === undefined ? 'reports' : 'runs';
  return `${node} decides these values alone, and ${runs} ${replicas} of ${replicas + elsewhere} replicas`;
}

export function beforeYouApply(rows: readonly SuggestionRow[]): string {
  const namespaces = [...new Set(rows.map(({ suggestion }) => suggestion.key.namespace))];
  const [only = ''] = namespaces;
  const where = namespaces.length === 1 && isName(only) ? `-n ${only}` : '-A';
  return `realmem does not see HorizontalPodAutoscalers, VerticalPodAutoscalers, LimitRanges and quotas. An HPA on memory scales out when you lower a request. A LimitRange or a quota may refuse new values. Check first: kubectl get hpa,limitrange,quota ${where}`;
}
