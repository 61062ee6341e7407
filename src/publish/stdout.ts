/** Reports on standard output: one under the other, or on a terminal the newest in the place of the last. */
import type { NodeReport } from '../model/report.ts';
import type { Output, Sink } from '../model/sink.ts';

/** What fits: on a terminal that is redrawn its lines, on any terminal its columns. */
export interface Room {
  readonly lines?: number;
  readonly columns?: number;
}

export interface StdoutSinkOptions {
  readonly output: Output;
  readonly render: (report: NodeReport, room: Room) => string;
  /** Whether a report takes the place of the last one, where the output is a terminal. */
  readonly redraws: boolean;
}

const clear = '\u001b[2J';
/** Home, then clear what is below: no flicker. */
const home = '\u001b[H\u001b[J';

export function stdoutSink({ output, render, redraws }: StdoutSinkOptions): Sink {
  const inPlace = output.isTerminal && redraws;
  let first = true;
  return {
    name: 'standard output',
    async write(report) {
      const { lines, columns } = output;
      const text = render(report, {
        ...(inPlace && lines !== undefined && { lines }),
        ...(columns !== undefined && { columns }),
      });
      const lead = inPlace ? `${first ? clear : ''}${home}` : first ? '' : '\n';
      first = false;
      await output.write(`${lead}${text}`);
    },
    async close() {},
  };
}
