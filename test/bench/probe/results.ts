/** Keeps what was measured, so that an interrupted run goes on where it ended. */
import fs from 'node:fs';
import type { Lru } from '../../../src/model/cgroup.ts';
import type { Measured, Plan, Round } from './measure.ts';
import { type SuggestedLimit, suggestedLimits } from './suggested.ts';

export const kernels = ['here', 'guest', 'guest-mglru'] as const;
/** Where it was measured: on this machine, or in the emulated one with or without the multi-generational LRU. */
export type Kernel = (typeof kernels)[number];

export const lruOf = (kernel: Kernel): Lru => (kernel === 'guest-mglru' ? 'multi-generational' : 'classic');

/** Where and when a workload was measured, for people. */
export interface Origin {
  readonly machine: string;
  /** Of the sources, as `git describe` prints it. */
  readonly commit: string;
  /** RFC 3339. */
  readonly at: string;
}

export interface Failed {
  readonly name: string;
  /** One line. */
  readonly why: string;
}

export interface Results {
  readonly plan: Plan;
  readonly workloads: readonly (Measured & Origin)[];
  /** Those whose last measurement gave no figures. */
  readonly failed: readonly Failed[];
}

const fileOf = (kernel: Kernel): URL => new URL(`results/${kernel}.json`, import.meta.url);

export function readResults(kernel: Kernel): Results | undefined {
  const file = fileOf(kernel);
  if (!fs.existsSync(file)) return undefined;
  const results = JSON.parse(fs.readFileSync(file, 'utf8')) as Results;
  // An earlier version of the benchmark wrote other fields.
  return Array.isArray(results.failed) ? results : undefined;
}

export function writeResults(kernel: Kernel, results: Results): void {
  const file = fileOf(kernel);
  fs.mkdirSync(new URL('.', file), { recursive: true });
  const unfinished = new URL(`${file.href}.unfinished`);
  fs.writeFileSync(unfinished, textOf(results));
  fs.renameSync(unfinished, file);
}

/** JSON with a line for each workload, so that a change of one shows as such. */
function textOf({ plan, workloads, failed }: Results): string {
  const lines = workloads.map((one) => JSON.stringify(one)).join(',\n');
  return `{"plan":${JSON.stringify(plan)},"failed":${JSON.stringify(failed)},"workloads":[\n${lines}\n]}\n`;
}

const MiB = 2 ** 20;

/** How far an answer may be off. */
export const toleranceOf = (smallestBytes: number): number => Math.max(0.1 * smallestBytes, 4 * MiB);

export interface Row extends Omit<Measured, 'rounds' | 'trials'> {
  /** Of all rounds, the one whose answer is farthest from the smallest limit that holds. */
  readonly worst: Round;
  /** Answer − smallest limit that holds, in bytes. */
  readonly offBytes: number;
  readonly isWithin: boolean;
  /** Of the probe that took longest, and of its command with the start of the program. */
  readonly seconds: number;
  readonly commandSeconds: number;
  /** Directly before the worst probe, in bytes. */
  readonly activeFileBytes: number;
  readonly workingSetBytes: number;
  /** By round. */
  readonly suggested: readonly SuggestedLimit[];
  /** Throughput during a probe / the mean of before and after: the median of the rounds, the least and the most. */
  readonly throughput: { readonly median: number; readonly from: number; readonly to: number };
}

export function rowOf({ rounds, trials: _, ...rest }: Measured, lru: Lru): Row {
  const off = ({ answer }: Round): number => answer.needsBytes - rest.smallestBytes;
  const [worst] = rounds.toSorted((a, b) => Math.abs(off(b)) - Math.abs(off(a)));
  const ratios = rounds
    .map(({ during, before, after }) => during / ((before + after) / 2))
    .toSorted((a, b) => a - b);
  const [from, to] = [ratios[0], ratios.at(-1)];
  const last = worst?.memory.at(-1);
  if (worst === undefined || last === undefined || from === undefined || to === undefined)
    throw new Error(`${rest.name}: expected a probe, got none`);
  const middle = (ratios.length - 1) / 2;
  const median = ((ratios[Math.floor(middle)] as number) + (ratios[Math.ceil(middle)] as number)) / 2;
  return {
    ...rest,
    worst,
    offBytes: off(worst),
    isWithin: Math.abs(off(worst)) <= toleranceOf(rest.smallestBytes),
    seconds: Math.max(...rounds.map(({ answer }) => answer.seconds)),
    commandSeconds: Math.max(...rounds.map((round) => round.seconds)),
    activeFileBytes: last.activeFileBytes,
    workingSetBytes: last.realBytes + last.activeFileBytes,
    suggested: suggestedLimits(rounds, lru),
    throughput: { median, from, to },
  };
}

/** The goals that it misses, for people. */
export function missesOf({
  name,
  isWithin,
  seconds,
  throughput,
  suggested,
  smallestBytes,
}: Row): readonly string[] {
  const misses: string[] = [];
  if (!isWithin) misses.push('the answer is off by more than 10 % and 4 MiB');
  if (seconds >= longestSeconds) misses.push(`the probe took ${seconds.toFixed(1)} s`);
  if (throughput.median < leastThroughput) misses.push(`throughput fell to ${percent(throughput.median)}`);
  for (const { afterBytes } of suggested) {
    if (afterBytes === undefined) {
      misses.push('nothing could be kept for suggestions');
      continue;
    }
    const ratio = afterBytes / smallestBytes;
    if (ratio < 1 || ratio > mostRatio)
      misses.push(`the suggested limit is ${ratio.toFixed(2)} × the smallest`);
  }
  return misses.map((miss) => `${name}: ${miss}`);
}

/** Two minutes, and the last wait. */
const longestSeconds = 121;
const leastThroughput = 0.9;
const mostRatio = 1.15;

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
