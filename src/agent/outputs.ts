/** Opens the sinks that the configuration asks for: output, report file, history file, cluster. */

import type { KeptHistory } from '../checkpoint/kept-history.ts';
import { now } from '../edges/clock.ts';
import { removeUnfinished, replaceFile, whyNotWritten } from '../edges/files.ts';
import type { Output } from '../edges/process.ts';
import { renderYaml } from '../layout/structured.ts';
import type { NodeReport, Sink } from '../model/report.ts';
import { fileSink, reportFile } from '../publish/file.ts';
import { withDeadline } from '../publish/guarded-sink.ts';
import { type Room, stdoutSink } from '../publish/stdout.ts';
import { render } from '../render/render.ts';
import type { Cluster } from './cluster.ts';
import { clusterSinks, realClocks } from './cluster-sinks.ts';
import type { Config } from './settings.ts';

export interface Outputs {
  readonly config: Config;
  readonly output: Output;
  /** Shows reports instead of the output. */
  readonly screen?: Sink | undefined;
  readonly cluster: Cluster | undefined;
  readonly node: string;
  readonly kept: KeptHistory;
  /** Only one report: print it without taking over the screen, and write it nowhere else. */
  readonly once: boolean;
  /** Milliseconds since 1970, the best estimate. */
  readonly wallClock: () => number;
  /** The address of the report listener; undefined while it is closed. */
  readonly servedAt: () => string | undefined;
  /** What currently fails, one line each. */
  readonly troubles: () => readonly string[];
}

/** Every sink has its deadline, except for a single report. */
export async function sinksOf(outputs: Outputs): Promise<readonly Sink[]> {
  const { config, output, screen: live, cluster, node, kept, once, servedAt, troubles, wallClock } = outputs;
  const { output: format, reportDir, historyDir } = config;
  const sinks: Sink[] = [];
  if (live !== undefined) sinks.push(live);
  else if (format !== 'off') {
    const isTable = format === 'table' || format === 'wide';
    const options = { by: 'container', headers: true, all: false, sortBy: 'real' } as const;
    // Below the table: what fails, and where else to find the report.
    const note = (): string => {
      const served = servedAt();
      const kept = reportDir === 'off' ? undefined : `kept in ${reportDir}`;
      const parts = [served === undefined ? undefined : `http://${served}/`, kept, 'Ctrl-C ends'];
      const fine = parts.filter((part) => part !== undefined).join('   ');
      return [...troubles(), fine].map((line) => `${line}\n`).join('');
    };
    const screen = (report: NodeReport, { lines, ...room }: Room): string => {
      const under = note();
      // The cursor stands below the last line. Without a line for it, the terminal would scroll the headings away.
      const left = lines === undefined ? {} : { lines: lines - under.split('\n').length };
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
    ...(cluster === undefined
      ? []
      : clusterSinks(cluster, config, node, kept, { ...realClocks, wallClock, random: cluster.random })),
  ];
}
