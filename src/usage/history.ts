/** All that is remembered between passes. Times that come in are milliseconds since 1970; those of demand are seconds. */
import type { Bytes } from '../model/bytes.ts';
import type { CgroupId, Lru } from '../model/cgroup.ts';
import { keyText, type PodSetting, type Setting } from '../model/container-key.ts';
import { defined } from '../model/defined.ts';
import type { Accounted, Identified, Observation } from '../model/observation.ts';
import type { Pod, PodContainer } from '../model/pod.ts';
import { isOwnLimit } from '../model/report.ts';
import { canBeRemembered } from '../model/time.ts';
import { suffersAtHigh } from '../model/usage.ts';
import type { Kill, UsageAggregate } from './aggregate.ts';
import { type NamedAggregate, UsageAggregates } from './aggregates.ts';
import type { KnownKills } from './known-kills.ts';
import { ContainerLifetime, type LifetimeState } from './lifetime.ts';
import { ContainerLifetimes, patienceSeconds, type SampleContext, type Side } from './lifetimes.ts';
import { type NewKills, OomKills } from './oom-kills.ts';
import { keyOf, type Owner, ownerOf } from './owner.ts';

/** Clocks differ by less: nothing that is dated later than this has happened. */
export const aheadSeconds = 3600;

/** What is kept over a restart: what each name added up, and what is still open. */
export interface Kept {
  readonly aggregates: Iterable<NamedAggregate>;
  readonly lives: readonly LifetimeState[];
  /** Absent: nobody has looked for kills yet, or the agent was one that kept none of it. */
  readonly kills?: KnownKills;
}

export class History {
  private readonly lives = new ContainerLifetimes();
  private readonly aggregates = new UsageAggregates();
  private pods: readonly Pod[] = [];
  private lastLru: Lru | undefined;
  /** Of the last pass, in seconds; undefined: nobody knew. */
  private at: number | undefined;
  /** Nothing is dated later. */
  private newest = Number.NEGATIVE_INFINITY;
  private readonly oomKills = new OomKills((owner, kills) => this.killed(owner, kills));

  /** Under which the last pass was read; undefined: there was none. */
  get lru(): Lru | undefined {
    return this.lastLru;
  }

  /**
   * Of every pass.
   * @param at undefined: nobody knows what time it is. Then cgroups keep their peaks, and nothing is added up under a name
   */
  sampled(
    observations: readonly Observation[],
    reading: SampleContext,
    pods: readonly Pod[],
    at: number | undefined,
  ): void {
    this.at = secondsOf(at);
    this.lastLru = reading.lru;
    if (this.at !== undefined) this.forgetFuture(this.at);
    this.lives.remember(observations, reading, this.at);
    this.pods = pods;
    this.oomKills.observePods(pods);
  }

  /** The clock was set back where something is dated later: what is dated ahead would outweigh all that comes. */
  private forgetFuture(at: number): void {
    if (this.newest > at + aheadSeconds) {
      for (const { aggregate } of [...this.aggregates, ...this.lives]) aggregate.forgetLater(at);
      this.newest = at;
    }
    this.newest = Math.max(this.newest, at);
  }

  /** Of a pass in detail. */
  identified(identified: readonly Identified[], at: number | undefined): void {
    // Where nobody knows what time it is, the rise of a counter is dated by the first pass that does.
    if (secondsOf(at) === undefined || at === undefined) return;
    this.oomKills.observeCounters(identified, at);
  }

  /** Of a pass in detail: what has a name is added up under it from now on. */
  accounted(accounted: readonly Accounted[], at: number | undefined): void {
    for (const { sample, usage } of accounted) this.lives.of(sample.id)?.observeHigh(usage);
    const seconds = secondsOf(at);
    if (seconds === undefined) return;
    for (const { aggregate } of this.aggregates) aggregate.running = 0;
    for (const observation of accounted) {
      const { sample, usage } = observation;
      const lifetime = this.lives.of(sample.id);
      const named = nameOf(observation);
      if (lifetime === undefined || named === undefined) continue;
      if (this.mayBePods(observation) && seconds - (lifetime.since ?? seconds) < patienceSeconds) continue;
      if (lifetime.key === undefined) lifetime.name(named.key, named.pod, this.aggregates.of(named.key));
      const { aggregate } = lifetime;
      aggregate.running++;
      aggregate.observed(seconds);
      aggregate.setting = named.setting;
      const { usageBytes, realBytes, limitBytes, limitFrom, highBytes, highFrom, psiFullAvg60 } = usage;
      const limit = isOwnLimit(sample.id.path, limitFrom) ? limitBytes : undefined;
      const high = isOwnLimit(sample.id.path, highFrom) ? highBytes : undefined;
      const throttled = lifetime.isAboveHigh && suffersAtHigh(usage);
      lifetime.observeBounds(
        { usage: usageBytes, real: realBytes, limit, high, throttled, stalled: psiFullAvg60 },
        seconds,
      );
      if (lifetime.peak !== undefined) aggregate.replica(named.pod, lifetime.peak, seconds);
    }
    // A short job's cgroup can be gone before the API has said its name.
    this.lives.adopt((lifetime, { role }) => this.adopted(lifetime, role), seconds);
    this.aggregates.forget(seconds);
  }

  /** On a node of Kubernetes: the API may be late to say that a container outside the cgroups of pods is one of theirs. */
  private mayBePods({ role }: Accounted): boolean {
    return role.kind === 'other' && role.id !== undefined && this.pods.length > 0;
  }

