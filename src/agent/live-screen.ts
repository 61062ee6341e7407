/** The live view of a running agent: `npm start` on a terminal. The agent loads it only there. */
import { now } from '../edges/clock.ts';
import type { Io } from '../edges/process.ts';
import { lookOf } from '../layout/look.ts';
import { runLive } from '../live/run.ts';
import type { LiveState } from '../live/source.ts';
import { reportState } from '../live/source.ts';
import type { NodeReport, Sink } from '../model/report.ts';
import { hostDetail } from './host-source.ts';
import type { Node } from './tick.ts';

export interface LiveScreenOptions {
  /** Where else to find the report. Not escaped. */
  readonly about: () => string;
  /** What currently fails, one line each. Not escaped. */
  readonly troubles: () => readonly string[];
}

/** How long a warning stays on the screen, and how many lines of the log wait for its end. */
const warningMs = 60_000;
const mostLines = 1_000;

export class LiveScreen {
  private readonly options: LiveScreenOptions;
  private report: NodeReport | undefined;
  private follower: ((state: LiveState) => void) | undefined;
  private warning: { readonly text: string; readonly at: number } | undefined;
  private readonly lines: string[] = [];
  private isOpen = false;

  constructor(options: LiveScreenOptions) {
    this.options = options;
  }

  /** Shows each report. */
  readonly sink: Sink = {
    name: 'screen',
    write: async (report) => {
      this.report = report;
      this.update();
    },
    close: async () => {},
  };

  /** Keeps lines of the log until the screen closes: they would tear it. @param print prints lines at once */
  log(text: string, print: (lines: string) => void): void {
    if (!this.isOpen) {
      print(text);
      return;
    }
    this.lines.push(text);
    this.lines.splice(0, this.lines.length - mostLines);
    const warning = warningIn(text);
    if (warning === undefined) return;
    this.warning = { text: warning, at: now() };
    this.update();
  }

  /** Resolves when the reader quits, or `until` resolves. Prints the kept lines of the log then. */
  async run(node: Node, root: string, io: Io, until: Promise<unknown>): Promise<void> {
    const look = lookOf(io.env);
    this.isOpen = true;
    try {
      await runLive(
        { detail: hostDetail(node, root, look), follow: (show, signal) => this.follow(show, signal) },
        io,
        {
          by: 'container',
          sortBy: 'real',
          ...look,
          until,
        },
      );
    } finally {
      this.isOpen = false;
      for (const line of this.lines.splice(0)) io.log(line);
    }
  }

  private follow(show: (state: LiveState) => void, signal: AbortSignal): Promise<void> {
    this.follower = show;
    this.update();
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  }

  private update(): void {
    const { report, warning, follower } = this;
    if (report === undefined || follower === undefined) return;
    const { about, troubles } = this.options;
    const warnings = warning !== undefined && now() - warning.at < warningMs ? [warning.text] : [];
    const state = reportState(report, false, now(), [...new Set([...troubles(), ...warnings])]);
    follower({ ...state, title: [...state.title, about()].filter((line) => line !== '') });
  }
}

/** The message of a line of the log that says something is wrong. */
function warningIn(line: string): string | undefined {
  const [, message] = /^\{"level":"(?:warn|error|fatal)",.*"msg":(".*")\}\s*$/.exec(line) ?? [];
  return message === undefined ? undefined : String(JSON.parse(message));
}
