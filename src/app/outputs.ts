/** The sinks of an agent: what its configuration prints and keeps. */
import { replaceFile } from '../edges/files.ts';
import type { NodeReport } from '../model/report.ts';
import type { Output, Sink } from '../model/sink.ts';
import { render } from '../report/render.ts';
import { renderYaml } from '../report/structured.ts';
import { fileSink } from '../sinks/file.ts';
import { stdoutSink } from '../sinks/stdout.ts';
import type { Config } from './settings.ts';

export interface Outputs {
  readonly config: Config;
  readonly output: Output;
  /** One report and no more: it is printed, not kept, and takes no screen. */
  readonly once: boolean;
  /** Where the report is served, once it is. */
  readonly servedAt: () => string | undefined;
}

export function sinksOf({ config, output, once, servedAt }: Outputs): readonly Sink[] {
  const { output: format, reportDir } = config;
  const sinks: Sink[] = [];
  if (format !== 'off') {
    const isTable = format === 'table' || format === 'wide';
    const options = { by: 'container', headers: true, all: false, sortBy: 'real' } as const;
    // On a terminal one line says where else the report is.
    const note = (): string => {
      const served = servedAt();
      const kept = reportDir === 'off' ? undefined : `kept in ${reportDir}`;
      const parts = [served === undefined ? undefined : `http://${served}/`, kept, 'Ctrl-C ends'];
      return `${parts.filter((part) => part !== undefined).join('   ')}\n`;
    };
    const screen = (report: NodeReport, lines: number | undefined): string =>
      render(report, format, { ...options, ...(lines !== undefined && { lines: lines - 1 }) }) + note();
    sinks.push(
      stdoutSink({
        output,
        render: isTable && output.isTerminal && !once ? screen : (report) => render(report, format, options),
        redraws: isTable && !once,
      }),
    );
  }
  if (reportDir !== 'off' && !once)
    sinks.push(fileSink({ directory: reportDir, render: renderYaml, replaceFile }));
  return sinks;
}
