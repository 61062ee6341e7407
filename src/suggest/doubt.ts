/** What one node alone decides: its history is that node's word, and whoever has its token writes it. */
import { formatRounded as size } from '../model/bytes.ts';
import type { Decider, Origin, Suggestion } from '../model/recommendation.ts';
import { isName } from '../pods/owner-kinds.ts';
import type { SuggestionRow } from './rows.ts';

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** What is raised by more than that on one node's word is doubtful, though a replica runs there. */
const mostRaised = 2;
const worthAChange = 0.9;

/** For `--why`. */
export function sentenceOn({ node, share, without }: Decider): string {
  const from = `${percent(share)} of the hours come from ${node}`;
  return without === undefined
    ? `${from}: no other node has seen enough`
    : `${from}: without it the request would be ${size(without.request)} and the limit ${size(without.limit)}`;
}

/** The node whose word alone makes the suggestion: it decides, or nobody else tells of it. */
export const decidingNode = ({ decider, node, nodes }: Origin): string | undefined =>
  nodes === 1 ? node : decider?.node;

/**
 * Why no command should be run for it unread; undefined: nothing speaks against it.
 * @param there pods of the workload on the node that decides, or that alone tells of it, as the API knows them; undefined:
 * nobody asked, and the node's own word has to do
 */
export function doubtOf({ origin }: Suggestion, there?: number): string | undefined {
  const { decider, node, nodes } = origin;
  const runs = there === undefined ? 'says it runs' : 'runs';
  if (nodes === 1)
    return there === 0 ? `only ${node} tells of it, where the API knows no pod of it` : undefined;
  if (decider === undefined) return undefined;
  const { suggested, without, running, elsewhere } = decider;
  const replicas = there ?? running;
  if (replicas > elsewhere) return undefined;
  if (without !== undefined && replicas > 0) {
    const lowered =
      suggested.request < worthAChange * without.request || suggested.limit < worthAChange * without.limit;
    const raised =
      suggested.request > mostRaised * without.request || suggested.limit > mostRaised * without.limit;
    if (!lowered && !raised) return undefined;
  }
  return `${decider.node} decides alone, and ${runs} ${replicas} of ${replicas + elsewhere} replicas. ${sentenceOn(decider)}`;
}

export function beforeYouApply(rows: readonly SuggestionRow[]): string {
  const namespaces = [...new Set(rows.map(({ suggestion }) => suggestion.key.namespace))];
  const [only = ''] = namespaces;
  const where = namespaces.length === 1 && isName(only) ? `-n ${only}` : '-A';
  return `realmem does not see HorizontalPodAutoscalers, VerticalPodAutoscalers, LimitRanges and quotas. An HPA on memory scales out when you lower a request; a LimitRange or a quota may refuse new values. Check first: kubectl get hpa,limitrange,quota ${where}`;
}
