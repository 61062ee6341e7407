/** Filters a report by namespace and labels of pods. */
import type { Names } from '../identify/names.ts';
import type { NodeReport } from '../model/report.ts';
import { parseSelector } from '../pods/selector.ts';

export interface PodChoice {
  readonly namespace?: string;
  readonly selector?: string;
}

/** @returns a function that keeps only the chosen pods of a report. @throws if the selector is invalid */
export function chooser({
  namespace,
  selector,
}: PodChoice): (node: { readonly names: { readonly names: Names } }, report: NodeReport) => NodeReport {
  if (namespace === undefined && selector === undefined) return (_, report) => report;
  const matches = selector === undefined ? () => true : parseSelector('--selector', selector);
  return ({ names }, report) => {
    const chosen = names.names.matching(
      (pod) => (namespace === undefined || pod.namespace === namespace) && matches(pod.labels),
    );
    return filterReport(report, chosen);
  };
}

/** Keeps the pods with these UIDs and their containers. Removes everything outside pods. */
export const filterReport = (report: NodeReport, uids: ReadonlySet<string>): NodeReport => ({
  ...report,
  pods: report.pods.filter(({ uid }) => uids.has(uid)),
  containers: report.containers.filter(({ podUID }) => uids.has(podUID)),
  others: [],
});
