/** One open lifetime of a checkpoint → its state. */
import type { ContainerKey } from '../model/container-key.ts';
import { defined } from '../model/json.ts';
import { latestTime } from '../model/time.ts';
import { type LeakDetectorState, spans, spansKept } from '../usage/leak-detector.ts';
import type { LifetimeState } from '../usage/lifetime.ts';
import { KiB } from '../usage/packed/numbers.ts';
import { largestNumber } from './checkpoint.ts';
import type { CheckpointFields } from './fields.ts';

/**
 * @param keys the workloads of the checkpoint; undefined: dropped
 * @param at seconds since 1970 of the checkpoint
 * @throws TypeError and RangeError for a lifetime that cannot be read
 */
export function lifetimeOf(
  fields: CheckpointFields,
  keys: readonly (ContainerKey | undefined)[],
  at: number,
): LifetimeState {
  const number = fields.number(0);
  const key = keys[number];
  if (key === undefined)
    throw new RangeError(
      Object.hasOwn(keys, number)
        ? 'its workload was dropped'
        : `expected the index of a workload, got ${number}`,
    );
  const leakDetector = fields.get(15) == null ? undefined : leakDetectorOf(fields.numbers(15));
  // Nothing in a checkpoint can begin later than the checkpoint.
  const start = (index: number): number | undefined => {
    const time = fields.maybeTime(index);
    return time === undefined ? undefined : Math.min(time, at);
  };
  return defined<LifetimeState>({
    key,
    pod: fields.text(1),
    path: fields.number(2),
    inode: fields.number(3),
    since: Math.min(fields.time(4), at),
    peak: fields.maybeSize(5),
    fiveStart: start(6),
    fivePeak: fields.maybeSize(7),
    hourStart: start(8),
    hourPeak: fields.maybeSize(9),
    hourLeast: fields.maybeSize(10),
    cacheLeast: fields.maybeSize(11),
    dayStart: start(12),
    dayCache: fields.maybeSize(13),
    refaulted: fields.maybeSize(14),
    leakDetector,
    unsortedLeast: fields.maybeSize(16),
    dayUnsorted: fields.maybeSize(17),
  });
}

function leakDetectorOf([span = 0, start = 0, ...steps]: readonly number[]): LeakDetectorState {
  if (!spans.includes(span) || !(start >= 0 && start <= latestTime) || steps.length > spansKept)
    throw new RangeError('expected the spans of a leak detector, got other numbers');
  let value = 0;
  const values = steps.map((step) => {
    value += step;
    if (!(value >= 0 && value * KiB <= largestNumber))
      throw new RangeError('expected sizes of a leak detector, got other numbers');
    return value * KiB;
  });
  return { span, start, values };
}
