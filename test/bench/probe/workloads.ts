/** The workloads, and the programs of known need. */
import { createInterface } from 'node:readline';
import type { Container } from './container.ts';
import { postgres, redis } from './servers.ts';
import type { Counts } from './timeline.ts';

const MiB = 2 ** 20;

export interface Hooks {
  /** Is called about each second. */
  counted(counts: Counts): void;
  /** A program that must run has ended. */
  ended(): void;
}

export interface Workload {
  readonly name: string;
  readonly what: string;
  /** Page cache that it needs by its design, in bytes: where the search for the smallest limit begins. */
  readonly expectedCacheBytes: number;
  /** It does as many operations as the processors allow. */
  readonly isBusy: boolean;
  /** Resolves when it runs. */
  start(container: Container, hooks: Hooks): Promise<void>;
}

/** What differs between the machines to measure on. */
export interface Place {
  /** A directory on a disk that reads no more ahead than usual. */
  readonly disk: string;
  /** reader.c, compiled. */
  readonly reader: string;
  /** The command line of realmem. */
  readonly realmem: readonly string[];
  /** Of the benchmark of PostgreSQL. A slow machine needs a small one, so that it reads all of it often enough. */
  readonly postgresScale: number;
}

export const workloadsAt = ({ reader, postgresScale }: Place): readonly Workload[] => {
  const program = (
    name: string,
    what: string,
    expectedCache: number,
    words: Readonly<Record<string, number>>,
  ): Workload => ({
    name,
    what,
    expectedCacheBytes: expectedCache * MiB,
    isBusy: false,
    async start(container, hooks) {
      const given = Object.entries({ anonymous: 8, ...words }).map(([key, value]) => `${key}=${value}`);
      const child = container.spawn([reader, container.disk, container.shm, ...given]);
      child.stderr.pipe(process.stderr);
      child.once('exit', hooks.ended);
      const first = new Promise<void>((resolve) => {
        createInterface({ input: child.stdout }).on('line', (line) => {
          const [operations = Number.NaN, pages = Number.NaN] = line.split(' ').map(Number);
          hooks.counted({ operations, pages });
          resolve();
        });
        child.once('exit', () => resolve());
      });
      await first;
    },
  });
  return [
    program('hot-16', '16 MiB hot in 48 MiB, one after the other', 16, {
      ...{ file: 48, hot: 16, slot: 4000, cold: 1000 },
    }),
    program('hot-48', '48 MiB hot, scattered in 144 MiB, at random', 48, {
      ...{ file: 144, hot: 48, random: 1, scattered: 1, slot: 2600, cold: 1000 },
    }),
    program('hot-96', '96 MiB hot in 192 MiB, one after the other', 96, {
      ...{ file: 192, hot: 96, slot: 2600, cold: 1000 },
    }),
    program('bursts', '24 MiB hot in 72 MiB, read every 5 s', 24, {
      ...{ file: 72, hot: 24, slot: 1000, burst: 5000 },
    }),
    program('tmpfs', '24 MiB hot in 72 MiB, and 24 MiB on tmpfs', 24, {
      ...{ file: 72, hot: 24, slot: 3000, cold: 1000, tmpfs: 24 },
    }),
    program('none', 'no hot file: 64 MiB read once, and 20 MiB/s of new files', 1, {
      ...{ file: 64, stream: 256, slot: 3000, anonymous: 24 },
    }),
    program('mapped', '32 MiB hot, scattered in 96 MiB, mapped', 32, {
      ...{ file: 96, hot: 32, slot: 4000, random: 1, scattered: 1, mapped: 1, cold: 1000 },
    }),
    postgres(postgresScale),
    redis,
  ];
};
