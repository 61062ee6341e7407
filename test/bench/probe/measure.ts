/** Measures one workload: what it does without a limit and during probes, and the smallest limit that holds it. */
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { krr } from '../../../src/backtest/krr.ts';
import type { Answer } from '../../../src/probe/answer.ts';
import { endProcesses } from '../../host/machine/command.ts';
import { smallestThatHolds } from './bisect.ts';
import type { Container } from './container.ts';
import { type Sample, type Span, Timeline } from './timeline.ts';
import type { Place, Workload } from './workloads.ts';

export interface Plan {
  /** Seconds of the windows that are compared. */
  readonly window: number;
  /** Probes of each workload. */
  readonly rounds: number;
  /** Of one probe, as `--duration` takes it. */
  readonly duration: string;
}

/** A limit holds a workload that does at least this share of its operations without a limit. */
const leastThroughput = 0.95;
/** Windows of one limit. */
const mostWindows = 3;
/** And that reads at most this share of the file pages that it accesses from the disk again. */
const mostRefaults = 0.01;

export interface Trial {
  readonly limitBytes: number;
  readonly holds: boolean;
  /** Absent: the kernel could not set the limit, or it killed the workload. */
  readonly throughput?: number;
  readonly refaultShare?: number;
}

export interface Round {
  readonly answer: Answer;
  /** Of the command, from its start to its end. */
  readonly seconds: number;
  /** Operations per second during the probe. */
  readonly during: number;
  readonly before: number;
  readonly after: number;
  /** Every five seconds of the window before the probe. */
  readonly memory: readonly Memory[];
}

/** In bytes. */
export interface Memory {
  readonly realBytes: number;
  readonly activeFileBytes: number;
  readonly inactiveFileBytes: number;
}

export interface Measured {
  readonly name: string;
  readonly what: string;
  readonly operationsPerSecond: number;
  readonly pagesPerSecond: number;
  readonly smallestBytes: number;
  readonly trials: readonly Trial[];
  readonly rounds: readonly Round[];
  /** The lowest of the answers as a limit. */
  readonly lowest: Trial;
  readonly krrBytes: number;
}

/** `realmem probe` refuses a container in its first minute. */
const leastAgeMs = 61_000;

export class Measurement {
  private readonly workload: Workload;
  private readonly container: Container;
  private readonly plan: Plan;
  private readonly realmem: readonly string[];
  private readonly say: (line: string) => void;
  private timeline = new Timeline();
  private startedAt = 0;
  private readonly workingSets: number[] = [];

  constructor(
    workload: Workload,
    container: Container,
    plan: Plan,
    { realmem }: Place,
    say: (line: string) => void,
  ) {
    this.workload = workload;
    this.container = container;
    this.plan = plan;
    this.realmem = realmem;
    this.say = (line) => say(`${workload.name.padEnd(9)} ${line}`);
  }

  async measure(): Promise<Measured> {
    const { name, what } = this.workload;
    try {
      await this.start();
      const free = await this.watched(this.plan.window);
      this.say(
        `${free.operationsPerSecond.toFixed(1)} operations/s, ${free.pagesPerSecond.toFixed(0)} file pages/s, ${free.refaults} refaults without a limit`,
      );
      const rounds = await this.probes(free);
      // Of the time without a limit: that is what KRR would see.
      const krrBytes = krrOf(this.workingSets);
      const { smallestBytes, trials } = await this.bisect(free);
      this.say(`smallest limit that holds: ${mebibytes(smallestBytes)}; KRR ${mebibytes(krrBytes)}`);
      const lowest = await this.trial(Math.min(...rounds.map(({ answer }) => answer.needsBytes)), free);
      const { operationsPerSecond, pagesPerSecond } = free;
      return {
        ...{ name, what, operationsPerSecond, pagesPerSecond },
        ...{ smallestBytes, trials, lowest, rounds, krrBytes },
      };
    } finally {
      this.container.empty();
    }
  }

  /** Starts the workload without a limit, and waits until it has read what it needs. */
  private async start(): Promise<void> {
    this.container.setLimit(undefined);
    this.container.empty();
    const timeline = new Timeline();
    this.timeline = timeline;
    await this.workload.start(this.container, {
      counted: (counts) => {
        const sample = { at: performance.now(), ...counts, ...this.container.figures };
        timeline.push(sample);
      },
      ended: () => timeline.end(),
    });
    this.startedAt = performance.now();
    await this.watched(this.settleSeconds);
  }

  /** Reading all hot files takes some seconds. */
  private get settleSeconds(): number {
    return Math.max(5, Math.round(this.plan.window / 4));
  }

  private async watched(seconds: number): Promise<Span> {
    const span = await this.timeline.watch(seconds);
    if (span === undefined) throw new Error(`${this.workload.name} ended without a limit`);
    this.workingSets.push(...span.samples.map(workingSetOf));
    return span;
  }