  /** By its ID alone: paths write the UIDs of pods in their own way, and of some another one. */
  private adopted(lifetime: ContainerLifetime, role: Observation['role']): boolean {
    if (role.kind !== 'container') return true;
    const isIt = ({ ids }: PodContainer): boolean => ids.includes(role.id);
    const pod = this.pods.find(({ containers }) => containers.some(isIt));
    const container = pod?.containers.find(isIt);
    if (pod === undefined || container === undefined || pod.from === 'logs') return false;
    const key = keyOf(pod, container);
    const aggregate = this.aggregates.of(key);
    if (this.at !== undefined) aggregate.observed(this.at);
    lifetime.name(key, pod.name, aggregate);
    aggregate.setting ??= settingOf(pod, container, undefined);
    return true;
  }

  /** With what is still open, as if it closed now. What comes out is not added to any more. */
  currentAggregateOf({ key, aggregate }: NamedAggregate): UsageAggregate {
    const lives = [...this.lives].flatMap((lifetime) =>
      lifetime.aggregate === aggregate ? [lifetime.state] : [],
    );
    return closeWindows({ aggregates: [{ key, aggregate }], lives }).of(key);
  }

  /** To be written down. */
  kept(): Kept {
    const lives = [...this.lives].flatMap((lifetime) => (lifetime.key === undefined ? [] : [lifetime.state]));
    const kills = this.oomKills.kept();
    return {
      aggregates: this.aggregates,
      lives: [...lives, ...this.lives.unseen],
      ...(kills !== undefined && { kills }),
    };
  }

  /**
   * Takes in another record of this node, whenever it turns up: what an earlier agent kept. Both may tell of the same
   * past, which counts once. Lives that run go on where the record has them.
   */
  restore({ aggregates, lives, kills }: Kept): void {
    if (kills !== undefined) this.oomKills.restore(kills);
    for (const { aggregate } of aggregates)
      for (const { lifetime, at, times = 1 } of aggregate.kills)
        this.oomKills.counted({ id: lifetime, kills: times, isCounted: true, at });
    const spans = new Map<string, Readonly<Record<Side, Span>>>();
    for (const { key, aggregate } of aggregates) {
      if (this.at !== undefined && aggregate.lastAt > this.at + aheadSeconds) aggregate.forgetLater(this.at);
      const own = this.aggregates.of(key);
      spans.set(keyText(key), { own: spanOf(own), other: spanOf(aggregate) });
      own.reconcile(aggregate);
      this.newest = Math.max(this.newest, aggregate.lastAt);
    }
    this.lives.reconcile(
      lives,
      (state) => state.key && this.aggregates.of(state.key),
      ({ key }, by) => {
        const span = key && spans.get(keyText(key));
        if (span === undefined) return false;
        const { [by]: side, [by === 'own' ? 'other' : 'own']: otherSpan } = span;
        return side.observedFrom <= otherSpan.observedUntil && otherSpan.observedUntil <= side.observedUntil;
      },
    );
  }

  /** What the containers of that name need; undefined: none was seen. */
  aggregateOf(id: CgroupId): NamedAggregate | undefined {
    const lifetime = this.lives.of(id);
    return lifetime?.key === undefined ? undefined : { key: lifetime.key, aggregate: lifetime.aggregate };
  }

  /** The largest real that was sampled. */
  peakOf(id: CgroupId): Bytes | undefined {
    return this.lives.of(id)?.peak as Bytes | undefined;
  }

  /** When this cgroup, or another of its name, was first seen. */
  sinceOf(id: CgroupId): number | undefined {
    const lifetime = this.lives.of(id);
    if (lifetime?.since === undefined) return undefined;
    return 1000 * Math.min(lifetime.since, lifetime.aggregate.since);
  }

  /** Whether the events of `memory.high` rose from the reading before to the last. */
  isAboveHigh(id: CgroupId): boolean {
    return this.lives.of(id)?.isAboveHigh ?? false;
  }

  /** OOM kills of a container over all its lives; undefined: none is known. */
  killsOf(podUID: string, container: string): number | undefined {
    return this.oomKills.of(podUID, container)?.count;
  }

  /** When the last of them was. */
  lastKillOf(podUID: string, container: string): number | undefined {
    return this.oomKills.of(podUID, container)?.lastAt;
  }

  private killed({ key, pod }: Owner, { lifetime, at, times, limit }: NewKills): void {
    const kill = { pod, lifetime, at: Math.floor(at / 1000), limit, times: times > 1 ? times : undefined };
    this.aggregates.of(key).killed(defined<Kill>(kill));
  }
}

type Span = Pick<UsageAggregate, 'observedFrom' | 'observedUntil'>;
const spanOf = ({ observedFrom, observedUntil }: Span): Span => ({ observedFrom, observedUntil });

/** @param at milliseconds; undefined for what no history can be of */
const secondsOf = (at: number | undefined): number | undefined =>
  at !== undefined && canBeRemembered(at / 1000) ? at / 1000 : undefined;

/** Everything that is open closed. */
export function closeWindows({ aggregates, lives }: Pick<Kept, 'aggregates' | 'lives'>): UsageAggregates {
  const folded = new UsageAggregates();
  folded.merge(aggregates);
  for (const state of lives) {
    if (state.key === undefined) continue;
    new ContainerLifetime('', state).closeInto(folded.of(state.key));
  }
  return folded;
}

interface Named extends Owner {
  readonly setting: Setting;
}

function nameOf(observation: Accounted): Named | undefined {
  const owner = ownerOf(observation);
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
  // Where the pod has a limit, the kubelet gives it to those of its containers that have none.
  const limit = container?.limit ?? (own === pod?.limit ? undefined : own);
  return defined<Setting>({
    type: container?.type ?? 'unknown',
    request: container?.request,
    limit,
    heap: container?.heap,
    pod: isPodSet ? defined<PodSetting>({ request: pod?.request, limit: pod?.limit }) : undefined,
  });
}
