/** Histories of all nodes → suggestions for each container of each workload. No server is involved. */

import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { mostHistoryBytes } from '../checkpoint/kept-history.ts';
import { isHidden, MergedHistories, type MergedUsage } from '../checkpoint/merge.ts';
import { decodeCheckpoint } from '../checkpoint/read.ts';
import { readText } from '../edges/files.ts';
import { type ContainerKey, keyText } from '../model/container-key.ts';
import { LocatedError, messageOf } from '../model/located-error.ts';
import {
  type DailyPeaks,
  type Decider,
  isGone,
  isMainRunning,
  isWithinTenth,
  type Recommendation,
  type Suggestion,
  type Suggestions,
} from '../model/recommendation.ts';
import { daySeconds } from '../model/time.ts';
import { advise, evidenceOf } from '../recommend/advise.ts';
import { adviseOn } from '../recommend/learning.ts';
import { wholePod } from '../recommend/whole-pod.ts';
import type { UsageAggregate } from '../usage/aggregate.ts';
import { deciderSentence, mostRaised, proberSentence } from './doubt.ts';
import type { PodSettings } from './pod-settings.ts';

/** A workload not observed for longer gets no suggestion. A weekly job still does. */
const maxAbsenceSeconds = 8 * daySeconds;

/** What a suggestion keeps of its history. */
export interface Keep {
  /** The merged history of each name stays in memory. */
  readonly evidence?: boolean;
  readonly daily?: boolean;
}

/**
 * @param merged is empty afterwards
 * @param podSettings overrides settings from the histories by those of running pods
 */
export function suggest(
  merged: MergedHistories,
  keep: Keep,
  podSettings: PodSettings = (_, setting) => setting,
): Suggestions {
  const { at, nodes, oldestAt, stale, capacityBytes, faults } = merged;
  return {
    at,
    nodes,
    ...(oldestAt !== undefined && { oldestAt }),
    stale,
    ...(capacityBytes > 0 && { capacityBytes }),
    items: [...suggestionsOf(merged, keep, podSettings)],
    faults,
  };
}

function* suggestionsOf(
  merged: MergedHistories,
  keep: Keep,
  podSettings: PodSettings,
): Generator<Suggestion> {
  const { at } = merged;
  const inPods = new Map<string, Suggestion[]>();
  const running = new Set<string>();
  for (const one of merged.drain()) {
    const suggestion = suggestionOf(one, at, podSettings, keep.daily === true);
    if (suggestion === undefined) continue;
    const name = keyText({ ...suggestion.key, container: '' });
    if (isMainRunning(suggestion)) running.add(name);
    if (suggestion.setting.pod !== undefined) {
      const others = inPods.get(name);
      if (others === undefined) inPods.set(name, [suggestion]);
      else others.push(suggestion);
    }
    // A getter: evidence of thousands of workloads takes a quarter of a gigabyte, and the aggregates take less.
    const evidence = { enumerable: true, get: () => evidenceOf(one.all, at) };
    yield keep.evidence === true ? Object.defineProperty(suggestion, 'evidence', evidence) : suggestion;
  }
  for (const [name, containers] of inPods) {
    const othersRun = running.has(name);
    // Some container of the workload runs, but none in a pod with its own values: newer pods set none.
    if (othersRun && !containers.some(isMainRunning)) continue;
    const [first, ...others] = containers.filter((one) => !isGone(one, othersRun));
    if (first !== undefined) yield wholePod([first, ...others]);
  }
}

function suggestionOf(
  merged: MergedUsage,
  at: number,
  podSettings: PodSettings,
  withDaily: boolean,
): Suggestion | undefined {
  const { most } = merged;
  const known = (aggregate: UsageAggregate): UsageAggregate => {
    if (aggregate.setting !== undefined) aggregate.setting = podSettings(merged.key, aggregate.setting);
    return aggregate;
  };
  const all = known(merged.all);
  const { setting = { type: 'unknown' as const }, running, lastAt, killCount } = all;
  if (isHidden(setting) || at - lastAt > maxAbsenceSeconds) return undefined;
  const found = adviseOn(all, merged.key.workload, at);
  if (found === undefined) return undefined;
  const share = merged.hours === 0 ? 1 : most.hours / merged.hours;
  const decider = deciderOf(merged, found, at, known);
  const prober = probeDecider(merged, found);
  const { mostKills } = merged;
  const ofNodes = [
    ...(decider === undefined ? [] : [deciderSentence(decider)]),
    ...(prober === undefined ? [] : [proberSentence(prober)]),
    ...(merged.nodes > 1 && 2 * mostKills.count > killCount
      ? [`${mostKills.node} alone reports ${mostKills.count} of the ${killCount} OOM kills`]
      : []),
  ];
  return {
    key: merged.key,
    setting,
    replicas: running,
    recommendation: withReasons(found, ofNodes),
    killCount,
    ...(all.kills.some(({ limit }) => limit !== undefined) && { isKilledAtLimit: true }),
    ...(withDaily && { daily: dailyPeaks(all, at) }),
    origin: {
      nodes: merged.nodes,
      ...{ node: most.node, share },
      ...(decider !== undefined && { decider }),
      ...(prober !== undefined && { prober }),
    },
  };
}

