/** The history of this node between passes. Parameters are milliseconds since 1970; aggregates and lifetimes use seconds. */
import type { Bytes } from '../model/bytes.ts';
import type { CgroupId, Lru } from '../model/cgroup.ts';
import { isSameSetting, keyText, type PodSetting, type Setting } from '../model/container-key.ts';
import { defined } from '../model/json.ts';
import type { Accounted, Identified, Observation } from '../model/observation.ts';
import type { Pod, PodContainer, ProbedCache } from '../model/pod.ts';
import { isOwnLimit } from '../model/report.ts';
import { canBeRemembered } from '../model/time.ts';
import { suffersAtHigh } from '../model/usage.ts';
import { oldestProbe, type UsageAggregate } from './aggregate.ts';
import type { Kill, Probe } from './aggregate-entries.ts';
import { type NamedAggregate, UsageAggregates } from './aggregates.ts';
import type { KnownKills } from './known-kills.ts';
import { ContainerLifetime, type LifetimeState } from './lifetime.ts';
import { ContainerLifetimes, patienceSeconds, type SampleContext, type Side } from './lifetimes.ts';
import { type NewKills, OomKills } from './oom-kills.ts';
import { containerKeyOf, type UsageOwner, usageOwnerOf } from './owner.ts';
import { reconcileAggregates } from './reconcile.ts';

/** Clocks differ by less than this. A later date is wrong. */
export const aheadSeconds = 3600;

/** The state that survives a restart: the aggregate of each name, and the open windows. */
export interface HistoryState {
  readonly aggregates: Iterable<NamedAggregate>;
  readonly lifetimes: readonly LifetimeState[];
  /** Absent: no pass has read kill counters yet, or an earlier agent wrote the checkpoint, which did not keep them. */
  readonly kills?: KnownKills;
}

export class History {
  private readonly lifetimes = new ContainerLifetimes();
  private readonly aggregates = new UsageAggregates();
  private pods: readonly Pod[] = [];
  private reading: SampleContext | undefined;
  /** Time of the last pass, in seconds; undefined: unknown. */
  private at: number | undefined;
  /** No stored date is later. */
  private newest = Number.NEGATIVE_INFINITY;
  private readonly oomKills = new OomKills((owner, kills) => this.killed(owner, kills));

  /** Number of answers of probes that were new. */
  probesTaken = 0;

  private edits = 0;

  /** Another number after each change. */
  get changes(): number {
    return this.edits;
  }

  /** The LRU at the last pass; undefined before the first. */
  get lru(): Lru | undefined {
    return this.reading?.lru;
  }

  /**
   * Called in every pass.
   * @param at undefined: the time is unknown. Then lifetimes keep only their peaks, and no aggregate changes
   */
  sampled(
    observations: readonly Observation[],
    reading: SampleContext,
    pods: readonly Pod[],
    at: number | undefined,
  ): void {
    this.edits++;
    this.at = secondsOf(at);
    this.reading = reading;
    if (this.at !== undefined) this.forgetFuture(this.at);
    this.lifetimes.remember(observations, reading, this.at);
    this.pods = pods;
    this.oomKills.observePods(pods);
  }

  /** Called between passes, for cgroups with memory events. @param at undefined: the time is unknown */
  sampledBetween(observations: readonly Observation[], at: number | undefined): void {
    // The first pass finds out how to read a sample.
    if (this.reading === undefined) return;
    this.edits++;
    for (const observation of observations) this.lifetimes.observe(observation, this.reading, secondsOf(at));
  }

  /** A date ahead of the clock means that the clock was set back. Entries dated ahead would outweigh all that follows. */
  private forgetFuture(at: number): void {
    if (this.newest > at + aheadSeconds) {
      for (const { aggregate } of [...this.aggregates, ...this.lifetimes]) aggregate.forgetLater(at);
      this.newest = at;
    }
    this.newest = Math.max(this.newest, at);
  }

  /** Called in each detailed pass. */
  identified(identified: readonly Identified[], at: number | undefined): void {
    // While the time is unknown, counters wait: the first pass with a time dates their rise.
    if (secondsOf(at) === undefined || at === undefined) return;
    this.edits++;
    this.oomKills.observeCounters(identified, at);
  }

