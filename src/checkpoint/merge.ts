/** Histories of many nodes, one after the other → what each container of each workload needed. No history is kept. */

import { type ContainerKey, keyText, type Setting } from '../model/container-key.ts';
import { LocatedError } from '../model/located-error.ts';
import { rfc3339 } from '../model/time.ts';
import { neededBeyond, UsageAggregate } from '../usage/aggregate.ts';
import { aheadSeconds, closeWindows } from '../usage/history.ts';
import type { Checkpoint, Dropped } from './checkpoint.ts';

/** A node that wrote nothing for longer runs nothing that counts: two of its hours, and some. */
const freshSeconds = 3 * 3600;
/** Of one name on one node: the kubelet runs 110 pods unless told otherwise, and some hundred at the most. */
const mostRunning = 512;

/** What one node tells of one name. */
interface Share {
  readonly node: string;
  readonly aggregate: UsageAggregate;
  readonly isFresh: boolean;
  /** Container-hours, of which those a week ago count half. */
  readonly hours: number;
  /** The largest size in it. */
  readonly bytes: number;
}

export class MergedHistories {
  readonly at: number;
  readonly faults: string[] = [];
  readonly stale: string[] = [];
  nodes = 0;
  oldestAt: number | undefined;
  capacityBytes = 0;
  private readonly byKey = new Map<string, MergedUsage>();
  private readonly wanted: (key: ContainerKey) => boolean;

  /** @param at seconds since 1970 @param wanted which names to merge: what nobody asks for takes no memory */
  constructor(at: number, wanted: (key: ContainerKey) => boolean = () => true) {
    this.at = at;
    this.wanted = wanted;
  }

  take(history: Checkpoint): void {
    const { node, at } = history;
    if (at > this.at + aheadSeconds) {
      this.faults.push(fromLater(history, this.at).message);
      return;
    }
    if (history.dropped !== undefined)
      this.faults.push(droppedFrom(`the history of ${history.node}`, history.dropped));
    const isFresh = this.at - at < freshSeconds;
    if (isFresh) this.capacityBytes += history.capacityBytes ?? 0;
    else this.stale.push(node);
    this.nodes++;
    this.oldestAt = Math.min(this.oldestAt ?? at, at);
    for (const { key, aggregate } of closeWindows(history)) {
      if (!this.wanted(key)) continue;
      // What a node ran that is gone runs elsewhere, or not at all.
      aggregate.running = isFresh ? Math.min(mostRunning, aggregate.running) : 0;
      const text = keyText(key);
      const merged = this.byKey.get(text) ?? new MergedUsage(key);
      this.byKey.set(text, merged);
      merged.add({
        node,
        aggregate,
        isFresh,
        hours: hoursIn(aggregate, this.at),
        bytes: largestIn(aggregate),
      });
    }
  }

  [Symbol.iterator](): Iterator<MergedUsage> {
    return this.byKey.values();
  }

  /** Each once: whoever takes it alone keeps it. */
  *drain(): Generator<MergedUsage> {
    for (const [text, merged] of this.byKey) {
      this.byKey.delete(text);
      yield merged;
    }
  }
}

const fivesPerHour = 12;

/** By the histogram that has more: a limit follows from one of them, a request from the other. */
const hoursIn = ({ hours, usage }: UsageAggregate, at: number): number =>
  Math.max(hours.totalAt(at), usage.totalAt(at) / fivesPerHour);

const largestIn = ({ days, kills, leaks, hours, usage }: UsageAggregate): number =>
  Math.max(
    ...[...days.values()].map(({ peak, cache = 0 }) => Math.max(peak, cache)),
    ...kills.map(({ limit = 0 }) => limit * neededBeyond),
    ...leaks.map(({ to }) => to),
    hours.percentile(1) ?? 0,
    usage.percentile(1) ?? 0,
  );

const fromLater = (history: Checkpoint, at: number): LocatedError =>
  new LocatedError({
    where: `the history of ${history.node}`,
    expected: `one from before ${rfc3339(at * 1000)}`,
    got: `one of ${rfc3339(history.at * 1000)}`,
    todo: 'set the clock of that node, or the one here',
  });

/** What a history lacks, as a line of the faults. */
const droppedFrom = (where: string, { count, first = '' }: Dropped): string =>
  `${where}: ${count === 1 ? '1 entry' : `${count} entries`} cannot be read (${first}${count > 1 ? ', …' : ''})`;

