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
import { ContainerLifetime, type LifeState } from './lifetime.ts';
import { ContainerLifetimes, patienceSeconds, type Reading, type Teller } from './lifetimes.ts';
import { type NewKills, OomKills } from './oom-kills.ts';
import { keyOf, type Owner, ownerOf } from './owner.ts';

/** Clocks differ by less: nothing that is dated later than this has happened. */
export const aheadSeconds = 3600;

/** What is kept over a restart: what each name added up, and what is still open. */
export interface Kept {
  readonly aggregates: Iterable<NamedAggregate>;
  readonly lives: readonly LifeState[];
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
    reading: Reading,
    pods: readonly Pod[],
    at: number | undefined,
  ): void {
    this.at = secondsOf(at);
    this.lastLru = reading.lru;
    if (this.at !== undefined) this.goOn(this.at);
    this.lives.remember(observations, reading, this.at);
    this.pods = pods;
    this.oomKills.hear(pods);
  }

  /** The clock was set back where something is dated later: what is dated ahead would outweigh all that comes. */
  private goOn(at: number): void {
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
    this.oomKills.see(identified, at);
  }

  /** Of a pass in detail: what has a name is added up under it from now on. */
  accounted(accounted: readonly Accounted[], at: number | undefined): void {
    for (const { sample, usage } of accounted) this.lives.of(sample.id)?.metHigh(usage);
    const seconds = secondsOf(at);
    if (seconds === undefined) return;
    for (const { aggregate } of this.aggregates) aggregate.running = 0;
    for (const observation of accounted) {
      const { sample, usage } = observation;
      const life = this.lives.of(sample.id);
      const named = nameOf(observation);
      if (life === undefined || named === undefined) continue;
      if (this.mayBePods(observation) && seconds - (life.since ?? seconds) < patienceSeconds) continue;
      if (life.key === undefined) life.name(named.key, named.pod, this.aggregates.of(named.key));
      const { aggregate } = life;
      aggregate.running++;
      aggregate.looked(seconds);
      aggregate.setting = named.setting;
      const { usageBytes, realBytes, limitBytes, limitFrom, highBytes, highFrom, psiFullAvg60 } = usage;
      const limit = isOwnLimit(sample.id.path, limitFrom) ? limitBytes : undefined;
      const high = isOwnLimit(sample.id.path, highFrom) ? highBytes : undefined;
      const throttled = life.isAboveHigh && suffersAtHigh(usage);
      life.bounded(
        { usage: usageBytes, real: realBytes, limit, high, throttled, stalled: psiFullAvg60 },
        seconds,
      );
      if (life.peak !== undefined) aggregate.replica(named.pod, life.peak, seconds);
    }
    // A short job's cgroup can be gone before the API has said its name.
    this.lives.adopt((life, { role }) => this.adopted(life, role), seconds);
    this.aggregates.forget(seconds);
  }

  /** On a node of Kubernetes: the API may be late to say that a container outside the cgroups of pods is one of theirs. */
  private mayBePods({ role }: Accounted): boolean {
    return role.kind === 'other' && role.id !== undefined && this.pods.length > 0;
  }

  /** By its ID alone: paths write the UIDs of pods in their own way, and of some another one. */
  private adopted(life: ContainerLifetime, role: Observation['role']): boolean {
    if (role.kind !== 'container') return true;
    const isIt = ({ ids }: PodContainer): boolean => ids.includes(role.id);
    const pod = this.pods.find(({ containers }) => containers.some(isIt));
    const container = pod?.containers.find(isIt);
    if (pod === undefined || container === undefined || pod.from === 'logs') return false;
    const key = keyOf(pod, container);
    const aggregate = this.aggregates.of(key);
    if (this.at !== undefined) aggregate.looked(this.at);
    life.name(key, pod.name, aggregate);
    aggregate.setting ??= settingOf(pod, container, undefined);
    return true;
  }

  /** With what is still open, as if it closed now. What comes out is not added to any more. */
  currentAggregateOf({ key, aggregate }: NamedAggregate): UsageAggregate {
    const lives = [...this.lives].flatMap((life) => (life.aggregate === aggregate ? [life.state] : []));
    return closeWindows({ aggregates: [{ key, aggregate }], lives }).of(key);
  }

  /** To be written down. */
  kept(): Kept {
    const lives = [...this.lives].flatMap((life) => (life.key === undefined ? [] : [life.state]));
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
      for (const { life, at, times = 1 } of aggregate.kills)
        this.oomKills.counted({ id: life, kills: times, isCounted: true, at });
    const spans = new Map<string, Readonly<Record<Teller, Span>>>();
    for (const { key, aggregate } of aggregates) {
      if (this.at !== undefined && aggregate.lastAt > this.at + aheadSeconds) aggregate.forgetLater(this.at);
      const own = this.aggregates.of(key);
      spans.set(keyText(key), { own: spanOf(own), other: spanOf(aggregate) });
      own.reunite(aggregate);
      this.newest = Math.max(this.newest, aggregate.lastAt);
    }
    this.lives.reunite(
      lives,
      (state) => state.key && this.aggregates.of(state.key),
      ({ key }, by) => {
        const span = key && spans.get(keyText(key));
        if (span === undefined) return false;
        const { [by]: teller, [by === 'own' ? 'other' : 'own']: told } = span;
        return teller.lookedFrom <= told.lookedUntil && told.lookedUntil <= teller.lookedUntil;
      },
    );
  }

  /** What the containers of that name need; undefined: none was seen. */
  aggregateOf(id: CgroupId): NamedAggregate | undefined {
    const life = this.lives.of(id);
    return life?.key === undefined ? undefined : { key: life.key, aggregate: life.aggregate };
  }

  /** The largest real that was sampled. */
  peakOf(id: CgroupId): Bytes | undefined {
    return this.lives.of(id)?.peak as Bytes | undefined;
  }

  /** When this cgroup, or another of its name, was first seen. */
  sinceOf(id: CgroupId): number | undefined {
    const life = this.lives.of(id);
    if (life?.since === undefined) return undefined;
    return 1000 * Math.min(life.since, life.aggregate.since);
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

  private killed({ key, pod }: Owner, { life, at, times, limit }: NewKills): void {
    const kill = { pod, life, at: Math.floor(at / 1000), limit, times: times > 1 ? times : undefined };
    this.aggregates.of(key).killed(defined<Kill>(kill));
  }
}

type Span = Pick<UsageAggregate, 'lookedFrom' | 'lookedUntil'>;
const spanOf = ({ lookedFrom, lookedUntil }: Span): Span => ({ lookedFrom, lookedUntil });

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
