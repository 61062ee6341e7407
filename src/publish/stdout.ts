/** Prints reports to standard output. On a terminal each report can replace the last one. */

import type { Output } from '../edges/process.ts';
import type { NodeReport, Sink } from '../model/report.ts';

/** Size of the terminal. `lines` only if reports replace each other. */
export interface Room {
  readonly lines?: number;
  readonly columns?: number;
}

export interface StdoutSinkOptions {
  readonly output: Output;
  readonly render: (report: NodeReport, room: Room) => string;
  /** Whether a report replaces the last one on a terminal. */
  readonly redraws: boolean;
}

const clear = '\u001b[2J';
/** Moves the cursor home, then clears what is below. That does not flicker. */
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
