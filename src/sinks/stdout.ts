/** Reports on standard output, one under the other; on a terminal the newest in the place of the last. */
import type { NodeReport } from '../model/report.ts';
import type { Output, Sink } from '../model/sink.ts';

/** Home, then clear to the end of the screen: no flicker, and the scroll-back stays. */
const redraw = '\u001b[H\u001b[J';

export function stdoutSink(output: Output, render: (report: NodeReport) => string, redraws: boolean): Sink {
  let first = true;
  return {
    name: 'standard output',
    async write(report) {
      const text = render(report);
      const lead = output.isTerminal && redraws ? `${first ? '\u001b[2J' : ''}${redraw}` : first ? '' : '\n';
      first = false;
      await output.write(`${lead}${text}`);
    },
    async close() {},
  };
}
