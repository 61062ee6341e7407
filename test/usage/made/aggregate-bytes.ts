/** Prints the bytes that the aggregate of one name takes after two weeks, measured after garbage collection. */

import { daySeconds } from '../../../src/model/time.ts';
import { UsageAggregate } from '../../../src/usage/aggregate.ts';

/** So many that the program itself, some megabytes that come and go, does not count. */
const names = 20_000;
const start = 1_795_000_000;
const MiB = 2 ** 20;

function aggregateOf(): UsageAggregate {
  const aggregate = new UsageAggregate();
  for (let hour = 0; hour < 14 * 24; hour++) {
    const at = start + 3600 * hour;
    const size = (150 + 80 * Math.sin(hour)) * MiB;
    aggregate.hour(size, at);
    aggregate.usage.add(size, at);
    const [workingSet, anon] = [1.5 * size, 0.9 * size];
    if (at % daySeconds < 3600)
      aggregate.note(at, { workingSet, anon, shmem: 0, cache: size / 3, refaulted: 0.5 });
  }
  return aggregate;
}

const held = (): number => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};
const one = aggregateOf();
const before = held();
// Merged into a new aggregate, as suggest merges histories.
const all = Array.from({ length: names }, () => one.clone());
process.stdout.write(`${Math.round((held() - before) / all.length)}\n`);
