/** Keeps what was measured, so that an interrupted run goes on where it ended. */
import fs from 'node:fs';
import type { Measured, Plan, Round } from './measure.ts';

export const kernels = ['here', 'guest', 'guest-mglru'] as const;
/** Where it was measured: on this machine, or in the emulated one with or without the multi-generational LRU. */
export type Kernel = (typeof kernels)[number];

export interface Results {
  /** For people. */
  readonly machine: string;
  readonly plan: Plan;
  readonly workloads: readonly Measured[];
}

const fileOf = (kernel: Kernel): URL => new URL(`results/${kernel}.json`, import.meta.url);

export function readResults(kernel: Kernel): Results | undefined {
  const file = fileOf(kernel);
  return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, 'utf8')) as Results) : undefined;
}

export function writeResults(kernel: Kernel, results: Results): void {
  const file = fileOf(kernel);
  fs.mkdirSync(new URL('.', file), { recursive: true });
  const unfinished = new URL(`${file.href}.unfinished`);
  fs.writeFileSync(unfinished, `${JSON.stringify(results, undefined, 1)}\n`);
  fs.renameSync(unfinished, file);
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
  /** Of the probe that took longest. */
  readonly seconds: number;
  /** Throughput during a probe / the mean of before and after: the median of the rounds, the least and the most. */
  readonly throughput: { readonly median: number; readonly from: number; readonly to: number };
}

export function rowOf({ rounds, trials: _, ...rest }: Measured): Row {
  const off = ({ answer }: Round): number => answer.needsBytes - rest.smallestBytes;
  const [worst] = rounds.toSorted((a, b) => Math.abs(off(b)) - Math.abs(off(a)));
  const ratios = rounds
    .map(({ during, before, after }) => during / ((before + after) / 2))
    .toSorted((a, b) => a - b);
  const [from, to] = [ratios[0], ratios.at(-1)];
  if (worst === undefined || from === undefined || to === undefined)
    throw new Error(`${rest.name}: expected a probe, got none`);
  const middle = (ratios.length - 1) / 2;
  const median = ((ratios[Math.floor(middle)] as number) + (ratios[Math.ceil(middle)] as number)) / 2;
  return {
    ...rest,
    worst,
    offBytes: off(worst),
    isWithin: Math.abs(off(worst)) <= toleranceOf(rest.smallestBytes),
    seconds: Math.max(...rounds.map((round) => round.seconds)),
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
  if (seconds > longestSeconds) misses.push(`the probe took ${seconds.toFixed(0)} s`);
  if (throughput.median < leastThroughput) misses.push(`throughput fell to ${percent(throughput.median)}`);
  if (suggested !== undefined) {
    const ratio = suggested.afterBytes / smallestBytes;
    if (ratio < 1 || ratio > mostRatio)
      misses.push(`the suggested limit is ${ratio.toFixed(2)} × the smallest`);
  }
  return misses.map((miss) => `${name}: ${miss}`);
}

/** Two minutes, and the start of the program. */
const longestSeconds = 125;
const leastThroughput = 0.9;
const mostRatio = 1.15;

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
