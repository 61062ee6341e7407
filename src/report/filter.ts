/** The part of a report that is about some pods. */
import type { NodeReport } from '../model/report.ts';

/** Keeps the pods with these UIDs and their containers; what is outside pods goes. */
export const filterReport = (report: NodeReport, uids: ReadonlySet<string>): NodeReport => ({
  ...report,
  pods: report.pods.filter(({ uid }) => uids.has(uid)),
  containers: report.containers.filter(({ podUID }) => uids.has(podUID)),
  others: [],
});
