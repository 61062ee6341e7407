/** What a node remembers, as text: compact, versioned, and read with suspicion. */

import { bytes } from '../model/bytes.ts';
import { defined } from '../model/defined.ts';
import {
  type Day,
  Demand,
  type DemandKey,
  daySeconds,
  type Kill,
  keyText,
  type Leak,
  type Setting,
} from '../model/demand.ts';
import { Fault } from '../model/fault.ts';
import type { Precision } from '../model/log-histogram.ts';
import type { ContainerType, HeapCap } from '../model/pod.ts';
import { Demands } from './demands.ts';
import { type FloorsState, spans, spansKept } from './floors.ts';
import type { Kept } from './history.ts';
import type { LifeState } from './life.ts';

export interface Checkpoint extends Kept {
  readonly node: string;
  /** Seconds since 1970. */
  readonly at: number;
  readonly capacityBytes?: number;
}

const kind = 'realmem history';
const version = 1;
/** A limit is where the cost of hours is least, and costs can be nearly alike far apart: they are written more exactly. */
const hoursPrecision: Precision = { least: 1 / 16, weightStep: 0.02 };
const usagePrecision: Precision = { least: 1 / 4, weightStep: 0.08, coarseBelow: 0.75 };
const KiB = 1024;
const up = (amount: number): number => Math.ceil(amount / KiB);

/** Peaks of days are written as logarithms in steps of half a per cent, rounded up: 0 is a KiB or less. */
const peakStep = 0.005;
const codeOf = (amount: number): number => Math.max(0, Math.ceil(Math.log(amount / KiB) / peakStep - 1e-6));
const codeOr = (amount: number | undefined): number | null => (amount === undefined ? null : codeOf(amount));
const dayCodes = ['workingSet', 'anon', 'shmem', 'cache', 'refaulted', 'atLimit'] as const;
const noDay = {
  cache: undefined,
  refaulted: undefined,
  atLimit: undefined,
  workingSet: undefined,
  anon: undefined,
  shmem: undefined,
};
const amountOf = (code: number): number => KiB * Math.exp(code * peakStep);

/** Times in whole seconds, sizes in KiB, rounded up. Names stand once. */
export function encodeCheckpoint({ node, at, capacityBytes, demands, lives }: Checkpoint): string {
  const index = new Map<string, number>();
  const workloads = [...demands].map(({ key, demand }, number) => {
    index.set(keyText(key), number);
    return [key.namespace, key.workload, key.container, demandFields(demand, at)];
  });
  return `${JSON.stringify({
    ...{ kind, version, node, at: Math.round(at) },
    ...(capacityBytes !== undefined && { capacityBytes }),
    workloads,
    lives: lives.flatMap((life) => {
      const number = life.key && index.get(keyText(life.key));
      return number === undefined ? [] : [lifeFields(life, number)];
    }),
  })}\n`;
}

function demandFields(demand: Demand, at: number): unknown {
  const { days, replicas, kills, killCount, leaks, setting, running, since, lastAt } = demand;
  return {
    h: demand.hours.encode(at, hoursPrecision),
    u: demand.usage.encode(at, usagePrecision),
    d: [...days]
      .sort(([a], [b]) => a - b)
      .map(([day, one]) =>
        short([
          Math.floor(at / daySeconds) - day,
          codeOf(one.peak),
          ...dayCodes.map((field) => codeOr(one[field])),
          one.squeezed ? 1 : null,
          one.stalled === undefined ? null : Number(one.stalled.toFixed(1)),
        ]),
      ),
    r: replicas.map((replica) => [replica.pod, up(replica.peak), Math.round(replica.at)]),
    ...(kills.length > 0 && { k: kills.map((one) => short([one.pod, one.life, one.at, upOr(one.limit)])) }),
    ...(killCount > 0 && { c: killCount }),
    ...(leaks.length > 0 && {
      l: leaks.map((one) => [one.pod, up(one.perDay), one.since, up(one.from), one.until, up(one.to)]),
    }),
    ...(setting !== undefined && { s: setting }),
    ...(running > 0 && { n: running }),
    t: [Math.floor(since), Math.ceil(lastAt)],
  };
}

function lifeFields(life: LifeState, workload: number): unknown {
  const { floors } = life;
  return short([
    workload,
    life.pod ?? '',
    life.path,
    life.inode,
    Math.floor(life.since),
    upOr(life.peak),
    life.fiveStart ?? null,
    upOr(life.fivePeak),
    life.hourStart ?? null,
    upOr(life.hourPeak),
    upOr(life.hourLeast),
    upOr(life.cacheLeast),
    life.dayStart ?? null,
    upOr(life.dayCache),
    upOr(life.refaulted),
    floors === undefined ? null : [floors.span, floors.start, ...differences(floors.values.map(up))],
  ]);
}

const upOr = (amount: number | undefined): number | null => (amount === undefined ? null : up(amount));

/** Without what is absent at the end. */
const short = (values: readonly unknown[]): readonly unknown[] =>
  values.slice(0, values.findLastIndex((value) => value !== null) + 1);