  /** Called in each detailed pass. A lifetime that has a name adds to the aggregate of that name from now on. */
  accounted(accounted: readonly Accounted[], at: number | undefined): void {
    this.edits++;
    for (const { sample, usage } of accounted) this.lifetimes.of(sample.id)?.observeHigh(usage);
    const seconds = secondsOf(at);
    if (seconds === undefined) return;
    for (const { aggregate } of this.aggregates) aggregate.running = 0;
    for (const observation of accounted) {
      const { sample, usage } = observation;
      if (observation.container?.type === 'sandbox') this.lifetimes.dropWindows(sample.id);
      const named = nameOf(observation);
      const lifetime = named && this.lifetimes.named(sample.id, observation.role);
      if (lifetime === undefined || named === undefined) continue;
      if (this.mayBePods(observation) && seconds - (lifetime.since ?? seconds) < patienceSeconds) continue;
      if (lifetime.key === undefined) {
        const { key, aggregate } = this.aggregates.named(named.key);
        lifetime.name(key, named.pod, aggregate);
      }
      const { aggregate } = lifetime;
      aggregate.running++;
      aggregate.observed(seconds);
      if (!isSameSetting(aggregate.setting, named.setting)) aggregate.setting = named.setting;
      const { usageBytes, realBytes, limitBytes, limitFrom, highBytes, highFrom, psiFullAvg60 } = usage;
      const limit = isOwnLimit(sample.id.path, limitFrom) ? limitBytes : undefined;
      const high = isOwnLimit(sample.id.path, highFrom) ? highBytes : undefined;
      const throttled = lifetime.isAboveHigh && suffersAtHigh(usage);
      lifetime.observeBounds(
        { usage: usageBytes, real: realBytes, limit, high, throttled, stalled: psiFullAvg60 },
        seconds,
      );
      if (lifetime.peak !== undefined) aggregate.replica(named.pod, lifetime.peak, seconds);
      const { createdAt, revision } = observation.pod ?? {};
      // The API server's clock may be ahead.
      if (createdAt !== undefined && revision !== undefined)
        aggregate.created(revision, Math.min(createdAt, seconds));
    }
    // The cgroup of a short job can end before the API reports its name.
    this.lifetimes.adopt((lifetime, role) => this.adopted(lifetime, role), seconds);
    this.aggregates.forget(seconds);
  }

  /** What a probe found in this container. The same answer may come with each report. Called after `accounted`. */
  probed({ sample, pod }: Accounted, found: ProbedCache): void {
    const lifetime = this.lifetimes.container(sample.id);
    if (lifetime?.key === undefined || lifetime.pod === undefined || this.at === undefined) return;
    // The annotation of an old pod outlives its answer. Taken again in each report, the answer would be news each time.
    if (found.at < oldestProbe(this.at)) return;
    const { aggregate, pod: name } = lifetime;
    const now = Math.floor(this.at);
    // Dated ahead, it would be new in each pass until that time.
    const isTaken = ({ pod: of, neededCacheBytes }: Probe): boolean =>
      of === name && neededCacheBytes === found.neededCacheBytes;
    if (found.at > now && aggregate.probes.some(isTaken)) return;
    const at = Math.min(found.at, now);
    if (aggregate.probed(defined<Probe>({ ...found, at, pod: name, revision: pod?.revision })))
      this.probesTaken++;
  }

  /** On a Kubernetes node, a container outside the cgroups of pods may still belong to a pod that the API reports later. */
  private mayBePods({ role }: Accounted): boolean {
    return role.kind === 'other' && role.id !== undefined && this.pods.length > 0;
  }

  /** Matches by container ID alone, because paths write pod UIDs in various forms, and some have another UID. */
  private adopted(lifetime: ContainerLifetime, role: Observation['role']): boolean {
    if (role.kind !== 'container') return true;
    const isIt = ({ ids }: PodContainer): boolean => ids.includes(role.id);
    const pod = this.pods.find(({ containers }) => containers.some(isIt));
    const container = pod?.containers.find(isIt);
    if (pod === undefined || container === undefined || pod.from === 'logs') return false;
    const { key, aggregate } = this.aggregates.named(containerKeyOf(pod, container));
    if (this.at !== undefined) aggregate.observed(this.at);
    lifetime.name(key, pod.name, aggregate);
    aggregate.setting ??= settingOf(pod, container, undefined);
    return true;
  }

  /** A copy that includes the open windows, as if they closed now. */
  currentAggregateOf({ key, aggregate }: NamedAggregate): UsageAggregate {
    const lifetimes = this.lifetimes.addingTo(aggregate).map(({ state }) => state);
    return closeWindows({ aggregates: [{ key, aggregate }], lifetimes }).of(key);
  }

  /** The largest real that is not yet in the aggregate, in bytes. 0: none. */
  openPeakOf(aggregate: UsageAggregate): number {
    return Math.max(0, ...this.lifetimes.addingTo(aggregate).map(({ openPeak = 0 }) => openPeak));
  }

  /** The state to write into a checkpoint. */
  kept(): HistoryState {
    const lifetimes = [...this.lifetimes].flatMap((lifetime) =>
      lifetime.key === undefined ? [] : [lifetime.state],
    );
    const kills = this.oomKills.kept();
    return {
      aggregates: this.aggregates,
      lifetimes: [...lifetimes, ...this.lifetimes.unseen],
      ...(kills !== undefined && { kills }),
    };
  }

