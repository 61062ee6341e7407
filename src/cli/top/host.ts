/** `realmem top` of this host, or of a recording. */
import { Health } from '../../agent/health.ts';
import { loop } from '../../agent/loop.ts';
import { tickOnce } from '../../agent/replay.ts';
import { openNode } from '../../agent/source.ts';
import type { Node } from '../../agent/tick.ts';
import { now, ticks } from '../../edges/clock.ts';
import type { Io } from '../../edges/process.ts';
import type { NodeReport } from '../../model/report.ts';
import { type Room, stdoutSink } from '../../publish/stdout.ts';
import { itemOf } from '../../render/items.ts';
import { outputs, render } from '../../render/render.ts';
import type { Row } from '../../render/row.ts';
import { type RowOptions, rowsOf } from '../../render/rows.ts';
import { chooser } from '../../report/choose-pods.ts';
import { ExitCode } from '../command.ts';
import { type Parsed, wordOf } from '../flags.ts';
import { hostOptions, screen } from '../source-flags.ts';
import { isLive, showLive } from './live.ts';
import { namedRows } from './named-rows.ts';
import type { TopOptions } from './options.ts';

const watchPeriodMs = 2_000;

/** @throws LocatedError, UsageError */
export async function topOfHost({ values }: Parsed, options: TopOptions, io: Io): Promise<ExitCode> {
  const { namespace, selector, format, watch } = options;
  const inScope = chooser({
    ...(namespace !== undefined && { namespace }),
    ...(selector !== undefined && { selector }),
  });
  const source = hostOptions(values, io);
  const node: Node = openNode(source, []);
  const { ascii } = screen(io);
  const choose = (rows: readonly Row[]): readonly Row[] => namedRows(rows, options);
  const fromTemplate = await templateOf(options);
  const shown = (report: NodeReport, room: Room): string => {
    const chosen = inScope(node, report);
    return (
      fromTemplate?.(chosen, choose) ??
      render(chosen, wordOf(format, outputs, 'table'), { ...options, ...room, ascii, choose })
    );
  };
  const show = stdoutSink({
    output: io.output,
    render: shown,
    redraws: watch && (format === 'table' || format === 'wide'),
  });
  try {
    if (format === 'html') {
      const [{ hostPage, readReport }, { htmlOf }] = await Promise.all([
        import('../page/host-data.ts'),
        import('../page/files.ts'),
      ]);
      const chosen = inScope(node, await readReport(node));
      await io.output.write(htmlOf(await hostPage(node, chosen, { values, namespace }, io)));
      return ExitCode.done;
    }
    if (isLive(options, io)) {
      // A table printed once needs none of it.
      const { hostSource } = await import('../../agent/host-source.ts');
      const { all, colour } = options;
      const live = hostSource({
        ...{ node, root: source.root, periodMs: watchPeriodMs, all, colour, ascii },
        choose: (report) => inScope(node, report),
      });
      return await showLive(live, options, ascii, io);
    }
    if (watch) return await refresh({ ...node, sinks: [show] }, io);
    const { failures } = await tickOnce({ ...node, sinks: [show] }, now());
    for (const { error } of failures) throw error;
    return ExitCode.done;
  } finally {
    node.host.close();
  }
}

/** Renders by a template of `-o`. Undefined for other formats, which need not load the library. */
async function templateOf(
  options: TopOptions,
): Promise<((report: NodeReport, choose: NonNullable<RowOptions['choose']>) => string) | undefined> {
  const { format, template, headers } = options;
  if (format !== 'jsonpath' && format !== 'custom-columns') return undefined;
  const { renderCustomColumns, renderJsonPath } = await import('../../layout/jsonpath.ts');
  return format === 'jsonpath'
    ? (report) => renderJsonPath(template, report)
    : (report, choose) =>
        renderCustomColumns(template, rowsOf(report, { ...options, choose }).rows.map(itemOf), headers);
}

async function refresh(node: Node, io: Io): Promise<ExitCode> {
  const signal = io.untilSignal();
  const failed = Promise.withResolvers<never>();
  const stop = await loop(node, {
    periodMs: watchPeriodMs,
    reportPeriodMs: watchPeriodMs,
    health: new Health(watchPeriodMs, ticks()),
    log: { warn: () => {} },
    onTick: ({ failures }) => {
      for (const { error } of failures) failed.reject(error);
    },
    onError: failed.reject,
  });
  try {
    await Promise.race([signal, failed.promise]);
  } finally {
    await stop();
  }
  return ExitCode.done;
}
