/** Merges the histories of many nodes, one by one, into one aggregate per container name. Keeps no whole history. */

import { type ContainerKey, keyText, type Setting } from '../model/container-key.ts';
import { LocatedError } from '../model/located-error.ts';
import { rfc3339 } from '../model/time.ts';
import { neededBeyond, UsageAggregate } from '../usage/aggregate.ts';
import { laterRevision, neediest, type Probe, type Revision } from '../usage/aggregate-entries.ts';
import { aheadSeconds, closeWindows } from '../usage/history.ts';
import type { Checkpoint, Dropped } from './checkpoint.ts';

/** A node without a write for longer is stale, and its running replicas do not count. Nodes write about hourly. */
const freshSeconds = 3 * 3600;
/** Most replicas of one name on one node. A kubelet runs 110 pods by default, and a few hundred at most. */
const mostRunning = 512;

/** The history of one name on one node. */
interface Share {
  readonly node: string;
  readonly aggregate: UsageAggregate;
  readonly isFresh: boolean;
  /** Container-hours, with a half-life of a week. */
  readonly hours: number;
  /** The largest size in the aggregate. */
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

  /** @param at seconds since 1970 @param wanted selects the names to merge; others take no memory */
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
      // The replicas of a stale node run elsewhere now, or not at all.
      aggregate.running = isFresh ? Math.min(mostRunning, aggregate.running) : 0;
      // A stale node forgets nothing any more.
      aggregate.forgetProbes(this.at);
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

  /** Yields each name and drops it, so that memory shrinks. */
  *drain(): Generator<MergedUsage> {
    for (const [text, merged] of this.byKey) {
      this.byKey.delete(text);
      yield merged;
    }
  }
}

const fivesPerHour = 12;

/** Hours of the histogram with more weight: one determines the limit, the other the request. */
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
    expected: `a time before ${rfc3339(at * 1000)}`,
    got: rfc3339(history.at * 1000),
    todo: 'correct the clock of that node, or of this machine',
  });

/** A line of the faults about dropped entries. */
const droppedFrom = (where: string, { count, first = '' }: Dropped): string =>
  `${where}: ${count === 1 ? '1 entry' : `${count} entries`} cannot be read (${first}${count > 1 ? ', …' : ''})`;

/** A node with a smaller share of the hours does not move a percentile much. */
const suspectHours = 0.1;
/** Only a size this far above that of every other node moves a limit by a tenth. */
const suspectBytes = 1.1;

/**
 * One name on all nodes. Nodes that may change a suggestion alone (suspects) stay separate, so that `without` can leave one out:
 * the node with the most hours, which moves percentiles, and the node with the largest size, which moves limits. A node that alone names
 * the last revision makes the probes of all others old.
 */
