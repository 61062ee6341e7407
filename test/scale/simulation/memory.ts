/**
 * The memory of a container over time. The parameters follow traces of microservices in Kubernetes. Most containers are
 * steady: the logarithm over a day deviates by 2 %, and less than 1 % of the minutes change it by more than 2 %. Some move
 * by a tenth within hours. A few grow and shrink all the time. All follow the time of day a little.
 */
import type { Random } from './random.ts';

const hour = 3_600_000;
const mebibyte = 1024 ** 2;

interface Kind {
  /** The cumulative share of the kinds up to this one. */
  readonly upTo: number;
  /** The long-term deviation of the logarithm. */
  readonly deviation: number;
  /** The correlation time. */
  readonly memoryMs: number;
  /** The daily amplitude of the logarithm. */
  readonly day: number;
}

const kinds: readonly Kind[] = [
  { upTo: 0.75, deviation: 0.02, memoryMs: 3 * hour, day: 0.02 },
  { upTo: 0.95, deviation: 0.08, memoryMs: 4 * hour, day: 0.08 },
  { upTo: 1, deviation: 0.3, memoryMs: 0.5 * hour, day: 0.1 },
];

const startMs = 180_000;

export class Memory {
  readonly requestBytes: number | undefined;
  limitBytes: number | undefined;
  /** The peak since the agent started to observe. */
  peakBytes = 0;
  private readonly random: Random;
  private readonly kind: Kind;
  private readonly phase: number;
  private base: number;
  private startedAt: number;
  private offset: number;
  private at: number;

  constructor(random: Random, at: number, startedAt: number) {
    this.random = random;
    const chance = random.next();
    this.kind = kinds.find(({ upTo }) => chance < upTo) as Kind;
    this.base = Math.min(32 * 1024, 150 * Math.exp(1.2 * random.normal())) * mebibyte;
    this.phase = random.next() * 4 * hour;
    this.offset = this.kind.deviation * random.normal();
    this.at = at;
    this.startedAt = startedAt;
    const limit = Math.round((this.base * (1.15 + 2 * random.next())) / mebibyte) * mebibyte;
    this.limitBytes = random.next() < 0.7 ? limit : undefined;
    this.requestBytes =
      random.next() < 0.8 ? Math.round((this.base * (0.5 + random.next())) / mebibyte) * mebibyte : undefined;
  }

  /** Restarts the container. */
  restart(at: number): void {
    this.startedAt = at;
  }

  /** Changes its load from now on. */
  scale(factor: number): void {
    this.base *= factor;
  }

  /** Real memory. */
  realAt(at: number): number {
    const { deviation, memoryMs, day } = this.kind;
    const kept = Math.exp(-Math.max(0, at - this.at) / memoryMs);
    this.offset = kept * this.offset + deviation * Math.sqrt(1 - kept * kept) * this.random.normal();
    this.at = at;
    const rhythm = day * Math.sin((2 * Math.PI * (at + this.phase)) / (24 * hour));
    const start = Math.min(1, 0.3 + (0.7 * (at - this.startedAt)) / startMs);
    const bytes = Math.round((this.base * Math.exp(this.offset + rhythm) * start) / 4096) * 4096;
    const real = Math.min(bytes, this.limitBytes ?? bytes);
    this.peakBytes = Math.max(this.peakBytes, real);
    return real;
  }
}
