/** The recommender as a backtest asks it. */
import { neededBeyond } from '../model/demand.ts';
import { LogHistogram } from '../model/log-histogram.ts';
import type { Policy } from '../model/policy.ts';
import { limitAfterKill, limitOf, usualPrice } from './limit.ts';

const fiveMinutes = 300;
const hour = 3600;
const day = 86_400;
const halfLifeDays = 7;
const daysKept = 14;

/** The largest of the window that is open; one that closes is passed on. */
class Window {
  private readonly seconds: number;
  private readonly close: (peak: number, at: number) => void;
  private start = Number.NaN;
  peak = 0;

  constructor(seconds: number, close: (peak: number, at: number) => void) {
    this.seconds = seconds;
    this.close = close;
  }

  add(value: number, at: number): void {
    this.to(at);
    this.peak = Math.max(this.peak, value);
  }

  to(at: number): void {
    const start = Math.floor(at / this.seconds) * this.seconds;
    if (start === this.start) return;
    if (!Number.isNaN(this.start)) this.close(this.peak, this.start);
    this.start = start;
    this.peak = 0;
  }
}

export const realmem: Policy = {
  name: 'realmem',
  margin: usualPrice,
  // The price of a kill, from cheap to dear.
  margins: Array.from({ length: 45 }, (_, index) => Math.exp(-4 + index / 4)),
  start(price) {
    const hours = new LogHistogram(halfLifeDays);
    const usage = new LogHistogram(halfLifeDays);
    const days: { readonly at: number; readonly peak: number }[] = [];
    const windows = {
      usage: new Window(fiveMinutes, (peak, at) => usage.add(peak, at)),
      hour: new Window(hour, (peak, at) => hours.add(peak, at)),
      day: new Window(day, (peak, at) => {
        days.push({ at, peak });
        while ((days[0]?.at ?? at) < at - daysKept * day) days.shift();
      }),
    };
    const observe = (at: number, value: number): void => {
      for (const window of Object.values(windows)) window.add(value, at);
    };
    return {
      observe,
      limit(at) {
        for (const window of Object.values(windows)) window.to(at);
        const open = windows.day.peak;
        const largest = Math.max(open, ...days.map(({ peak }) => peak));
        const limit = limitOf({ hours, usage, largest }, at, price);
        return limit === undefined ? undefined : Math.max(limit, open);
      },
      killed(at, limit) {
        const more = limitAfterKill({ usage }, limit, price);
        for (const window of [windows.hour, windows.day]) window.add(limit * neededBeyond, at);
        return more;
      },
    };
  },
};
