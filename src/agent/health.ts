/** The health of the agent: whether it is live and ready, and the counters for its metrics. */
import { type CloseReason, closeReasons } from '../http/connections.ts';
import type { AgentMetrics } from '../metrics/agent.ts';
import { DurationHistogram } from '../metrics/histogram.ts';
import { version } from '../model/product.ts';
import type { NodeReport } from '../model/report.ts';
import type { Ticked } from './tick.ts';

/** The shortest time after which the agent counts as dead. On a busy node even a short period can be late by seconds. */
const graceMs = 5_000;

type ApiMetrics = Pick<AgentMetrics, 'apiFailures' | 'podsNotKept'>;

interface ClockState {
  /** How often a new reason to doubt the clock arose. */
  readonly steps: number;
  readonly condition: { readonly status: string };
}

export class Health {
  private readonly periodMs: number;
  private readonly clock: ClockState;
  /** When the last pass ended, in milliseconds of the monotonic clock. */
  private lastTick: number;
  private passes = 0;
  private readonly passDurations = new DurationHistogram();
  private lastPassSeconds = 0;
  private overruns = 0;
  private readFaults = 0;
  // Both contain every key from the start: Prometheus sees no increase in a series that begins at its first event.
  private readonly sinkFailures: Map<string, number>;
  private readonly closedConnections = new Map<CloseReason, number>(
    closeReasons.map((reason) => [reason, 0]),
  );
  private readonly apiMetrics: () => ApiMetrics;
  /** The last report. */
  report: NodeReport | undefined;

  /**
   * @param periodMs period of the passes
   * @param startedAt milliseconds of the monotonic clock
   * @param clock the state of the wall clock; trusted unless given
   * @param apiMetrics counters of the API client, if there is one
   * @param sinks names of all sinks
   */
  constructor(
    periodMs: number,
    startedAt: number,
    clock: ClockState = { steps: 0, condition: { status: 'True' } },
    apiMetrics: () => ApiMetrics = () => ({}),
    sinks: readonly string[] = [],
  ) {
    this.clock = clock;
    this.periodMs = periodMs;
    this.lastTick = startedAt;
    this.apiMetrics = apiMetrics;
    this.sinkFailures = new Map(sinks.map((sink) => [sink, 0]));
  }

  ticked({ report, faults, failures }: Ticked, startedAt: number, endedAt: number): void {
    this.lastTick = endedAt;
    this.passes++;
    this.lastPassSeconds = (endedAt - startedAt) / 1000;
    this.passDurations.observe(this.lastPassSeconds);
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

  /** Whether the last pass ended less than 1.5 periods ago, or less than 5 s. @param at milliseconds of the monotonic clock */
  isLive(at: number): boolean {
    return at - this.lastTick < Math.max(1.5 * this.periodMs, graceMs);
  }

  /** Whether there is a report to serve. */
  get isReady(): boolean {
    return this.report !== undefined;
  }

  get metrics(): AgentMetrics {
    const { passes, passDurations, lastPassSeconds, overruns, readFaults, sinkFailures, closedConnections } =
      this;
    const { steps, condition } = this.clock;
    const own = { version, passes, passDurations, lastPassSeconds, overruns, readFaults, sinkFailures };
    const clock = { clockDoubts: steps, clockTrusted: condition.status === 'True' };
    return { ...own, closedConnections, ...clock, ...this.apiMetrics() };
  }
}
