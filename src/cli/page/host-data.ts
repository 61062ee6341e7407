/** What the page shows of this host or of a recording. */
import { tickOnce } from '../../agent/replay.ts';
import type { Node } from '../../agent/tick.ts';
import { now } from '../../edges/clock.ts';
import type { Io } from '../../edges/process.ts';
import { LocatedError, messageOf } from '../../model/located-error.ts';
import type { NodeReport } from '../../model/report.ts';
import type { PageData } from '../../page/data.ts';
import { pageOfReport } from '../../page/from-report.ts';
import { pageSuggestions, suggestionNotes } from '../../page/from-suggestions.ts';
import { doubtOf } from '../../suggest/doubt.ts';
import { patchesOf } from '../../suggest/patch.ts';
import { suggest } from '../../suggest/sources.ts';
import type { Parsed } from '../flags.ts';
import { mergeHistories, wantedBy } from '../suggest/histories.ts';

/** @throws LocatedError if the host cannot be read */
export async function readReport(node: Node): Promise<NodeReport> {
  const { report } = await tickOnce({ ...node, sinks: [] }, now());
  if (report === undefined) throw new Error('a tick with a due report made none');
  return report;
}

/** @param report of the chosen pods @param asked their namespace, and the flags that name histories */
export async function hostPage(
  { host }: Pick<Node, 'host'>,
  report: NodeReport,
  { values, namespace }: { readonly values: Parsed['values']; readonly namespace: string | undefined },
  io: Pick<Io, 'progress' | 'stateDir'>,
): Promise<PageData> {
  const isRecording = host.recording !== undefined;
  const page = pageOfReport(report, isRecording ? 'recording' : 'host');
  // The histories of this machine say nothing about another one.
  if (isRecording && values['history'] === undefined) return page;
  try {
    const merged = await mergeHistories(undefined, values, wantedBy(namespace), io);
    const suggestions = suggest(merged, { daily: true });
    if (suggestions.items.length === 0) return page;
    return {
      ...page,
      suggestions: pageSuggestions(suggestions, doubtOf),
      suggestionNotes: suggestionNotes(suggestions, now() / 1000),
      patches: patchesOf(suggestions, { doubts: doubtOf, least: 'medium' }),
    };
  } catch (error) {
    if (!(error instanceof LocatedError)) throw error;
    if (values['history'] === undefined) return page;
    return { ...page, notes: [...(page.notes ?? []), messageOf(error)] };
  }
}
