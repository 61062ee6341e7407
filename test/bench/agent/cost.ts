/** What a process costs: CPU time and memory, from the kernel. */
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../../../src/model/located-error.ts';

/** Nanoseconds on a CPU by thread. It is utime + stime of /proc/PID/stat, which has a resolution of 10 ms only. */
type ThreadTimes = ReadonlyMap<string, number>;

function threadTimes(pid: number): ThreadTimes {
  const times = new Map<string, number>();
  for (const thread of fs.readdirSync(`/proc/${pid}/task`))
    try {
      const [time] = fs.readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
      times.set(thread, Number(time));
    } catch (error) {
      // The thread ended.
      if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ESRCH') throw error;
    }
  return times;
}

/** Milliseconds on a CPU between two readings. Both programs keep their threads, so none is lost. */
function cpuMsBetween(before: ThreadTimes, after: ThreadTimes): number {
  let nanoseconds = 0;
  for (const [thread, time] of after) nanoseconds += time - (before.get(thread) ?? 0);
  return nanoseconds / 1e6;
}

export interface Cost {
  /** CPU time of all threads, in milliseconds per second. */
  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly anonymousBytes: number;
}

function memoryOf(pid: number): Omit<Cost, 'cpuMs'> {
  const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const field = (key: string): number =>
    Number(new RegExp(`^${key}: +(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN) * 1024;
  return { rssBytes: field('Rss'), anonymousBytes: field('Anonymous') };
}

/** Measures a process for so many seconds. Memory is that at the end. */
export async function costOf(pid: number, seconds: number): Promise<Cost> {
  const [before, began] = [threadTimes(pid), performance.now()];
  await sleep(seconds * 1000);
  const cpuMs = cpuMsBetween(before, threadTimes(pid)) / ((performance.now() - began) / 1000);
  return { cpuMs, ...memoryOf(pid) };
}
