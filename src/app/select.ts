/** Pods chosen by namespace and labels. */
import { parseSelector } from '../identify/selector.ts';
import type { NodeReport } from '../model/report.ts';
import { filterReport } from '../report/filter.ts';
import type { Node } from './tick.ts';

export interface Selection {
  readonly namespace?: string;
  readonly selector?: string;
}

/** A function that leaves of a report what was chosen. @throws Fault where the selector is none */
export function chooser({ namespace, selector }: Selection): (node: Node, report: NodeReport) => NodeReport {
  if (namespace === undefined && selector === undefined) return (_, report) => report;
  const matches = selector === undefined ? () => true : parseSelector('--selector', selector);
  return ({ names }, report) => {
    const chosen = names.names.matching(
      (pod) => (namespace === undefined || pod.namespace === namespace) && matches(pod.labels),
    );
    return filterReport(report, chosen);
  };
}
