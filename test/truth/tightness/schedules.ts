/** Scales the synthetic workloads for the player: small, and about a second per day. */
import { type Replica, type Synthetic, synthetics, type Truth } from '../../backtest/synthetic.ts';

const MiB = 2 ** 20;
const minute = 60;
const hour = 3600;
const day = 24 * hour;

/** Sizes in bytes. */
export interface Step {
  readonly milliseconds: number;
  readonly anonymous: number;
  readonly tmpfs: number;
  /** The part of the file that the player rereads. */
  readonly file: number;
}

export type Schedule = readonly Step[];

export const heldBy = ({ anonymous, tmpfs, file }: Step): number => anonymous + tmpfs + file;

/** The largest memory of the schedules, with page cache (`all`) and without (`least`): below that the kernel must kill. */
export const boundsOf = (
  schedules: readonly Schedule[],
): { readonly least: number; readonly all: number } => ({
  least: Math.max(...schedules.flat().map((step) => heldBy(step) - step.file)),
  all: Math.max(...schedules.flat().map(heldBy)),
});

export interface PlayedWorkload {
  readonly name: string;
  readonly about: string;
  /** The length of a step in the time of the workload. */
  readonly stepSeconds: number;
  /** How often the history gets the steps. */
  readonly repeats: number;
  readonly replicas: readonly Schedule[];
  readonly truth: Pick<Truth, 'leakPerDay' | 'oddReplica'>;
}

interface Scale {
  readonly days: number;
  readonly stepSeconds: number;
  /** The played days repeat for this long. */
  readonly observedDays: number;
  /** The share of tmpfs in the memory that is not page cache. */
  readonly tmpfs?: number;
  /** A subset of the replicas: one stands out among three. */
  readonly replicas?: readonly number[];
}

const usualScale: Scale = { days: 1, stepSeconds: hour, observedDays: 14 };
const longScale: Scale = { days: 7, stepSeconds: 6 * hour, observedDays: 7 };

/** Enough steps for each workload to show its behaviour. */
const scales: Readonly<Record<string, Scale>> = {
  weekly: { ...longScale, observedDays: 14 },
  growing: longScale,
  leak: longScale,
  sawtooth: { ...usualScale, days: 1 / 48, stepSeconds: 2 * minute },
  batch: { ...usualScale, stepSeconds: 2 * hour, tmpfs: 0.5 },
  bimodal: { ...usualScale, stepSeconds: 2 * hour, replicas: [0, 1, 3] },
  step: { ...longScale, days: 9, observedDays: 9 },
  // A step rereads a file that may exceed the limit, which is slow. So play fewer steps.
  'cache-hungry': { ...usualScale, stepSeconds: 4 * hour },
};

/** Short enough for a job of 90 s. */
const sampleSeconds = 30;
const millisecondsOf = { alone: 20, rereading: 100 };

/** @param most the peak of each workload, in MiB */
export const playedWorkloads = (most: number): readonly PlayedWorkload[] =>
  synthetics.map((synthetic) => scaled(synthetic, most, scales[synthetic.name] ?? usualScale));

function scaled(synthetic: Synthetic, most: number, scale: Scale): PlayedWorkload {
  const { days, stepSeconds, observedDays } = scale;
  const { replicas, truth } = synthetic.make();
  const chosen = scale.replicas ?? Array.from(replicas.keys());
  const factor = (most * MiB) / truth.leastOf(days);
  const schedules = chosen.flatMap((number) => {
    const replica = replicas[number];
    return replica === undefined ? [] : [scheduleOf(replica, scale, factor)];
  });
  const odd = truth.oddReplica === undefined ? -1 : chosen.indexOf(truth.oddReplica);
  return {
    name: synthetic.name,
    about: synthetic.about,
    stepSeconds,
    repeats: Math.round(observedDays / days),
    replicas: schedules,
    truth: {
      ...(truth.leakPerDay !== undefined && { leakPerDay: truth.leakPerDay * factor }),
      ...(odd >= 0 && { oddReplica: odd }),
    },
  };
}

function scheduleOf({ real, rereads }: Replica, scale: Scale, factor: number): Schedule {
  const { days, stepSeconds, tmpfs = 0 } = scale;
  return Array.from({ length: Math.round((days * day) / stepSeconds) }, (_, step) => {
    const inStep = Array.from({ length: stepSeconds / sampleSeconds }, (_, sample) =>
      real(step * stepSeconds + sample * sampleSeconds),
    );
    const size = Math.max(...inStep) * factor;
    return {
      milliseconds: rereads === 0 ? millisecondsOf.alone : millisecondsOf.rereading,
      anonymous: size * (1 - tmpfs),
      tmpfs: size * tmpfs,
      file: rereads * factor,
    };
  });
}
