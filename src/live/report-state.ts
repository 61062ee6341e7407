/** The state of the live view from the report of one host. */
import { formatBytes, formatShare } from '../model/bytes.ts';
import { defined } from '../model/defined.ts';
import type { NodeReport } from '../model/report.ts';
import { epochSeconds } from '../model/time.ts';
import { rowsOf } from '../render/rows.ts';
import type { LiveState } from './source.ts';

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
    `REAL ${real === undefined ? '-' : formatBytes(real)} of ${formatBytes(total)} (${formatShare(real ?? 0, total, 0) ?? '-'})`,
    ...(used === undefined ? [] : [`USED with cache ${formatBytes(used)}`]),
    ...(available === undefined ? [] : [`AVAILABLE ${formatBytes(available)}`]),
  ];
  return [name, figures.join(gap)];
}
