/** History → text of a checkpoint. `decodeCheckpoint` accepts it for any clock and any measured values. */

import { Stretches } from '../edges/clock.ts';
import { keyText, type PodSetting, type Setting } from '../model/container-key.ts';
import { daySeconds } from '../model/time.ts';
import type { UsageAggregate } from '../usage/aggregate.ts';
import type { Kill, Probe } from '../usage/aggregate-entries.ts';
import { identificationRules } from '../usage/earlier.ts';
import type { LifetimeState } from '../usage/lifetime.ts';
import { KiB } from '../usage/packed/numbers.ts';
import {
  type Checkpoint,
  dayCodes,
  daysWritten,
  encodeAmount,
  hoursPrecision,
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
const codeOr = (amount: number | undefined): number | null =>
  amount === undefined ? null : encodeAmount(amount);

/** Times are whole seconds, sizes are KiB, rounded up. Each name appears once. */
export const encodeCheckpoint = (checkpoint: Checkpoint): string => [...checkpointParts(checkpoint)].join('');

/** How often a text is begun again that a change interrupts. */
const rounds = 3;

/**
 * The same text, with pauses for others. A change in a pause could close a window that the text has as open already: the next agent
 * would count it twice. So the text is begun again then, and at last made without pauses.
 * @param take the checkpoint of now @param changes another number after each change
 */
export async function encodeInStretches(take: () => Checkpoint, changes: () => number): Promise<string> {
  for (let round = 0; round < rounds; round++) {
    const before = changes();
    const stretches = new Stretches();
    let text = '';
    for (const part of checkpointParts(take())) {
      text += part;
      if (stretches.isLong) await stretches.pause();
    }
    if (changes() === before) return text;
  }
  return encodeCheckpoint(take());
}

/** The text in parts, one for each name: all at once take long. */
export function* checkpointParts({
  node,
  at: given,
  capacityBytes,
  aggregates,
  lifetimes,
  kills,
}: Checkpoint): Generator<string, void> {
  const at = Math.round(saneTime(given));
  const head = {
    ...{ kind, version, rules: identificationRules, node, at },
    ...(capacityBytes !== undefined && { capacityBytes }),
  };
  yield `${JSON.stringify(head).slice(0, -1)},"workloads":[`;
  const index = new Map<string, number>();
  for (const { key, aggregate } of aggregates) {
    const { namespace, workload, container } = key;
    const text = JSON.stringify([namespace, workload, container, aggregateFields(aggregate, at)]);
    yield index.size === 0 ? text : `,${text}`;
    index.set(keyText(key), index.size);
  }
  const lives = lifetimes.flatMap((lifetime) => {
    const number = lifetime.key && index.get(keyText(lifetime.key));
    return number === undefined ? [] : [lifeFields(lifetime, number)];
  });
  const tail = { lives, ...(kills !== undefined && { kills: encodeKnownKills(kills) }) };
  yield `],${JSON.stringify(tail).slice(1)}\n`;
}

function aggregateFields(aggregate: UsageAggregate, at: number): unknown {
  const { days, replicas, kills, killCount, leaks, setting, running, since, lastAt } = aggregate;
  const { observedFrom, observedUntil, probes, revision } = aggregate;
  const times = [Math.floor(saneTime(since)), Math.ceil(saneTime(lastAt))];
  const observed = [Math.floor(saneTime(observedFrom)), Math.ceil(saneTime(observedUntil))];
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
          encodeAmount(one.peak),
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
    // Agents of 0.1.0 skip fields that they do not know.
    ...(probes.length > 0 && { p: probes.map(probeFields) }),
    ...(revision !== undefined && { v: [[revision.revision, Math.round(saneTime(revision.at))]] }),
    ...(setting !== undefined && { s: settingFields(setting) }),
    ...(running > 0 && { n: running }),
    t: times,
    ...(observed.some((time, index) => time !== times[index]) && { w: observed }),
  };
}

function lifeText({ lifetime, limit }: Kill, all: readonly Kill[]): string {
  const isBoth =
    limit === undefined && all.some((one) => one.lifetime === lifetime && one.limit !== undefined);
  return isBoth ? lifetime + notAtLimit : lifetime;
}

const probeFields = (probe: Probe): readonly unknown[] =>
  short([
    probe.pod,
    Math.round(saneTime(probe.at)),
    ...[probe.neededCacheBytes, probe.coldCacheBytes, probe.errorBytes].map(up),
    Math.round(probe.watchedSeconds),
    probe.isAtMost ? 1 : null,
    probe.revision ?? null,
  ]);

const settingFields = ({ request, limit, pod, ...others }: Setting): Setting => ({
  ...others,
  ...sizeFields({ request, limit }),
  ...(pod !== undefined && { pod: sizeFields(pod) }),
});

const sizeFields = ({ request, limit }: { [size in keyof PodSetting]: number | undefined }): PodSetting => ({
  ...(request !== undefined && { request: saneAmount(request) }),
  ...(limit !== undefined && { limit: saneAmount(limit) }),
});

function lifeFields(lifetime: LifetimeState, workload: number): unknown {
  const { leakDetector } = lifetime;
  return short([
    workload,
    lifetime.pod ?? '',
    lifetime.path,
    lifetime.inode,
    Math.floor(saneTime(lifetime.since)),
    upOr(lifetime.peak),
    timeOr(lifetime.fiveStart),
    upOr(lifetime.fivePeak),
    timeOr(lifetime.hourStart),
    upOr(lifetime.hourPeak),
    upOr(lifetime.hourLeast),
    upOr(lifetime.cacheLeast),
    timeOr(lifetime.dayStart),
    upOr(lifetime.dayCache),
    upOr(lifetime.refaulted),
    leakDetector === undefined
      ? null
      : [leakDetector.span, leakDetector.start, ...differences(leakDetector.values.map(up))],
    upOr(lifetime.unsortedLeast),
    upOr(lifetime.dayUnsorted),
  ]);
}

const timeOr = (at: number | undefined): number | null => (at === undefined ? null : saneTime(at));
const upOr = (amount: number | undefined): number | null => (amount === undefined ? null : up(amount));

/** Drops null values at the end. */
const short = (values: readonly unknown[]): readonly unknown[] =>
  values.slice(0, values.findLastIndex((value) => value !== null) + 1);

const differences = (values: readonly number[]): readonly number[] =>
  values.map((value, index) => value - (values[index - 1] ?? 0));
