/** Text → what a node remembers; read with suspicion. */
import { bytes } from '../model/bytes.ts';
import { defined } from '../model/defined.ts';
import {
  type Day,
  Demand,
  type DemandKey,
  daySeconds,
  type Kill,
  type Leak,
  type Setting,
} from '../model/demand.ts';
import { Fault } from '../model/fault.ts';
import type { ContainerType, Heap, HeapCap } from '../model/pod.ts';
import {
  type Checkpoint,
  dayCodes,
  hoursPrecision,
  KiB,
  kind,
  notAtLimit,
  usagePrecision,
  version,
} from './checkpoint.ts';
import { Demands, namesKept } from './demands.ts';
import { Fields, latest, most } from './fields.ts';
import { type FloorsState, spans, spansKept } from './floors.ts';
import { decodeKnownKills } from './known-kills.ts';
import type { LifeState } from './life.ts';

/** Containers and kills of one name on one node. */
const mostCounted = 1_000_000;

/**
 * @param where names the source in faults
 * @throws Fault for what is no checkpoint, or one of a version that is not known here
 */
export function decodeCheckpoint(where: string, text: string): Checkpoint {
  const fault = (expected: string, got: string): Fault => new Fault({ where, expected, got });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fault(
      'a history of realmem',
      text === '' ? 'nothing' : `${text.length} characters that are no JSON`,
    );
  }
  const fields = new Fields(value);
  if (fields.get('kind') !== kind) throw fault(`the kind "${kind}"`, String(fields.get('kind')));
  if (fields.get('version') !== version)
    throw fault(`version ${version}, the one that this agent writes`, String(fields.get('version')));
  try {
    return checkpointOf(fields);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw fault(`a history of version ${version}`, error.message);
  }
}

function checkpointOf(fields: Fields): Checkpoint {
  const at = fields.time('at');
  const keys: DemandKey[] = [];
  const demands = new Demands();
  const workloads = fields.list('workloads');
  // Those that are too many are dropped in the next pass.
  if (workloads.length > 2 * namesKept) throw new RangeError(`more than ${2 * namesKept} workloads`);
  for (const one of workloads) {
    const entry = new Fields(one);
    const key = { namespace: entry.text(0), workload: entry.text(1), container: entry.text(2) };
    keys.push(key);
    demands.of(key).merge(demandOf(new Fields(entry.get(3)), at));
  }
  const capacityBytes = fields.maybe('capacityBytes');
  const kills = decodeKnownKills(fields.get('kills'));
  return {
    node: fields.text('node'),
    at,
    ...(capacityBytes !== undefined && { capacityBytes }),
    demands,
    lives: fields.list('lives').map((one) => lifeOf(new Fields(one), keys)),
    ...(kills !== undefined && { kills }),
  };
}

function demandOf(fields: Fields, at: number): Demand {
  const demand = new Demand();
  demand.hours.decode(fields.numbers('h'), at, hoursPrecision);
  demand.usage.decode(fields.numbers('u'), at, usagePrecision);
  for (const one of fields.list('d')) {
    const day = new Fields(one);
    const ago = day.number(0);
    if (!Number.isInteger(ago) || ago > 100) throw new RangeError(`no day ${ago}`);
    demand.days.set(
      Math.floor(at / daySeconds) - ago,
      defined<Day>({
        peak: day.coded(1),
        ...codesOf(day),
        squeezed: day.get(2 + dayCodes.length) === 1 ? true : undefined,
        stalled: day.maybe(3 + dayCodes.length, 100),
      }),
    );
  }
  demand.replicas = fields.list('r').map((one) => {
    const replica = new Fields(one);
    return { pod: replica.text(0), peak: replica.size(1), at: replica.time(2) };
  });
  demand.kills = fields.list('k', []).map((one) => {
    const kill = new Fields(one);
    const [limit, times] = [kill.maybeSize(3), kill.maybe(4, mostCounted)];
    const text = kill.text(1);
    const life = text.endsWith(notAtLimit) ? text.slice(0, -notAtLimit.length) : text;
    return defined<Kill>({ pod: kill.text(0), life, at: kill.time(2), limit, times });
  });
  demand.killCount = fields.maybe('c', mostCounted) ?? 0;
  demand.leaks = fields.list('l', []).flatMap((one): readonly Leak[] => {
    const leak = new Fields(one);
    const [pod, perDay, from, to] = [leak.text(0), leak.size(1), leak.size(3), leak.size(5)];
    return perDay > 0 ? [{ pod, perDay, since: leak.time(2), from, until: leak.time(4), to }] : [];
  });
  if (fields.get('s') !== undefined) demand.setting = settingOf(new Fields(fields.get('s')));
  demand.running = fields.maybe('n', mostCounted) ?? 0;
  const times = new Fields(fields.list('t'));
  demand.since = times.time(0);
  demand.lastAt = times.time(1);
  return demand;
}

type Codes = { [field in (typeof dayCodes)[number]]: number | undefined };

const codesOf = (day: Fields): Codes =>
  Object.fromEntries(dayCodes.map((field, index) => [field, day.maybeCoded(2 + index)])) as Codes;

const types: readonly ContainerType[] = ['container', 'init', 'sidecar', 'ephemeral', 'sandbox', 'unknown'];
const runtimes: readonly HeapCap['runtime'][] = ['JVM', 'Node.js', '.NET', 'Go'];

function settingOf(fields: Fields): Setting {
  return defined<Setting>({
    type: types.find((known) => known === fields.get('type')) ?? 'unknown',
    request: fields.maybe('request'),
    limit: fields.maybe('limit'),
    heap: heapOf(fields.get('heap')),
  });
}

function heapOf(value: unknown): Heap | undefined {
  if (value === undefined) return undefined;
  const heap = new Fields(value);
  const runtime = runtimes.find((known) => known === heap.get('runtime'));
  if (runtime === undefined) return heap.get('runtime') === 'unknown' ? { runtime: 'unknown' } : undefined;
  const capBytes = heap.maybe('bytes');
  return defined<HeapCap>({
    runtime,
    by: heap.get('by') === undefined ? undefined : heap.text('by'),
    bytes: capBytes === undefined ? undefined : bytes(capBytes),
    share: heap.maybe('share', 1),
  });
}

function lifeOf(fields: Fields, keys: readonly DemandKey[]): LifeState {
  const key = keys[fields.number(0)];
  if (key === undefined) throw new RangeError('a life of no workload');
  const floors = fields.get(15) == null ? undefined : floorsOf(fields.numbers(15));
  return defined<LifeState>({
    key,
    pod: fields.text(1),
    path: fields.number(2),
    inode: fields.number(3),
    since: fields.time(4),
    peak: fields.maybeSize(5),
    fiveStart: fields.maybeTime(6),
    fivePeak: fields.maybeSize(7),
    hourStart: fields.maybeTime(8),
    hourPeak: fields.maybeSize(9),
    hourLeast: fields.maybeSize(10),
    cacheLeast: fields.maybeSize(11),
    dayStart: fields.maybeTime(12),
    dayCache: fields.maybeSize(13),
    refaulted: fields.maybeSize(14),
    floors,
  });
}

function floorsOf([span = 0, start = 0, ...steps]: readonly number[]): FloorsState {
  if (!spans.includes(span) || !(start >= 0 && start <= latest) || steps.length > spansKept)
    throw new RangeError('floors that are none');
  let value = 0;
  const values = steps.map((step) => {
    value += step;
    if (!(value >= 0 && value * KiB <= most)) throw new RangeError('floors that are none');
    return value * KiB;
  });
  return { span, start, values };
}
