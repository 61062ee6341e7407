/** What no agent can know, and what may speak against a suggestion: said once wherever suggestions are shown. */
import { isName } from '../pods/owner-kinds.ts';
import type { SuggestionRow } from './rows.ts';

export function beforeYouApply(rows: readonly SuggestionRow[]): string {
  const namespaces = [...new Set(rows.map(({ suggestion }) => suggestion.key.namespace))];
  const [only = ''] = namespaces;
  const where = namespaces.length === 1 && isName(only) ? `-n ${only}` : '-A';
  return `realmem does not see HorizontalPodAutoscalers, VerticalPodAutoscalers, LimitRanges and quotas. An HPA on memory scales out when you lower a request; a LimitRange or a quota may refuse new values. Check first: kubectl get hpa,limitrange,quota ${where}`;
}