  /**
   * Merges another record of this node, which an earlier agent kept. It may arrive at any time. Both records may cover the
   * same past, which counts once. Running lifetimes continue from the record.
   */
  restore({ aggregates, lifetimes, kills }: HistoryState): void {
    this.edits++;
    if (kills !== undefined) this.oomKills.restore(kills);
    for (const { aggregate } of aggregates)
      for (const { lifetime, at, times = 1 } of aggregate.kills)
        this.oomKills.counted({ id: lifetime, kills: times, isCounted: true, at });
    const spans = new Map<string, Readonly<Record<Side, Span>>>();
    for (const { key, aggregate } of aggregates) {
      if (this.at !== undefined && aggregate.lastAt > this.at + aheadSeconds) aggregate.forgetLater(this.at);
      const own = this.aggregates.of(key);
      spans.set(keyText(key), { own: spanOf(own), other: spanOf(aggregate) });
      reconcileAggregates(own, aggregate);
      this.newest = Math.max(this.newest, aggregate.lastAt);
    }
    this.lifetimes.reconcile(
      lifetimes,
      (state) => state.key && this.aggregates.of(state.key),
      ({ key }, by) => {
        const span = key && spans.get(keyText(key));
        if (span === undefined) return false;
        const { [by]: side, [by === 'own' ? 'other' : 'own']: otherSpan } = span;
        return side.observedFrom <= otherSpan.observedUntil && otherSpan.observedUntil <= side.observedUntil;
      },
    );
  }

  /** The aggregate of the container's name; undefined: the name is unknown. */
  aggregateOf(id: CgroupId): NamedAggregate | undefined {
    const lifetime = this.lifetimes.container(id);
    return lifetime?.key === undefined ? undefined : { key: lifetime.key, aggregate: lifetime.aggregate };
  }

  /** The largest sampled real, in bytes. */
  peakOf(id: CgroupId): Bytes | undefined {
    return this.lifetimes.of(id)?.peak as Bytes | undefined;
  }

  /** When this cgroup, or another of the same name, was first observed, in milliseconds. */
  sinceOf(id: CgroupId): number | undefined {
    const lifetime = this.lifetimes.of(id);
    if (lifetime?.since === undefined) return undefined;
    const first = this.lifetimes.container(id)?.aggregate.since ?? lifetime.since;
    return 1000 * Math.min(lifetime.since, first);
  }

  /** Whether the `high` events rose between the last two samples. */
  isAboveHigh(id: CgroupId): boolean {
    return this.lifetimes.of(id)?.isAboveHigh ?? false;
  }

  /** OOM kills of a container over all its lifetimes; undefined: none is known. */
  killsOf(podUID: string, container: string): number | undefined {
    return this.oomKills.of(podUID, container)?.count;
  }

  /** Time of the last OOM kill, in milliseconds. */
  lastKillOf(podUID: string, container: string): number | undefined {
    return this.oomKills.of(podUID, container)?.lastAt;
  }

  private killed({ key, pod }: UsageOwner, { lifetime, at, times, limit }: NewKills): void {
    const kill = { pod, lifetime, at: Math.floor(at / 1000), limit, times: times > 1 ? times : undefined };
    this.aggregates.of(key).killed(defined<Kill>(kill));
  }
}

type Span = Pick<UsageAggregate, 'observedFrom' | 'observedUntil'>;
const spanOf = ({ observedFrom, observedUntil }: Span): Span => ({ observedFrom, observedUntil });

/** @param at milliseconds @returns undefined: unknown, or outside the range of a history */
const secondsOf = (at: number | undefined): number | undefined =>
  at !== undefined && canBeRemembered(at / 1000) ? at / 1000 : undefined;

/** Aggregates that include the open windows of all lifetimes. */
export function closeWindows({
  aggregates,
  lifetimes,
}: Pick<HistoryState, 'aggregates' | 'lifetimes'>): UsageAggregates {
  const closed = new UsageAggregates();
  closed.merge(aggregates);
  for (const state of lifetimes) {
    if (state.key === undefined) continue;
    new ContainerLifetime('', state).closeInto(closed.of(state.key));
  }
  return closed;
}

interface NamedSetting extends UsageOwner {
  readonly setting: Setting;
}

function nameOf(observation: Accounted): NamedSetting | undefined {
  const owner = usageOwnerOf(observation);
  if (owner === undefined) return undefined;
  const { pod, container, usage } = observation;
  const own = usage.limitFrom === undefined ? usage.limitBytes : undefined;
  return { ...owner, setting: settingOf(pod, container?.container, own) };
}

function settingOf(
  pod: Pod | undefined,
  container: PodContainer | undefined,
  own: Bytes | undefined,
): Setting {
  const isPodSet = pod?.request !== undefined || pod?.limit !== undefined;
  // The kubelet gives the limit of the pod to each of its containers without one.
  const limit = container?.limit ?? (own === pod?.limit ? undefined : own);
  return defined<Setting>({
    type: container?.type ?? 'unknown',
    request: container?.request,
    limit,
    heap: container?.heap,
    pod: isPodSet ? defined<PodSetting>({ request: pod?.request, limit: pod?.limit }) : undefined,
  });
}
