/** What a node remembers → text. What is written is read again, whatever clock and whatever figures it was made with. */

import { keyText, type PodSetting, type Setting } from '../model/container-key.ts';
import { daySeconds } from '../model/time.ts';
import type { Kill, UsageAggregate } from '../usage/aggregate.ts';
import { rules } from '../usage/earlier.ts';
import type { LifeState } from '../usage/lifetime.ts';
import {
  type Checkpoint,
  codeOf,
  dayCodes,
  daysWritten,
  hoursPrecision,
  KiB,
  kind,
  laterDayCodes,
  notAtLimit,
  saneAmount,
  saneTime,
  usagePrecision,
  version,
} from './checkpoint.ts';
import { encodeKnownKills } from './known-kills.ts';

const up = (amount: number): number => Math.ceil(saneAmount(amount) / KiB);
const codeOr = (amount: number | undefined): number | null => (amount === undefined ? null : codeOf(amount));

/** Times in whole seconds, sizes in KiB, rounded up. Names stand once. */
export function encodeCheckpoint({
  node,
  at: given,
  capacityBytes,
  aggregates,
  lives,
  kills,
}: Checkpoint): string {
  const at = Math.round(saneTime(given));
  const index = new Map<string, number>();
  const workloads = [...aggregates].map(({ key, aggregate }, number) => {
    index.set(keyText(key), number);
    return [key.namespace, key.workload, key.container, demandFields(aggregate, at)];
  });
  return `${JSON.stringify({
    ...{ kind, version, rules, node, at },
    ...(capacityBytes !== undefined && { capacityBytes }),
    workloads,
    lives: lives.flatMap((life) => {
      const number = life.key && index.get(keyText(life.key));
      return number === undefined ? [] : [lifeFields(life, number)];
    }),
    ...(kills !== undefined && { kills: encodeKnownKills(kills) }),
  })}\n`;
}

function demandFields(aggregate: UsageAggregate, at: number): unknown {
  const { days, replicas, kills, killCount, leaks, setting, running, since, lastAt } = aggregate;
  const { lookedFrom, lookedUntil } = aggregate;
  const times = [Math.floor(saneTime(since)), Math.ceil(saneTime(lastAt))];
  const looked = [Math.floor(saneTime(lookedFrom)), Math.ceil(saneTime(lookedUntil))];
  const ago = (day: number): number => Math.floor(at / daySeconds) - day;
  return {
    h: aggregate.hours.encode(at, hoursPrecision),
    u: aggregate.usage.encode(at, usagePrecision),
    d: [...days]
      .filter(([day]) => ago(day) >= 0 && ago(day) <= daysWritten)
      .sort(([a], [b]) => a - b)
      .map(([day, one]) =>
        short([
          ago(day),
          codeOf(one.peak),
          ...dayCodes.map((field) => codeOr(one[field])),
          one.squeezed ? 1 : null,
          one.stalled === undefined ? null : Number(Math.min(100, one.stalled).toFixed(1)),
          ...laterDayCodes.map((field) => codeOr(one[field])),
        ]),
      ),
    r: replicas.map((replica) => [replica.pod, up(replica.peak), Math.round(saneTime(replica.at))]),
    ...(kills.length > 0 && {
      k: kills.map((one) =>
        short([one.pod, lifeText(one, kills), saneTime(one.at), upOr(one.limit), one.times ?? null]),
      ),
    }),
    ...(killCount > 0 && { c: killCount }),
    ...(leaks.length > 0 && {
      l: leaks.map((one) => [
        ...[one.pod, up(one.perDay), saneTime(one.since), up(one.from)],
        ...[saneTime(one.until), up(one.to)],
      ]),
    }),
    ...(setting !== undefined && { s: settingFields(setting) }),
    ...(running > 0 && { n: running }),
    t: times,
    ...(looked.some((time, index) => time !== times[index]) && { w: looked }),
  };
}

function lifeText({ life, limit }: Kill, all: readonly Kill[]): string {
  const isBoth = limit === undefined && all.some((one) => one.life === life && one.limit !== undefined);
  return isBoth ? life + notAtLimit : life;
}

const settingFields = ({ request, limit, pod, ...others }: Setting): Setting => ({
  ...others,
  ...sizeFields({ request, limit }),
  ...(pod !== undefined && { pod: sizeFields(pod) }),
});

const sizeFields = ({ request, limit }: { [size in keyof PodSetting]: number | undefined }): PodSetting => ({
  ...(request !== undefined && { request: saneAmount(request) }),
  ...(limit !== undefined && { limit: saneAmount(limit) }),
});

function lifeFields(life: LifeState, workload: number): unknown {
  const { floors } = life;
  return short([
    workload,
    life.pod ?? '',
    life.path,
    life.inode,
    Math.floor(saneTime(life.since)),
    upOr(life.peak),
    timeOr(life.fiveStart),
    upOr(life.fivePeak),
    timeOr(life.hourStart),
    upOr(life.hourPeak),
    upOr(life.hourLeast),
    upOr(life.cacheLeast),
    timeOr(life.dayStart),
    upOr(life.dayCache),
    upOr(life.refaulted),
    floors === undefined ? null : [floors.span, floors.start, ...differences(floors.values.map(up))],
    upOr(life.unsortedLeast),
    upOr(life.dayUnsorted),
  ]);
}

const timeOr = (at: number | undefined): number | null => (at === undefined ? null : saneTime(at));
const upOr = (amount: number | undefined): number | null => (amount === undefined ? null : up(amount));

/** Without what is absent at the end. */
const short = (values: readonly unknown[]): readonly unknown[] =>
  values.slice(0, values.findLastIndex((value) => value !== null) + 1);

const differences = (values: readonly number[]): readonly number[] =>
  values.map((value, index) => value - (values[index - 1] ?? 0));
