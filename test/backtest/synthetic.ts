/** Synthetic workloads with a known truth: what each needs, which one leaks, and which replica is the odd one. */
import { randomFrom } from '../../src/backtest/compare.ts';

const minute = 60;
const hour = 3600;
const day = 24 * hour;

type Parameters = Readonly<Record<string, number>>;

/** Sizes are in MiB. Times are in seconds since midnight of a Monday. */
interface Rule {
  /** The need at a time, without page cache. */
  need(at: number, replica: number): number;
  /** The largest need on a day (from 0), even if no sample hits it. */
  peak(day: number): number;
  /** File pages that it reads again and again. */
  readonly rereads?: number;
  readonly replicas?: number;
  readonly oddReplica?: number;
  readonly leakPerDay?: number;
}

export interface Synthetic {
  readonly name: string;
  /** One sentence on its behaviour. */
  readonly about: string;
  /** Each name says its unit: MiB, days, hours, seconds or a share. */
  readonly parameters: Parameters;
  make(options?: Options): Made;
}

export interface Options {
  /** The same seed gives the same noise. */
  readonly seed?: number;
  /** Overrides the parameters of the workload. */
  readonly parameters?: Parameters;
  /** The share by which a sample can be below the need, at random. */
  readonly noise?: number;
}

export interface Made {
  readonly replicas: readonly Replica[];
  readonly truth: Truth;
}

export interface Replica {
  /** Without page cache. */
  real(at: number): number;
  /** Page cache. */
  readonly rereads: number;
}

/** All replicas have the same limit. It includes the pages that they reread. */
export interface Truth {
  /** The smallest limit that holds on a day (from 0). */
  leastOn(day: number): number;
  /** The smallest limit that holds on all of the first `days` days. */
  leastOf(days: number): number;
  /** Absent if it does not leak. */
  readonly leakPerDay?: number;
  readonly oddReplica?: number;
}

/** The minimum is at 3:00, the maximum at 15:00. */
const wave = (at: number, night: number, noon: number): number =>
  night + (noon - night) * (0.5 - 0.5 * Math.cos((2 * Math.PI * (at - 3 * hour)) / day));

const dayOf = (at: number): number => Math.floor(at / day);
const isBetween = (at: number, from: number, seconds: number): boolean => at >= from && at < from + seconds;

export const synthetics: readonly Synthetic[] = [
  workload('steady', 'Always needs the same memory.', { size: 200 }, ({ size }) => ({
    need: () => size,
    peak: () => size,
  })),
  workload(
    'diurnal',
    'Follows its users: minimum at 3:00, maximum at 15:00.',
    { night: 150, noon: 400 },
    ({ night, noon }) => ({ need: (at) => wave(at, night, noon), peak: () => noon }),
  ),
  workload(
    'weekly',
    'Follows its users on working days, rests at the weekend, and runs a job on Mondays at 1:00.',
    { night: 150, noon: 300, job: 500, jobHours: 1 },
    ({ night, noon, job, jobHours }) => ({
      need: (at) => {
        if (isBetween(at % (7 * day), hour, jobHours * hour)) return job;
        return dayOf(at) % 7 < 5 ? wave(at, night, noon) : night;
      },
      peak: (day) => (day % 7 === 0 ? job : day % 7 < 5 ? noon : night),
    }),
  ),
  workload(
    'growing',
    'Follows its users, who grow by 2 % each day, and frees the memory at night.',
    { night: 100, noon: 200, growth: 0.02 },
    ({ night, noon, growth }) => ({
      need: (at) => wave(at, night, noon) * (1 + growth) ** dayOf(at),
      peak: (day) => noon * (1 + growth) ** day,
    }),
  ),
  workload('leak', 'Never frees memory.', { start: 100, leakPerDay: 24 }, ({ start, leakPerDay }) => ({
    need: (at) => start + (leakPerDay * at) / day,
    peak: (day) => start + leakPerDay * (day + 1),
    leakPerDay,
  })),
  workload(
    'sawtooth',
    'Fills its heap and collects the garbage, all day.',
    { live: 120, garbage: 180, periodSeconds: 10 * minute },
    ({ live, garbage, periodSeconds }) => ({
      need: (at) => live + (garbage * (at % periodSeconds)) / periodSeconds,
      peak: () => live + garbage,
    }),
  ),
  workload(
    'batch',
    'Runs a short job each night at 2:00, and idles otherwise.',
    { idle: 20, job: 400, jobSeconds: 90 },
    ({ idle, job, jobSeconds }) => ({
      need: (at) => (isBetween(at % day, 2 * hour, jobSeconds) ? job : idle),
      peak: () => job,
    }),
  ),
  workload(
    'bimodal',
    'One replica serves the largest customer, and needs much more than the others.',
    { usual: 120, odd: 400, replicas: 10, oddReplica: 3 },
    ({ usual, odd, replicas, oddReplica }) => ({
      need: (_, replica) => (replica === oddReplica ? odd : usual),
      peak: () => odd,
      replicas,
      oddReplica,
    }),
  ),
  workload(
    'step',
    'A new version, deployed after some days at 10:00, needs more memory.',
    { before: 150, after: 260, deployDay: 5 },
    ({ before, after, deployDay }) => ({
      need: (at) => (at < deployDay * day + 10 * hour ? before : after),
      peak: (day) => (day < deployDay ? before : after),
    }),
  ),
  workload(
    'cache-hungry',
    'Needs little memory, and rereads its files all the time.',
    { size: 50, rereads: 250 },
    ({ size, rereads }) => ({ need: () => size, peak: () => size, rereads }),
  ),
];

function workload<Own extends Parameters>(
  name: string,
  about: string,
  own: Own,
  ruleOf: (parameters: Own) => Rule,
): Synthetic {
  return {
    name,
    about,
    parameters: own,
    make: ({ parameters, seed = 1, noise = 0.05 } = {}) =>
      made(ruleOf({ ...own, ...parameters }), seed, noise),
  };
}

function made(rule: Rule, seed: number, noise: number): Made {
  const { replicas = 1, rereads = 0, oddReplica, leakPerDay } = rule;
  const leastOn = (day: number): number => rule.peak(day) + rereads;
  return {
    replicas: Array.from({ length: replicas }, (_, replica) => ({
      real: (at) => rule.need(at, replica) * (1 - noise * chance(seed, replica, at)),
      rereads,
    })),
    truth: {
      leastOn,
      leastOf: (days) => Math.max(...Array.from({ length: Math.ceil(days) }, (_, index) => leastOn(index))),
      ...(leakPerDay !== undefined && { leakPerDay }),
      ...(oddReplica !== undefined && { oddReplica }),
    },
  };
}

/** A number from 0 to 1, the same for the same arguments. */
const chance = (seed: number, replica: number, at: number): number =>
  randomFrom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(replica + 1, 0x85ebca6b) ^ Math.round(at))();