const differences = (values: readonly number[]): readonly number[] =>
  values.map((value, index) => value - (values[index - 1] ?? 0));

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
  for (const one of fields.list('workloads')) {
    const entry = new Fields(one);
    const key = { namespace: entry.text(0), workload: entry.text(1), container: entry.text(2) };
    keys.push(key);
    demands.of(key).merge(demandOf(new Fields(entry.get(3)), at));
  }
  const capacityBytes = fields.maybe('capacityBytes');
  return {
    node: fields.text('node'),
    at,
    ...(capacityBytes !== undefined && { capacityBytes }),
    demands,
    lives: fields.list('lives').map((one) => lifeOf(new Fields(one), keys)),
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
        ...noDay,
        peak: amountOf(day.number(1)),
        ...Object.fromEntries(dayCodes.map((field, index) => [field, day.coded(2 + index)])),
        squeezed: day.get(2 + dayCodes.length) === 1 ? true : undefined,
        stalled: day.maybe(3 + dayCodes.length),
      }),
    );
  }
  demand.replicas = fields.list('r').map((one) => {
    const replica = new Fields(one);
    return { pod: replica.text(0), peak: replica.number(1) * KiB, at: replica.time(2) };
  });
  demand.kills = fields.list('k', []).map((one) => {
    const kill = new Fields(one);
    const limit = kill.size(3);
    return defined<Kill>({ pod: kill.text(0), life: kill.text(1), at: kill.time(2), limit });
  });
  demand.killCount = fields.maybe('c') ?? 0;
  demand.leaks = fields.list('l', []).map((one): Leak => {
    const leak = new Fields(one);
    const [pod, perDay, from, to] = [
      leak.text(0),
      leak.number(1) * KiB,
      leak.number(3) * KiB,
      leak.number(5) * KiB,
    ];
    return { pod, perDay, since: leak.time(2), from, until: leak.time(4), to };
  });
  if (fields.get('s') !== undefined) demand.setting = settingOf(new Fields(fields.get('s')));
  demand.running = fields.maybe('n') ?? 0;
  const times = new Fields(fields.list('t'));
  demand.since = times.time(0);
  demand.lastAt = times.time(1);
  return demand;
}

const types: readonly ContainerType[] = ['container', 'init', 'sidecar', 'ephemeral', 'sandbox', 'unknown'];
const runtimes: readonly HeapCap['runtime'][] = ['JVM', 'Node.js', '.NET', 'Go'];

function settingOf(fields: Fields): Setting {
  const heap = fields.get('heap') === undefined ? undefined : new Fields(fields.get('heap'));
  const runtime = runtimes.find((known) => known === heap?.get('runtime'));
  const capBytes = heap?.maybe('bytes');
  return defined<Setting>({
    type: types.find((known) => known === fields.get('type')) ?? 'unknown',
    request: fields.maybe('request'),
    limit: fields.maybe('limit'),
    heap:
      heap === undefined || runtime === undefined
        ? undefined
        : defined<HeapCap>({
            runtime,
            by: heap.get('by') === undefined ? undefined : heap.text('by'),
            bytes: capBytes === undefined ? undefined : bytes(capBytes),
            share: heap.maybe('share'),
          }),
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
    peak: fields.size(5),
    fiveStart: fields.maybeTime(6),
    fivePeak: fields.size(7),
    hourStart: fields.maybeTime(8),
    hourPeak: fields.size(9),
    hourLeast: fields.size(10),
    cacheLeast: fields.size(11),
    dayStart: fields.maybeTime(12),
    dayCache: fields.size(13),
    refaulted: fields.size(14),
    floors,
  });
}

function floorsOf([span = 0, start = 0, ...steps]: readonly number[]): FloorsState {
  if (!spans.includes(span) || !(start >= 0 && start <= latest) || steps.length > spansKept)
    throw new RangeError('floors that are none');
  let value = 0;
  const values = steps.map((step) => {
    value += step;
    return value * KiB;
  });
  return { span, start, values };
}

/** Untyped fields, asked for by what they must be. @throws TypeError */
class Fields {
  private readonly value: Readonly<Record<string | number, unknown>>;

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null)
      throw new TypeError(`${JSON.stringify(value)} has no fields`);
    this.value = value as Readonly<Record<string | number, unknown>>;
  }

  get(name: string | number): unknown {
    return Object.hasOwn(this.value, name) ? this.value[name] : undefined;
  }

  text(name: string | number): string {
    const value = this.get(name);
    if (typeof value !== 'string' || value.length > longestName) throw this.wrong(name, 'text');
    return value;
  }

  number(name: string | number): number {
    const value = this.get(name);
    if (typeof value !== 'number' || !(value >= 0)) throw this.wrong(name, 'number');
    return value;
  }

  /** Seconds since 1970. */
  time(name: string | number): number {
    const value = this.number(name);
    if (value > latest) throw new RangeError(`no time at ${name}`);
    return value;
  }

  maybe(name: string | number): number | undefined {
    return this.get(name) == null ? undefined : this.number(name);
  }

  maybeTime(name: string | number): number | undefined {
    return this.get(name) == null ? undefined : this.time(name);
  }

  size(name: string | number): number | undefined {
    const value = this.maybe(name);
    return value === undefined ? undefined : value * KiB;
  }

  coded(name: string | number): number | undefined {
    const value = this.maybe(name);
    return value === undefined ? undefined : amountOf(value);
  }

  list(name: string | number, otherwise?: readonly unknown[]): readonly unknown[] {
    const value = this.get(name) ?? otherwise;
    if (!Array.isArray(value)) throw this.wrong(name, 'list');
    return value;
  }

  numbers(name: string | number): readonly number[] {
    const values = this.list(name);
    if (!values.every((value) => typeof value === 'number' && Number.isFinite(value)))
      throw this.wrong(name, 'numbers');
    return values as readonly number[];
  }

  private wrong(name: string | number, what: string): TypeError {
    return new TypeError(`no ${what} at ${name}`);
  }
}

/** Weights of histograms are counted from 2025, and reach no further (2042). */
const latest = 2_300_000_000;
/** Pods, containers and workloads have 253 at most, cgroup paths more. */
const longestName = 4096;
