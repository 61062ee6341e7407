/** What nodes remember → what to set for each container of each workload: no server keeps it together. */
import { readText } from '../edges/files.ts';
import type { Checkpoint } from '../history/checkpoint.ts';
import { Demands } from '../history/demands.ts';
import { fold } from '../history/history.ts';
import { decodeCheckpoint } from '../history/read-checkpoint.ts';
import { daySeconds } from '../model/demand.ts';
import { Fault, messageOf } from '../model/fault.ts';
import type { Suggestion, Suggestions } from '../model/recommendation.ts';
import { rfc3339 } from '../model/time.ts';
import { advise, evidenceOf } from '../recommend/advise.ts';
import type { Histories } from './history-map.ts';

/** A node that wrote nothing for longer runs nothing that counts: two of its hours, and some. */
const freshSeconds = 3 * 3600;
/** What was not there for longer, as a job each week, needs nothing set. */
const rememberedSeconds = 8 * daySeconds;

/** Clocks differ by less. What is from later than that would weigh more than all that others saw. */
const aheadSeconds = 3600;

/** @param at seconds since 1970 */
export function suggest(read: Histories, at: number): Suggestions {
  const isAhead = (history: Checkpoint): boolean => history.at > at + aheadSeconds;
  const histories = read.histories.filter((history) => !isAhead(history));
  const ahead = read.histories.filter(isAhead).map((history) => fromLater(history, at).message);
  const all = new Demands();
  let capacityBytes = 0;
  const stale: string[] = [];
  for (const history of histories) {
    const folded = fold(history);
    const isFresh = at - history.at < freshSeconds;
    if (isFresh) capacityBytes += history.capacityBytes ?? 0;
    else stale.push(history.node);
    // What it ran then runs elsewhere, or not at all.
    if (!isFresh) for (const { demand } of folded) demand.running = 0;
    all.merge(folded);
  }
  const items = [...all].flatMap(({ key, demand }): Suggestion[] => {
    const { setting = { type: 'unknown' }, running, lastAt } = demand;
    if (setting.type === 'ephemeral' || setting.type === 'sandbox' || at - lastAt > rememberedSeconds)
      return [];
    const recommendation = advise(demand, at);
    if (recommendation === undefined) return [];
    return [
      {
        key,
        setting,
        replicas: running,
        recommendation,
        killCount: demand.killCount,
        ...(demand.kills.some(({ limit }) => limit !== undefined) && { isKilledAtLimit: true }),
        evidence: evidenceOf(demand, at),
      },
    ];
  });
  const times = histories.map((history) => history.at);
  return {
    at,
    nodes: histories.length,
    ...(times.length > 0 && { oldestAt: Math.min(...times) }),
    stale,
    ...(capacityBytes > 0 && { capacityBytes }),
    items,
    faults: [...read.faults, ...ahead],
  };
}

const fromLater = (history: Checkpoint, at: number): Fault =>
  new Fault({
    where: `the history of ${history.node}`,
    expected: `one from before ${rfc3339(at * 1000)}`,
    got: `one of ${rfc3339(history.at * 1000)}`,
    todo: 'set the clock of that node, or the one here',
  });

/**
 * Histories in files, as agents keep them.
 * @param files each read whole
 * @throws Fault where none can be read
 */
export function historiesIn(files: readonly string[]): Histories {
  const histories: Checkpoint[] = [];
  const faults: string[] = [];
  for (const file of files) {
    try {
      const text = readText(file);
      if (text === undefined)
        throw new Fault({ where: file, expected: 'a history of realmem', got: 'no such file' });
      histories.push(decodeCheckpoint(file, text));
    } catch (error) {
      faults.push(messageOf(error));
    }
  }
  return { histories, faults };
}