/** Below such a share of the hours a node moves no percentile far. */
const suspectHours = 0.1;
/** Only a size so far above that of every other node moves a limit by a tenth. */
const suspectBytes = 1.1;

/**
 * One name on all nodes. The nodes that may move a suggestion alone stay apart, so that it can be worked out without each of
 * them: the one with the most hours, which moves percentiles, and the one with the largest size, which moves limits.
 */
export class MergedUsage {
  readonly key: ContainerKey;
  /** So many nodes tell of it. */
  nodes = 0;
  hours = 0;
  running = 0;
  /** The node that tells of the most hours. */
  most = { node: '', hours: Number.NEGATIVE_INFINITY };
  /** The node that tells of the most OOM kills. */
  mostKills = { node: '', count: 0 };
  private heaviest: Share | undefined;
  private largest: Share | undefined;
  /** Of all other nodes. */
  private rest: UsageAggregate | undefined;
  private restBytes = 0;
  private readonly votes = new Map<string, Vote>();

  constructor(key: ContainerKey) {
    this.key = key;
  }

  add(share: Share): void {
    const { node, aggregate, isFresh, hours } = share;
    this.nodes++;
    this.hours += hours;
    this.running += aggregate.running;
    if (hours > this.most.hours) this.most = { node, hours };
    if (aggregate.killCount > this.mostKills.count) this.mostKills = { node, count: aggregate.killCount };
    this.vote(aggregate, isFresh, 1);
    const apart = [...new Set([this.heaviest, this.largest, share])].filter((one) => one !== undefined);
    const heaviest = apart.reduce((a, b) => (b.hours > a.hours ? b : a));
    const largest = apart.reduce((a, b) => (b.bytes > a.bytes ? b : a));
    const others = apart.map((one) => (one === largest ? this.restBytes : one.bytes));
    // Who is no suspect now becomes none later: hours only grow, and so do sizes.
    this.heaviest = heaviest.hours >= suspectHours * this.hours ? heaviest : undefined;
    this.largest = largest.bytes > suspectBytes * Math.max(...others) ? largest : undefined;
    for (const one of apart) {
      if (one === this.heaviest || one === this.largest) continue;
      this.restBytes = Math.max(this.restBytes, one.bytes);
      if (this.rest === undefined) this.rest = one.aggregate;
      else this.rest.merge(one.aggregate);
    }
  }

  /** What all nodes tell. */
  get all(): UsageAggregate {
    return this.without(undefined);
  }

  /** The nodes that may move a suggestion alone. */
  get suspects(): readonly Share[] {
    return [...new Set([this.heaviest, this.largest])].filter((one) => one !== undefined);
  }

  /** What all nodes tell but one of the suspects. */
  without(left: Share | undefined): UsageAggregate {
    const sum = new UsageAggregate();
    for (const share of this.suspects) if (share !== left) sum.merge(share.aggregate);
    if (this.rest !== undefined) sum.merge(this.rest);
    if (left !== undefined) this.vote(left.aggregate, left.isFresh, -1);
    sum.setting = this.elected;
    if (left !== undefined) this.vote(left.aggregate, left.isFresh, 1);
    return sum;
  }

  /** Each node has one vote on what is in force, whatever time it claims to have looked last. */
  private vote({ setting, running, lastAt }: UsageAggregate, isFresh: boolean, count: 1 | -1): void {
    if (setting === undefined) return;
    const text = JSON.stringify(setting);
    const vote = this.votes.get(text) ?? { setting, running: 0, all: 0, lastAt };
    if (vote.all === 0) this.votes.set(text, vote);
    if (isFresh && running > 0) vote.running += count;
    vote.all += count;
    vote.lastAt = Math.max(vote.lastAt, lastAt);
  }

  /** By the nodes that run it now; where none does, the latest. What hides a name from the suggestions loses a tie. */
  private get elected(): Setting | undefined {
    const sorted = [...this.votes.values()]
      .filter(({ all }) => all > 0)
      .sort(
        (a, b) =>
          b.running - a.running ||
          Number(isHidden(a.setting)) - Number(isHidden(b.setting)) ||
          b.lastAt - a.lastAt,
      );
    return sorted[0]?.setting;
  }
}

interface Vote {
  readonly setting: Setting;
  /** Of nodes that run it now. */
  running: number;
  all: number;
  lastAt: number;
}

/** Nothing to size. */
export const isHidden = ({ type }: Setting): boolean => type === 'ephemeral' || type === 'sandbox';
