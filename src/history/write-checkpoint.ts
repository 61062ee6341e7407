/** What a node remembers → text. */
import { type Demand, daySeconds, type Kill, keyText } from '../model/demand.ts';
import {
  type Checkpoint,
  codeOf,
  dayCodes,
  hoursPrecision,
  KiB,
  kind,
  notAtLimit,
  usagePrecision,
  version,
} from './checkpoint.ts';
import { encodeKnownKills } from './known-kills.ts';
import type { LifeState } from './life.ts';

const up = (amount: number): number => Math.ceil(amount / KiB);
const codeOr = (amount: number | undefined): number | null => (amount === undefined ? null : codeOf(amount));

/** Times in whole seconds, sizes in KiB, rounded up. Names stand once. */
export function encodeCheckpoint({ node, at, capacityBytes, demands, lives, kills }: Checkpoint): string {
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
    ...(kills !== undefined && { kills: encodeKnownKills(kills) }),
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
    ...(kills.length > 0 && {
      k: kills.map((one) =>
        short([one.pod, lifeText(one, kills), one.at, upOr(one.limit), one.times ?? null]),
      ),
    }),
    ...(killCount > 0 && { c: killCount }),
    ...(leaks.length > 0 && {
      l: leaks.map((one) => [one.pod, up(one.perDay), one.since, up(one.from), one.until, up(one.to)]),
    }),
    ...(setting !== undefined && { s: setting }),
    ...(running > 0 && { n: running }),
    t: [Math.floor(since), Math.ceil(lastAt)],
  };
}

function lifeText({ life, limit }: Kill, all: readonly Kill[]): string {
  const isBoth = limit === undefined && all.some((one) => one.life === life && one.limit !== undefined);
  return isBoth ? life + notAtLimit : life;
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
