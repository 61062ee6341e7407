/** Runs the contestants in turns and measures each: never two at the same time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contestant } from './contestants.ts';
import { type Cost, costOf } from './cost.ts';

export const loads = ['calm', 'busy'] as const;
export type Load = (typeof loads)[number];

export interface Turn extends Cost {
  readonly program: Contestant['name'];
  /** Seconds between two samples. */
  readonly period: number;
  readonly round: number;
  readonly load: Load;
}

/** Seconds. Reports come every 15 s, so a window of whole reports has the same work wherever it begins. */
export interface Windows {
  /** From the moment when the program has done what it does only once. V8 compiles hot code meanwhile. */
  readonly warmUp: number;
  readonly calm: number;
  /** 0: not measured. */
  readonly busy: number;
}

export interface Plan {
  readonly rounds: number;
  readonly periods: readonly number[];
  readonly windows: (contestant: Contestant, period: number) => Windows;
}

/** @param startLoad makes the node busy, and returns what ends that */
export async function takeTurns(
  contestants: readonly Contestant[],
  startLoad: () => Promise<() => Promise<void>>,
  { rounds, periods, windows }: Plan,
  say: (turn: Turn) => void,
): Promise<readonly Turn[]> {
  const turns: Turn[] = [];
  for (let round = 1; round <= rounds; round++)
    for (const period of periods)
      for (const contestant of contestants) {
        const { name: program, start } = contestant;
        const { warmUp, calm, busy } = windows(contestant, period);
        const running = await start(period);
        const measure = async (load: Load, seconds: number): Promise<void> => {
          const turn = { program, period, round, load, ...(await costOf(running.pid, seconds)) };
          turns.push(turn);
          say(turn);
        };
        try {
          await sleep(warmUp * 1000);
          await measure('calm', calm);
          if (busy > 0) {
            const endLoad = await startLoad();
            await measure('busy', busy).finally(endLoad);
          }
          await running.check();
        } finally {
          await running.stop();
        }
      }
  return turns;
}
