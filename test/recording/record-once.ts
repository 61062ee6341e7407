/** Records one sample of a host, at time 0. */
import { type Node, tick } from '../../src/agent/tick.ts';
import type { NodeReport } from '../../src/model/report.ts';
import { type Beside, record } from '../../src/recording/record.ts';
import type { Recording } from '../../src/recording/recording.ts';

/** The pass that `realmem record` uses. */
export const passOver =
  (node: Node) =>
  async (host: Node['host'], at: number): Promise<NodeReport> => {
    const { report } = await tick({ ...node, host }, at, true);
    return report as NodeReport;
  };

export async function recordOnce(node: Node, recording: Recording, beside: Beside = {}): Promise<NodeReport> {
  const recorded = { ...node, pass: (host: Node['host']) => passOver(node)(host, 0) };
  const { report } = await record(
    recorded,
    recording,
    { samples: 1, everyMs: 1, signal: new AbortController().signal },
    beside,
  );
  return report;
}
