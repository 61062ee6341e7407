/** The sinks of an agent: what its configuration prints and keeps. */

import type { KeptHistory } from '../checkpoint/kept-history.ts';
import { now } from '../edges/clock.ts';
import { removeUnfinished, replaceFile, whyNotWritten } from '../edges/files.ts';
import type { NodeReport } from '../model/report.ts';
import type { Output, Sink } from '../model/sink.ts';
import { fileSink, reportFile } from '../publish/file.ts';
import { withDeadline } from '../publish/guarded-sink.ts';
import { type Room, stdoutSink } from '../publish/stdout.ts';
import { render } from '../render/render.ts';
import { renderYaml } from '../render/structured.ts';
import type { Cluster } from './cluster.ts';
import { clusterSinks, realWorld } from './cluster-sinks.ts';
import type { Config } from './settings.ts';

export interface Outputs {
  readonly config: Config;
  readonly output: Output;
  readonly cluster: Cluster | undefined;
  readonly node: string;
  readonly kept: KeptHistory;
  /** One report and no more: it is printed, not kept, and takes no screen. */
  readonly once: boolean;
  /** Milliseconds since 1970, as far as anybody knows. */
  readonly wallClock: () => number;
  /** Where the report is served, once it is. */
  readonly servedAt: () => string | undefined;
  /** What does not work at the moment, a line each. */
  readonly troubles: () => readonly string[];
}

export async function sinksOf(outputs: Outputs): Promise<readonly Sink[]> {
  const { config, output, cluster, node, kept, once, servedAt, troubles, wallClock } = outputs;
  const { output: format, reportDir, historyDir } = config;
  const sinks: Sink[] = [];
  if (format !== 'off') {
    const isTable = format === 'table' || format === 'wide';
    const options = { by: 'container', headers: true, all: false, sortBy: 'real' } as const;
    // On a terminal one line says where else the report is, or what is wrong there.
    const note = (): string => {
      const served = servedAt();
      const kept = reportDir === 'off' ? undefined : `kept in ${reportDir}`;
      const parts = [served === undefined ? undefined : `http://${served}/`, kept, 'Ctrl-C ends'];
      const fine = parts.filter((part) => part !== undefined).join('   ');
      return [...troubles(), fine].map((line) => `${line}\n`).join('');
    };
    const screen = (report: NodeReport, { lines, ...room }: Room): string => {
      const under = note();
      const left = lines === undefined ? {} : { lines: lines - under.split('\n').length + 1 };
      return render(report, format, { ...options, ...room, ...left }) + under;
    };
    sinks.push(
      stdoutSink({
        output,
        render:
          isTable && output.isTerminal && !once
            ? screen
            : (report, room) => render(report, format, { ...options, ...room }),
        redraws: isTable && !once,
      }),
    );
  }
  if (reportDir !== 'off' && !once) {
    const explain = (file: string, error: unknown): Error => whyNotWritten(file, error, '--report-dir');
    removeUnfinished(reportFile(reportDir, node), now());
    sinks.push(fileSink({ directory: reportDir, render: renderYaml, replaceFile, explain }));
  }
  if (once) return sinks;
  if (historyDir !== 'off') sinks.push(await kept.openFile(historyDir));
  return [
    ...sinks.map(withDeadline),
    ...(cluster === undefined ? [] : clusterSinks(cluster, config, node, kept, { ...realWorld, wallClock })),
  ];
}
