/** Text of a checkpoint → history. The text is untrusted: a wrong entry is dropped and named. */
import type { ContainerKey } from '../model/container-key.ts';
import { LocatedError } from '../model/located-error.ts';
import { namesKept, UsageAggregates } from '../usage/aggregates.ts';
import { todaysWorkload } from '../usage/earlier.ts';
import type { LifetimeState } from '../usage/lifetime.ts';
import {
  type Checkpoint,
  dayCodes,
  daysWritten,
  hoursPrecision,
  KiB,
  kind,
  largestNumber,
  laterDayCodes,
  notAtLimit,
  usagePrecision,
  version,
} from './checkpoint.ts';
import { CheckpointFields } from './fields.ts';
import { decodeKnownKills } from './known-kills.ts';
import { aggregateOf } from './read-aggregate.ts';
import { lifetimeOf } from './read-lifetime.ts';

/** A newer agent wrote the history: it is valid, but this agent cannot read it. */
export class NewerHistory extends LocatedError {}

/**
 * @param where names the source in errors
 * @throws LocatedError for text that is no checkpoint, or one of an unknown version
 */
export function decodeCheckpoint(where: string, text: string): Checkpoint {
  const fault = (expected: string, got: string): LocatedError => new LocatedError({ where, expected, got });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fault(
      'a history of realmem',
      text === '' ? 'nothing' : `${text.length} characters that are not JSON`,
    );
  }
  if (typeof value !== 'object' || value === null) throw fault('a history of realmem', text);
  const fields = new CheckpointFields(value);
  if (fields.get('kind') !== kind) throw fault(`the kind "${kind}"`, shown(fields.get('kind')));
  const found = fields.get('version');
  const expected = `version ${version}, which this agent writes`;
  if (typeof found === 'number' && found > version)
    throw new NewerHistory({ where, expected, got: `${found}` });
  if (found !== version) throw fault(expected, shown(found));
  try {
    return checkpointOf(fields);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new LocatedError({
      where,
      expected: `a history of version ${version}`,
      got: { message: `a wrong one (${error.message})` },
    });
  }
}

/** `String` fails for an object with a `toString` that is no function. */
const shown = (value: unknown): string =>
  typeof value === 'object' && value !== null ? 'an object or a list' : String(value);

function checkpointOf(fields: CheckpointFields): Checkpoint {
  const at = fields.time('at');
  const rules = fields.get('rules');
  const writtenBy = typeof rules === 'number' ? rules : 1;
  const keys: (ContainerKey | undefined)[] = [];
  const aggregates = new UsageAggregates();
  const entries = new DroppedEntries();
  const workloads = fields.list('workloads');
  // The next pass drops names above `namesKept`.
  if (workloads.length > 2 * namesKept)
    throw new RangeError(`expected at most ${2 * namesKept} workloads, got ${workloads.length}`);
  for (const [index, one] of workloads.entries())
    entries.read(`workloads[${index}]`, () => {
      keys[index] = undefined;
      const entry = new CheckpointFields(one);
      const [namespace, workload, container] = [entry.text(0), entry.text(1), entry.text(2)];
      const key = { namespace, workload: todaysWorkload(workload, writtenBy), container };
      const inside = entries.below(`${namespace}/${workload}/${container}`);
      const aggregate = aggregateOf(new CheckpointFields(entry.get(3)), at, inside, writtenBy);
      aggregates.of(key).merge(aggregate);
      keys[index] = key;
    });
  const capacityBytes = fields.maybe('capacityBytes');
  const kills = decodeKnownKills(fields.get('kills'));
  const lifetimes = fields.list('lives').flatMap((one, index): LifetimeState[] => {
    let lifetime: LifetimeState | undefined;
    entries.read(`lives[${index}]`, () => {
      lifetime = lifetimeOf(new CheckpointFields(one), keys, at);
    });
    return lifetime === undefined ? [] : [lifetime];
  });
  return {
    node: fields.text('node'),
    at,
    ...(capacityBytes !== undefined && { capacityBytes }),
    aggregates,
    lifetimes,
    ...(entries.dropped.first !== undefined && { dropped: entries.dropped }),
    ...(kills !== undefined && { kills }),
  };
}

/** Characters of the line about the first dropped entry. */
const longestDropped = 240;

/** Reads entries one by one: an unreadable entry is dropped, the others stay. */
class Entries {
  readonly dropped: { count: number; first?: string };
  private readonly where: string;

  constructor(dropped: Entries['dropped'] = { count: 0 }, where = '') {
    this.dropped = dropped;
    this.where = where;
  }

  below(where: string): Entries {
    return new Entries(this.dropped, `${printableUpTo(longestQuote, where)}: `);
  }

  read(name: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      this.dropped.count++;
      this.dropped.first ??= printableUpTo(longestDropped, `${this.where}${name}: ${error.message}`);
    }
  }

  /** The readable items of a list. */
  list<Item>(fields: CheckpointFields, name: string, itemOf: (fields: CheckpointFields) => Item): Item[] {
    const items: Item[] = [];
    for (const [index, one] of fields.list(name, []).entries())
      this.read(`${name}[${index}]`, () => items.push(itemOf(new CheckpointFields(one))));
    return items;
  }
}

function aggregateOf(
  fields: CheckpointFields,
  at: number,
  entries: Entries,
  writtenBy: number,
): UsageAggregate {
  const aggregate = new UsageAggregate();
  // Nothing in a checkpoint can be later than the checkpoint.
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

const types: readonly ContainerType[] = ['container', 'init', 'sidecar', 'ephemeral', 'sandbox', 'unknown'];
const runtimes: readonly HeapCap['runtime'][] = ['JVM', 'Node.js', '.NET', 'Go'];

function settingOf(fields: CheckpointFields, writtenBy: number): Setting {
  return defined<Setting>({
    type: types.find((known) => known === fields.get('type')) ?? 'unknown',
    request: fields.maybe('request'),
    limit: fields.maybe('limit'),
    heap: heapOf(fields.get('heap'), writtenBy),
    pod: podSettingOf(fields.get('pod')),
  });
}

function podSettingOf(value: unknown): PodSetting | undefined {
  if (value === undefined) return undefined;
  const fields = new CheckpointFields(value);
  return defined<PodSetting>({ request: fields.maybe('request'), limit: fields.maybe('limit') });
}

function heapOf(value: unknown, writtenBy: number): Heap | undefined {
  if (value === undefined) return undefined;
  const heap = new CheckpointFields(value);
  const runtime = runtimes.find((known) => known === heap.get('runtime'));
  if (runtime === undefined) return heap.get('runtime') === 'unknown' ? { runtime: 'unknown' } : undefined;
  // Another flag may be in force: until an agent sees the pod again, the cap is unknown.
  if (isDoubted(runtime, writtenBy)) return { runtime: 'unknown' };
  const bytesAt = (name: string): Bytes | undefined => {
    const amount = heap.maybe(name);
    return amount === undefined ? undefined : bytes(amount);
  };
  return defined<HeapCap>({
    runtime,
    by: heap.get('by') === undefined ? undefined : heap.text('by'),
    bytes: bytesAt('bytes'),
    besideBytes: bytesAt('besideBytes'),
    share: heap.maybe('share', 1),
  });
}

function lifetimeOf(
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
