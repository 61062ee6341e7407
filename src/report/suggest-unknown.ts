/** What no agent can know, and what may speak against a suggestion: said once wherever suggestions are shown. */
import { isName } from '../model/owner-kinds.ts';
import type { SuggestionRow } from './suggestion-rows.ts';

/** A HorizontalPodAutoscaler on memory scales by the share of the request, so that a lower request makes more replicas. */
export function beforeYouApply(rows: readonly SuggestionRow[]): string {
  const namespaces = [...new Set(rows.map(({ suggestion }) => suggestion.key.namespace))];
  const [only = ''] = namespaces;
  const where = namespaces.length === 1 && isName(only) ? `-n ${only}` : '-A';
  return `Not known here: HorizontalPodAutoscalers on memory, VerticalPodAutoscalers, LimitRanges, quotas. Before you apply: kubectl get hpa,limitrange,quota ${where}`;
}
