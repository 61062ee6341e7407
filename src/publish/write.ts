/** A report to every sink: each for itself, so that one's failure is nobody else's. */
import type { NodeReport } from '../model/report.ts';
import type { Sink } from '../model/sink.ts';

export interface Failure {
  readonly sink: string;
  readonly error: unknown;
}

export async function write(report: NodeReport, sinks: readonly Sink[]): Promise<readonly Failure[]> {
  const settled = await Promise.allSettled(sinks.map((sink) => sink.write(report)));
  return settled.flatMap((result, index) =>
    result.status === 'rejected' ? [{ sink: sinks[index]?.name ?? '', error: result.reason }] : [],
  );
}