export class MergedUsage {
  readonly key: ContainerKey;
  /** Number of nodes that report it. */
  nodes = 0;
  hours = 0;
  running = 0;
  /** The node with the most hours. */
  most = { node: '', hours: Number.NEGATIVE_INFINITY };
  /** The node with the most OOM kills. */
  mostKills = { node: '', count: 0 };
  private heaviest: Share | undefined;
  private largest: Share | undefined;
  /** Sum of all other nodes. */
  private rest: UsageAggregate | undefined;
  /** The node that names the last revision. */
  private newest: RevisionOfNode | undefined;
  /** The last revision that any other node names. */
  private revisionOfOthers: Revision | undefined;
  private restBytes = 0;
  private readonly votes = new Map<string, Vote>();
  /** The nodes that have answers of probes, and these answers. */
  private readonly probing: ProbingNode[] = [];

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
    const { probes, revision } = aggregate;
    if (probes.length > 0) this.probing.push({ node, hours, running: aggregate.running, probes });
    if (revision !== undefined)
      this.addRevision({ node, hours, isFresh, running: aggregate.running, revision });
    const apart = [...new Set([this.heaviest, this.largest, share])].filter((one) => one !== undefined);
    const heaviest = apart.reduce((a, b) => (b.hours > a.hours ? b : a));
    const largest = apart.reduce((a, b) => (b.bytes > a.bytes ? b : a));
    const others = apart.map((one) => (one === largest ? this.restBytes : one.bytes));
    // A node that is no suspect now cannot become one later: total hours and the largest size only grow.
    this.heaviest = heaviest.hours >= suspectHours * this.hours ? heaviest : undefined;
    this.largest = largest.bytes > suspectBytes * Math.max(...others) ? largest : undefined;
    for (const one of apart) {
      if (one === this.heaviest || one === this.largest) continue;
      this.restBytes = Math.max(this.restBytes, one.bytes);
      if (this.rest === undefined) this.rest = one.aggregate;
      else this.rest.merge(one.aggregate);
    }
  }

  /** The aggregate of all nodes. */
  get all(): UsageAggregate {
    return this.without(undefined);
  }

  private addRevision(one: RevisionOfNode): void {
    const { newest } = this;
    const isLater = laterRevision(newest?.revision, one.revision) === one.revision;
    if (isLater) this.newest = one;
    const other = isLater ? newest : one;
    this.revisionOfOthers = laterRevision(this.revisionOfOthers, other?.revision);
  }

  /** The nodes that may change a suggestion alone. */
  get suspects(): readonly Share[] {
    const apart = [...new Set([this.heaviest, this.largest])].filter((one) => one !== undefined);
    const { newest, revisionOfOthers } = this;
    const isAlone = newest !== undefined && newest.revision.revision !== revisionOfOthers?.revision;
    if (!isAlone || this.probing.length === 0 || apart.some(({ node }) => node === newest.node)) return apart;
    // Only its revision and its probes can be left out: its usage is a part of the rest.
    const aggregate = new UsageAggregate();
    aggregate.running = newest.running;
    return [...apart, { ...newest, aggregate, bytes: 0 }];
  }

  /** The node whose history has this probe. */
  proberOf({ pod, at }: Pick<Probe, 'pod' | 'at'>): Omit<ProbingNode, 'probes'> | undefined {
    return this.probing.find(({ probes }) => probes.some((one) => one.pod === pod && one.at === at));
  }

  /**
   * The aggregate of all nodes except one suspect, also without its revision, which may make the probes of the others old. Its probes are
   * left out where another node has one that counts, which they may displace. Else they stay: a probe in one replica counts for the
   * others, and suggest shows what it changes.
   */
  without(left: Share | undefined): UsageAggregate {
    const sum = new UsageAggregate();
    for (const share of this.suspects) if (share !== left) sum.merge(share.aggregate);
    if (this.rest !== undefined) sum.merge(this.rest);
    if (left !== undefined) this.vote(left.aggregate, left.isFresh, -1);
    const isNewest = left !== undefined && left.node === this.newest?.node;
    const revision = isNewest ? this.revisionOfOthers : this.newest?.revision;
    const counts = ({ revision: of }: Probe): boolean =>
      of === undefined || revision === undefined || of === revision.revision;
    const others = this.probing.filter(({ node }) => node !== left?.node);
    const probing = others.some(({ probes }) => probes.some(counts)) ? others : this.probing;
    sum.probes = neediest(probing.flatMap(({ probes }) => probes));
    sum.revision = revision;
    sum.setting = this.elected;
    if (left !== undefined) this.vote(left.aggregate, left.isFresh, 1);
    return sum;
  }

  /** Each node has one vote on the setting in force, whatever time it claims for its last observation. */
  private vote({ setting, running, lastAt }: UsageAggregate, isFresh: boolean, count: 1 | -1): void {
    if (setting === undefined) return;
    const text = JSON.stringify(setting);
    const vote = this.votes.get(text) ?? { setting, running: 0, all: 0, lastAt };
    if (vote.all === 0) this.votes.set(text, vote);
    if (isFresh && running > 0) vote.running += count;
    vote.all += count;
    vote.lastAt = Math.max(vote.lastAt, lastAt);
  }

  /** The setting with the most nodes that run it now; without any, the latest. A setting that hides the name loses ties. */
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

interface ProbingNode extends Pick<Share, 'node' | 'hours'> {
  readonly running: number;
  readonly probes: readonly Probe[];
}

interface RevisionOfNode extends Pick<Share, 'node' | 'hours' | 'isFresh'> {
  readonly running: number;
  readonly revision: Revision;
}

interface Vote {
  readonly setting: Setting;
  /** Votes of nodes that run it now. */
  running: number;
  all: number;
  lastAt: number;
}

/** Ephemeral and sandbox containers get no suggestion. */
export const isHidden = ({ type }: Setting): boolean => type === 'ephemeral' || type === 'sandbox';
