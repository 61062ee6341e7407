/** The result of a run: how much each program needs, their ratios, and whether these reach the goals. */
import { type Load, loads, type Turn } from './turns.ts';

const MB = 1e6;

/** CPU time of realmem as a share of cAdvisor's, by the seconds between two samples. */
const cpuGoals: Readonly<Record<number, number>> = { 1: 1 / 20, 15: 1 / 10 };
/** In MB. */
const memoryGoals = { anonymousBytes: 22, rssBytes: 72 } as const;

export interface Range {
  readonly least: number;
  readonly mean: number;
  readonly most: number;
}

export interface Row {
  readonly what: 'CPU' | 'anonymous' | 'RSS';
  readonly unit: 'ms/s' | 'MB';
  readonly period: number;
  readonly load: Load;
  readonly realmem: Range;
  readonly cadvisor: Range;
  /** realmem's mean as a share of cAdvisor's. */
  readonly ratio: number;
  /** Absent if there is none. */
  readonly goal?: string;
  /** realmem's figure at the goal, in the unit. */
  readonly goalAt?: number;
  readonly isReached?: boolean;
}

const rangeOf = (values: readonly number[]): Range => ({
  least: Math.min(...values),
  mean: values.reduce((sum, value) => sum + value, 0) / values.length,
  most: Math.max(...values),
});

export function rowsOf(turns: readonly Turn[]): readonly Row[] {
  const cells = [...new Set(turns.map(({ period }) => period))].flatMap((period) =>
    loads.map((load) => ({
      period,
      load,
      own: turns.filter((turn) => turn.period === period && turn.load === load),
    })),
  );
  const measured = cells.filter(({ own }) => own.length > 0);
  const row = (
    of: Pick<Row, 'what' | 'unit'>,
    { period, load, own }: (typeof measured)[number],
    value: (turn: Turn) => number,
    judge: (ours: Range, theirs: Range) => Pick<Row, 'goal' | 'goalAt' | 'isReached'>,
  ): Row => {
    const range = (program: Turn['program']): Range =>
      rangeOf(own.filter((turn) => turn.program === program).map(value));
    const [realmem, cadvisor] = [range('realmem'), range('cAdvisor')];
    const ratio = realmem.mean / cadvisor.mean;
    return { ...of, period, load, realmem, cadvisor, ratio, ...judge(realmem, cadvisor) };
  };
  const cpu = measured.map((cell) =>
    row(
      { what: 'CPU', unit: 'ms/s' },
      cell,
      ({ cpuMs }) => cpuMs,
      (ours, theirs) => {
        const most = cpuGoals[cell.period];
        if (most === undefined) return {};
        const goalAt = most * theirs.mean;
        return { goal: `≤ ${formatRatio(most)}`, goalAt, isReached: ours.mean <= goalAt };
      },
    ),
  );
  const memory = (['anonymousBytes', 'rssBytes'] as const).flatMap((key) =>
    measured.map((cell) =>
      row(
        { what: key === 'rssBytes' ? 'RSS' : 'anonymous', unit: 'MB' },
        cell,
        (turn) => turn[key] / MB,
        ({ most }) => {
          const goalAt = memoryGoals[key];
          return { goal: `≤ ${goalAt} MB`, goalAt, isReached: most <= goalAt };
        },
      ),
    ),
  );
  return [...cpu, ...memory];
}

/** 0.1 is 1/10. */
export const formatRatio = (ratio: number): string => {
  if (ratio >= 1) return ratio.toFixed(1);
  const one = 1 / ratio;
  return `1/${one >= 20 || Number.isInteger(one) ? Math.round(one) : one.toFixed(1)}`;
};

/** The mean of the rounds, with the range if they differ as shown. */
export function formatRange({ least, mean, most }: Range): string {
  const digits = most < 10 ? 2 : most < 100 ? 1 : 0;
  const [from, to] = [least.toFixed(digits), most.toFixed(digits)];
  return from === to ? mean.toFixed(digits) : `${from}–${to}`;
}