  private async probes(free: Span): Promise<readonly Round[]> {
    const rounds: Round[] = [];
    const { window } = this.plan;
    await this.watched(Math.max(1, Math.ceil((this.startedAt + leastAgeMs - performance.now()) / 1000)));
    await this.container.readAllFiles();
    await this.watched(this.settleSeconds);
    let before = await this.watched(window);
    for (let round = 0; round < this.plan.rounds; round++) {
      const began = performance.now();
      const { value: answer, span } = await this.timeline.during(() => this.probe());
      const seconds = (performance.now() - began) / 1000;
      this.workingSets.push(...span.samples.map(workingSetOf));
      await this.container.readAllFiles();
      await this.watched(this.settleSeconds);
      const after = await this.watched(window);
      rounds.push({
        answer,
        seconds,
        during: span.operationsPerSecond,
        before: before.operationsPerSecond,
        after: after.operationsPerSecond,
        memory: before.samples.filter((_, second) => second % 5 === 0).map(memoryOf),
      });
      const share = span.operationsPerSecond / before.operationsPerSecond;
      this.say(
        `probe ${round + 1}: ${answer.isAtMost ? 'at most ' : ''}${mebibytes(answer.needsBytes)} ± ${mebibytes(answer.errorBytes)} in ${seconds.toFixed(0)} s (${answer.stopped}); throughput ${(share * 100).toFixed(1)} %`,
      );
      before = after;
    }
    if (free.operationsPerSecond <= 0) throw new Error(`${this.workload.name} did nothing`);
    return rounds;
  }

  private async probe(): Promise<Answer> {
    const [program = '', ...words] = this.realmem;
    const { id } = this.container;
    const child = this.container.spawn(
      [program, ...words, 'probe', id, '--duration', this.plan.duration, '-o', 'json'],
      { isOutside: true },
    );
    const kill = (): void => endProcesses(child.pid === undefined ? [] : [child.pid], 0);
    process.once('exit', kill);
    const [out, messages, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    process.off('exit', kill);
    if (code !== 0) throw new Error(`realmem probe ended with ${code}: ${messages}`);
    return JSON.parse(out) as Answer;
  }

  private async bisect(free: Span): Promise<Pick<Measured, 'smallestBytes' | 'trials'>> {
    const trials: Trial[] = [];
    const real = Math.min(...free.samples.map(realOf));
    const bracket = {
      low: real,
      guess: real + this.workload.expectedCacheBytes + 2 ** 20,
      high: Math.max(...this.timeline.samples.map(({ usageBytes }) => usageBytes)),
    };
    const smallestBytes = await smallestThatHolds(bracket, async (limitBytes) => {
      const trial = await this.trial(limitBytes, free);
      trials.push(trial);
      return trial.holds;
    });
    return { smallestBytes, trials };
  }

  private async trial(limitBytes: number, free: Span): Promise<Trial> {
    const trial = { limitBytes, ...(await this.tried(limitBytes, free)) };
    const { throughput = Number.NaN, refaultShare = Number.NaN, holds } = trial;
    this.say(
      `limit ${mebibytes(limitBytes)}: throughput ${(throughput * 100).toFixed(1)} %, refaults ${(refaultShare * 100).toFixed(2)} %: ${holds ? 'holds' : 'does not hold'}`,
    );
    return trial;
  }

  /**
   * Other load on the machine costs throughput too, and only refaults tell which of both it was. So a window that fails by throughput alone is
   * repeated, and the best one counts.
   */
  private async tried(limit: number, free: Span): Promise<Omit<Trial, 'limitBytes'>> {
    if (this.timeline.isEnded) await this.start();
    if (!this.container.setLimit(limit)) return { holds: false };
    // It warms up under the limit.
    const settled = await this.timeline.watch(this.settleSeconds);
    let best: Omit<Trial, 'limitBytes'> = { holds: false };
    for (let window = 0; window < mostWindows; window++) {
      const trial = settled && (await this.trialWindow(free));
      if (trial === undefined) {
        // Killed or stuck: it starts again without a limit.
        this.timeline.end();
        this.container.empty();
        return { holds: false };
      }
      if (trial.throughput > (best.throughput ?? 0)) best = trial;
      if (trial.holds || trial.refaultShare > mostRefaults) return trial;
    }
    return best;
  }

  /** @returns undefined if the workload ended */
  private async trialWindow(free: Span): Promise<Required<Omit<Trial, 'limitBytes'>> | undefined> {
    const { window } = this.plan;
    const most = mostRefaults * free.pagesPerSecond * window;
    // It cannot hold any more.
    const isTooMuch = ({ refaults }: Span): boolean => refaults > most;
    const span = await this.timeline.watch(window, isTooMuch);
    if (span === undefined) return undefined;
    const throughput = span.operationsPerSecond / free.operationsPerSecond;
    const refaultShare = span.refaults / Math.max(1, span.pages);
    return { holds: throughput >= leastThroughput && refaultShare <= mostRefaults, throughput, refaultShare };
  }
}

/** The kubelet's formula. */
const workingSetOf = ({ usageBytes, inactiveFileBytes }: Sample): number => usageBytes - inactiveFileBytes;

const realOf = ({ usageBytes, activeFileBytes, inactiveFileBytes }: Sample): number =>
  usageBytes - activeFileBytes - inactiveFileBytes;

const memoryOf = (sample: Sample): Memory => ({
  realBytes: realOf(sample),
  activeFileBytes: sample.activeFileBytes,
  inactiveFileBytes: sample.inactiveFileBytes,
});

/** KRR's limit for what it has seen, with its own floor. */
function krrOf(workingSets: readonly number[]): number {
  const policy = krr(true);
  const times = Float64Array.from(workingSets.keys());
  const series = { name: 'measured', times, values: Float64Array.from(workingSets), stepSeconds: 1 };
  const sizer = policy.start(policy.margin, series);
  for (const [second, value] of workingSets.entries()) sizer?.observe(second, value);
  const limit = sizer?.limit(workingSets.length);
  if (limit === undefined) throw new Error('expected a limit of KRR, got none');
  return limit;
}

export const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
