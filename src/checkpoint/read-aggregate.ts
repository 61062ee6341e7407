/** One workload of a checkpoint → its usage aggregate. */
import { defined } from '../model/json.ts';
import type { Leak } from '../model/recommendation.ts';
import { daySeconds } from '../model/time.ts';
import { longestWatch } from '../pods/probes.ts';
import { UsageAggregate } from '../usage/aggregate.ts';
import type { Kill, Probe } from '../usage/aggregate-entries.ts';
import type { Day } from '../usage/packed/days.ts';
import { KiB } from '../usage/packed/numbers.ts';
import {
  dayCodes,
  daysWritten,
  hoursPrecision,
  laterDayCodes,
  notAtLimit,
  usagePrecision,
} from './checkpoint.ts';
import type { DroppedEntries } from './dropped-entries.ts';
import { CheckpointFields } from './fields.ts';
import { settingOf } from './read-setting.ts';

/** Revisions are numbers of 32 bits. */
const mostRevision = 2 ** 32 - 1;
/** Bytes, where the checkpoint does not say how much memory the node has. */
const largestMemory = 2 ** 50;
/** Sizes are written rounded up: this much in all three of a probe. */
const mostRounding = 3 * KiB;

/** Most containers, or kills, of one name on one node. */
const mostCounted = 1_000_000;

/**
 * @param at seconds since 1970 of the checkpoint. Nothing in it can be later
 * @param entries gets the entries that cannot be read
 * @param writtenBy number of the rules of the agent that wrote it
 * @param capacityBytes memory of the node
 * @throws TypeError and RangeError for a workload that cannot be read as a whole
 */
export function aggregateOf(
  fields: CheckpointFields,
  at: number,
  entries: DroppedEntries,
  writtenBy: number,
  capacityBytes = largestMemory,
): UsageAggregate {
  const aggregate = new UsageAggregate();
  const past = (time: number): number => Math.min(time, at);
  aggregate.hours.decode(fields.numbers('h'), at, hoursPrecision);
  aggregate.usage.decode(fields.numbers('u'), at, usagePrecision);
  for (const [day, one] of entries.list(fields, 'd', (day) => dayOf(day, at))) aggregate.days.set(day, one);
  aggregate.replicas = entries.list(fields, 'r', (replica) => ({
    pod: replica.text(0),
    peak: replica.size(1),
    at: past(replica.time(2)),
  }));
  aggregate.kills = entries.list(fields, 'k', (kill) => {
    const [limit, times] = [kill.maybeSize(3), kill.maybe(4, mostCounted)];
    const text = kill.text(1);
    const lifetime = text.endsWith(notAtLimit) ? text.slice(0, -notAtLimit.length) : text;
    return defined<Kill>({ pod: kill.text(0), lifetime, at: past(kill.time(2)), limit, times });
  });
  aggregate.killCount = fields.maybe('c', mostCounted) ?? 0;
  const leaks = entries.list(fields, 'l', (leak): Leak => {
    const [pod, perDay, from, to] = [leak.text(0), leak.size(1), leak.size(3), leak.size(5)];
    return { pod, perDay, since: leak.time(2), from, until: past(leak.time(4)), to };
  });
  aggregate.leaks = leaks.filter(({ perDay }) => perDay > 0);
  const probes = entries.list(fields, 'p', (probe) => probeOf(probe, past, capacityBytes));
  for (const probe of probes) aggregate.probed(probe);
  entries.list(fields, 'v', (one) => aggregate.created(one.upTo(0, mostRevision), past(one.time(1))));
  if (fields.get('s') !== undefined)
    aggregate.setting = settingOf(new CheckpointFields(fields.get('s')), writtenBy);
  aggregate.running = fields.maybe('n', mostCounted) ?? 0;
  const times = new CheckpointFields(fields.list('t'));
  aggregate.since = past(times.time(0));
  aggregate.lastAt = past(times.time(1));
  const observed = fields.get('w') === undefined ? times : new CheckpointFields(fields.list('w'));
  if (observed.time(0) <= observed.time(1)) {
    aggregate.observedFrom = past(observed.time(0));
    aggregate.observedUntil = past(observed.time(1));
  }
  return aggregate;
}

function probeOf(probe: CheckpointFields, past: (time: number) => number, most: number): Probe {
  const [neededCacheBytes, coldCacheBytes, errorBytes] = [probe.size(2), probe.size(3), probe.size(4)];
  const all = neededCacheBytes + coldCacheBytes + errorBytes;
  if (all > most + mostRounding)
    throw new RangeError(`expected at most the ${most} bytes of the node at 2 to 4, got ${all}`);
  return defined<Probe>({
    pod: probe.text(0),
    at: past(probe.time(1)),
    ...{ neededCacheBytes, coldCacheBytes, errorBytes },
    watchedSeconds: probe.upTo(5, longestWatch),
    isAtMost: probe.get(6) === 1 ? true : undefined,
    revision: probe.maybe(7, mostRevision),
  });
}

function dayOf(day: CheckpointFields, at: number): readonly [number, Day] {
  const ago = day.number(0);
  if (!Number.isInteger(ago) || ago > daysWritten)
    throw new RangeError(`expected a day of at most ${daysWritten} days ago, got ${ago}`);
  return [
    Math.floor(at / daySeconds) - ago,
    defined<Day>({
      peak: day.coded(1),
      ...codesOf(day, dayCodes, 2),
      squeezed: day.get(2 + dayCodes.length) === 1 ? true : undefined,
      stalled: day.maybe(3 + dayCodes.length, 100),
      ...codesOf(day, laterDayCodes, 4 + dayCodes.length),
    }),
  ];
}

const codesOf = <Field extends string>(
  day: CheckpointFields,
  fields: readonly Field[],
  first: number,
): { [field in Field]: number | undefined } =>
  Object.fromEntries(fields.map((field, index) => [field, day.maybeCoded(first + index)])) as {
    [field in Field]: number | undefined;
  };
