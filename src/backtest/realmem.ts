/** realmem's recommender as a policy of the backtest. */

import { bestLimit, limitAfterKill, usualPrice } from '../recommend/limit.ts';
import { neededBeyond, UsageAggregate } from '../usage/aggregate.ts';
import type { Policy } from './policy.ts';
import { SimilarHours } from './similar-hours.ts';

const fiveMinutes = 300;
const hour = 3600;

/** The peak of the open window. Passes on the peak of each window that closes. */
class Window {
  private readonly seconds: number;
  private readonly close: (peak: number, at: number) => void;
  private start = Number.NaN;
  private peak = 0;
  private before = 0;

  constructor(seconds: number, close: (peak: number, at: number) => void) {
    this.seconds = seconds;
    this.close = close;
  }

  add(value: number, at: number): void {
    this.advance(at);
    this.peak = Math.max(this.peak, value);
  }

  advance(at: number): void {
    const start = Math.floor(at / this.seconds) * this.seconds;
    if (start === this.start) return;
    if (!Number.isNaN(this.start)) this.close(this.peak, this.start);
    this.start = start;
    this.before = this.peak;
    this.peak = 0;
  }

  /** The peak of the open window and the one before it. */
  get recent(): number {
    return Math.max(this.before, this.peak);
  }
}

export const realmem: Policy = {
  name: 'realmem',
  margin: usualPrice,
  // The margin is the price of an OOM kill.
  margins: Array.from({ length: 45 }, (_, index) => Math.exp(-4 + index / 4)),
  start(price) {
    const aggregate = new UsageAggregate();
    const short = new Window(fiveMinutes, (peak, at) => aggregate.usage.add(peak, at));
    const similar = new SimilarHours();
    const long = new Window(hour, (peak, at) => {
      aggregate.hour(peak, at);
      similar.add(peak, at);
    });
    const peak = (value: number, at: number): void => {
      long.add(value, at);
      aggregate.peak(value, at);
    };
    return {
      observe(at, value) {
        short.add(value, at);
        peak(value, at);
      },
      limit(at, until = Number.POSITIVE_INFINITY) {
        short.advance(at);
        long.advance(at);
        aggregate.forget(at);
        const all = aggregate.hours.at(at);
        // A limit that stays longer than an hour must fit all hours.
        const hours = until - at <= hour ? similar.weigh(all, at, long.recent) : all;
        const limit = bestLimit(aggregate, at, price, hours);
        // Memory in recent use may still be in use. And after a kill today, the limit must not fall below today's peak.
        const today = aggregate.today(at);
        const floor = today?.atLimit === undefined ? long.recent : today.peak;
        return limit === undefined ? undefined : Math.max(limit, floor);
      },
      killed(at, limit) {
        const more = limitAfterKill(aggregate, limit, price);
        peak(limit * neededBeyond, at);
        aggregate.note(at, { atLimit: limit });
        return more;
      },
    };
  },
};
