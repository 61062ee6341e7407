/** Whether the agent is alive and ready, and what it counts of itself. */
import { type CloseReason, closeReasons } from '../http/connections.ts';
import { version } from '../model/product.ts';
import type { NodeReport } from '../model/report.ts';
import type { AgentMetrics } from '../render/metrics.ts';
import type { Ticked } from './tick.ts';

/** A tick of a fast schedule may be late by this much on a busy node. */
const graceMs = 5_000;

type ApiMetrics = Pick<AgentMetrics, 'apiFailures' | 'podsNotKept'>;

interface ClockState {
  /** How often it was doubted. */
  readonly steps: number;
  readonly condition: { readonly status: string };
}

export class Health {
  private readonly periodMs: number;
  private readonly clock: ClockState;
  private lastTick: number;
  private passes = 0;
  private passSeconds = 0;
  private lastPassSeconds = 0;
  private overruns = 0;
  private readFaults = 0;
  private readonly sinkFailures = new Map<string, number>();
  /** Every reason from the start: a series that begins at its first event shows no increase. */
  private readonly closedConnections = new Map<CloseReason, number>(
    closeReasons.map((reason) => [reason, 0]),
  );
  private readonly apiMetrics: () => ApiMetrics;
  report: NodeReport | undefined;

  /**
   * @param clock of the machine: unless given it is believed
   * @param apiMetrics what is counted of the API, where there is one
   */
  constructor(
    periodMs: number,
    startedAt: number,
    clock: ClockState = { steps: 0, condition: { status: 'True' } },
    apiMetrics: () => ApiMetrics = () => ({}),
  ) {
    this.clock = clock;
    this.periodMs = periodMs;
    this.lastTick = startedAt;
    this.apiMetrics = apiMetrics;
  }

  ticked({ report, faults, failures }: Ticked, startedAt: number, endedAt: number): void {
    this.lastTick = endedAt;
    this.passes++;
    this.lastPassSeconds = (endedAt - startedAt) / 1000;
    this.passSeconds += this.lastPassSeconds;
    this.readFaults += faults.length;
    this.report = report ?? this.report;
    for (const { sink } of failures) this.sinkFailures.set(sink, (this.sinkFailures.get(sink) ?? 0) + 1);
  }

  connectionClosed(reason: CloseReason): void {
    this.closedConnections.set(reason, (this.closedConnections.get(reason) ?? 0) + 1);
  }

  overran(): void {
    this.overruns++;
  }

  /** The last tick is younger than one and a half periods. */
  isLive(at: number): boolean {
    return at - this.lastTick < Math.max(1.5 * this.periodMs, graceMs);
  }

  /** There is a report to read. */
  get isReady(): boolean {
    return this.report !== undefined;
  }

  get metrics(): AgentMetrics {
    const { passes, passSeconds, lastPassSeconds, overruns, readFaults, sinkFailures, closedConnections } =
      this;
    const { steps, condition } = this.clock;
    const own = { version, passes, passSeconds, lastPassSeconds, overruns, readFaults, sinkFailures };
    const clock = { clockDoubts: steps, clockTrusted: condition.status === 'True' };
    return { ...own, closedConnections, ...clock, ...this.apiMetrics() };
  }
}
