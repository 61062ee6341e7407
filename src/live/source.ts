/** What the live view shows, and where it comes from: one host with its reports, or a cluster. */

import { formatBytes, formatShare } from '../model/bytes.ts';
import { defined } from '../model/json.ts';
import type { NodeReport } from '../model/report.ts';
import { epochSeconds } from '../model/time.ts';
import type { Grouping, Row } from '../render/row.ts';
import { rowsOf } from '../render/rows.ts';

export interface LiveSource {
  /** Calls `show` with each new state until the signal aborts. Rejects when the source can't go on. */
  follow(show: (state: LiveState) => void, signal: AbortSignal): Promise<void>;
  /**
   * Lines for an opened row, safe to print, with colours where the source has some. Undefined: nothing more is known.
   * @param columns width of the screen in cells
   */
  detail(row: Row, columns: number): Promise<readonly string[] | undefined>;
}

export interface LiveState {
  /** What is shown, and its figures. Not escaped. */
  readonly title: readonly string[];
  /** The time of the figures, in milliseconds since 1970. */
  readonly at: number;
  /** Not sorted. */
  rows(by: Grouping): readonly Row[];
  /** Sentences below the table: what fails, what is missing. Not escaped. */
  readonly notes: readonly string[];
}

const gap = '   ';

/**
 * @param all list services, slices and sandboxes too
 * @param at when the report arrived, in milliseconds since 1970, for a report without a time
 * @param troubles more sentences, not escaped
 */
export function reportState(
  report: NodeReport,
  all: boolean,
  at: number,
  troubles: readonly string[] = [],
): LiveState {
  const { conditions, observed, pods } = report;
  const seconds = observed.at === undefined ? undefined : epochSeconds(observed.at);
  return {
    title: titleOf(report),
    at: seconds === undefined ? at : seconds * 1000,
    rows: (by) => rowsOf(report, { by, all, sortBy: 'name' }).rows,
    notes: [
      ...troubles,
      ...conditions.flatMap(({ status, type, message }) =>
        status === 'True' || (type === 'NamesFresh' && pods.length === 0) ? [] : [message],
      ),
    ],
  };
}

function titleOf({ metadata, node, observed }: NodeReport): readonly string[] {
  const { kernel, cgroupVersion: version } = observed;
  const where = defined<Record<string, string>>({
    version: version === undefined ? undefined : `cgroup v${version}`,
    kernel: kernel === undefined ? undefined : `Linux ${kernel}`,
  });
  const name = [`NODE ${metadata.name}`, ...Object.values(where)].join(gap);
  if (node === undefined) return [name];
  const { realUsedBytes: real, totalBytes: total, usedBytes: used, availableBytes: available } = node;
  const figures = [
    real === undefined
      ? `REAL - of ${formatBytes(total)}`
      : `REAL ${formatBytes(real)} of ${formatBytes(total)} (${formatShare(real, total, 0) ?? '-'})`,
    ...(used === undefined ? [] : [`USED with cache ${formatBytes(used)}`]),
    ...(available === undefined ? [] : [`AVAILABLE ${formatBytes(available)}`]),
  ];
  return [name, figures.join(gap)];
}