function dailyPeaks(aggregate: UsageAggregate, at: number): DailyPeaks {
  const peakOf = new Map(aggregate.lastDayEntries(at).map(([day, { peak }]) => [day, Math.round(peak)]));
  const firstDay = Math.min(...peakOf.keys());
  const count = peakOf.size === 0 ? 0 : Math.max(...peakOf.keys()) - firstDay + 1;
  // A day can have notes on its limits and no peak.
  const peaks = Array.from({ length: count }, (_, index) => peakOf.get(firstDay + index) || null);
  return { firstDay: count === 0 ? 0 : firstDay, peaks };
}

const withReasons = (found: Recommendation, more: readonly string[]): Recommendation => ({
  ...found,
  because: [...found.because, ...more],
  ...(found.learning !== undefined && {
    learning: { ...found.learning, because: [...found.learning.because, ...more] },
  }),
});

/** The node whose absence would change the suggestion. A node that lowers it comes first: too low a limit causes OOM kills. */
function deciderOf(
  merged: MergedUsage,
  found: Recommendation,
  at: number,
  known: (aggregate: UsageAggregate) => UsageAggregate,
): Decider | undefined {
  if (merged.nodes === 1) return undefined;
  const deciders = merged.suspects.flatMap((suspect): Decider[] => {
    const others = advise(known(merged.without(suspect)), at);
    const decides =
      others === undefined ||
      !isWithinTenth(others.request.target, found.request) ||
      !isWithinTenth(others.limit.target, found.limit);
    if (!decides) return [];
    return [
      {
        node: suspect.node,
        share: merged.hours === 0 ? 1 : suspect.hours / merged.hours,
        running: suspect.aggregate.running,
        elsewhere: merged.running - suspect.aggregate.running,
        suggested: { request: found.request.target, limit: found.limit.target },
        ...(others !== undefined && {
          without: { request: others.request.target, limit: others.limit.target },
        }),
      },
    ];
  });
  return deciders.find(lowers) ?? deciders[0];
}

/** The node whose probe more than doubles a figure. It cannot lower a figure below what real needs. */
function probeDecider(merged: MergedUsage, { probe, request, limit }: Recommendation): Decider | undefined {
  if (merged.nodes === 1) return undefined;
  const prober = probe && merged.proberOf(probe);
  if (prober === undefined || probe === undefined) return undefined;
  const { without } = probe;
  if (request.target <= mostRaised * without.request && limit.target <= mostRaised * without.limit)
    return undefined;
  const { node, hours, running } = prober;
  return {
    ...{ node, running, share: merged.hours === 0 ? 1 : hours / merged.hours },
    elsewhere: merged.running - running,
    suggested: { request: request.target, limit: limit.target },
    without,
  };
}

const lowers = ({ suggested, without }: Decider): boolean =>
  without !== undefined && (suggested.request < without.request || suggested.limit < without.limit);

/**
 * Merges the history files of agents. The time of the newest one counts as now, because files may be of any day.
 * Files that cannot be read become faults. @param now seconds since 1970
 */
export function mergeFiles(
  files: readonly string[],
  now: number,
  wanted: (key: ContainerKey) => boolean,
): MergedHistories {
  const faults: string[] = [];
  const each = (take: (history: Checkpoint) => void): void => {
    faults.length = 0;
    for (const file of files)
      try {
        take(historyIn(file));
      } catch (error) {
        faults.push(messageOf(error));
      }
  };
  let last = Number.NEGATIVE_INFINITY;
  each(({ at }) => {
    last = Math.max(last, at);
  });
  const merged = new MergedHistories(Math.min(now, last), wanted);
  each((history) => merged.take(history));
  merged.faults.unshift(...faults);
  return merged;
}

function historyIn(file: string): Checkpoint {
  const text = readText(file, mostHistoryBytes);
  if (text === undefined)
    throw new LocatedError({ where: file, expected: 'a history of realmem', got: 'no such file' });
  return decodeCheckpoint(file, text);
}
