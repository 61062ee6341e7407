/** All that is remembered between passes. Times that come in are milliseconds since 1970; those of demand are seconds. */
import type { Bytes } from '../model/bytes.ts';
import type { CgroupId, Lru } from '../model/cgroup.ts';
import { keyText, type PodSetting, type Setting } from '../model/container-key.ts';
import { defined } from '../model/defined.ts';
import type { Accounted, Identified, Sighting } from '../model/observation.ts';
import type { Pod, PodContainer } from '../model/pod.ts';
import { isOwnLimit } from '../model/report.ts';
import { canBeRemembered } from '../model/time.ts';
import { suffersAtHigh } from '../model/usage.ts';
import type { Demand, Kill } from './aggregate.ts';
import { Demands, type NamedDemand } from './aggregates.ts';
import type { KnownKills } from './known-kills.ts';
import { Life, type LifeState } from './lifetime.ts';
import { Lives, patienceSeconds, type Reading, type Teller } from './lifetimes.ts';
import { type NewKills, OomKills } from './oom-kills.ts';
import { keyOf, type Owner, ownerOf } from './owner.ts';

/** Clocks differ by less: nothing that is dated later than this has happened. */
export const aheadSeconds = 3600;

/** What is kept over a restart: what each name added up, and what is still open. */
export interface Kept {
  readonly demands: Iterable<NamedDemand>;
  readonly lives: readonly LifeState[];
  /** Absent: nobody has looked for kills yet, or the agent was one that kept none of it. */
  readonly kills?: KnownKills;
}

export class History {
  private readonly lives = new Lives();
  private readonly demands = new Demands();
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
    sightings: readonly Sighting[],
    reading: Reading,
    pods: readonly Pod[],
    at: number | undefined,
  ): void {
    this.at = secondsOf(at);
    this.lastLru = reading.lru;
    if (this.at !== undefined) this.goOn(this.at);
    this.lives.remember(sightings, reading, this.at);
    this.pods = pods;
    this.oomKills.hear(pods);
  }

  /** The clock was set back where something is dated later: what is dated ahead would outweigh all that comes. */
  private goOn(at: number): void {
    if (this.newest > at + aheadSeconds) {
      for (const { demand } of [...this.demands, ...this.lives]) demand.forgetLater(at);
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
    for (const { demand } of this.demands) demand.running = 0;
    for (const sighting of accounted) {
      const { sample, usage } = sighting;
      const life = this.lives.of(sample.id);
      const named = nameOf(sighting);
      if (life === undefined || named === undefined) continue;
      if (this.mayBePods(sighting) && seconds - (life.since ?? seconds) < patienceSeconds) continue;
      if (life.key === undefined) life.name(named.key, named.pod, this.demands.of(named.key));
      const { demand } = life;
      demand.running++;
      demand.looked(seconds);
      demand.setting = named.setting;
      const { usageBytes, realBytes, limitBytes, limitFrom, highBytes, highFrom, psiFullAvg60 } = usage;
      const limit = isOwnLimit(sample.id.path, limitFrom) ? limitBytes : undefined;
      const high = isOwnLimit(sample.id.path, highFrom) ? highBytes : undefined;
      const throttled = life.isAboveHigh && suffersAtHigh(usage);
      life.bounded(
        { usage: usageBytes, real: realBytes, limit, high, throttled, stalled: psiFullAvg60 },
        seconds,
      );
      if (life.peak !== undefined) demand.replica(named.pod, life.peak, seconds);
    }
    // A short job's cgroup can be gone before the API has said its name.
    this.lives.adopt((life, { place }) => this.adopted(life, place), seconds);
    this.demands.forget(seconds);
  }

  /** On a node of Kubernetes: the API may be late to say that a container outside the cgroups of pods is one of theirs. */
  private mayBePods({ place }: Accounted): boolean {
    return place.kind === 'other' && place.id !== undefined && this.pods.length > 0;
  }

  /** By its ID alone: paths write the UIDs of pods in their own way, and of some another one. */
  private adopted(life: Life, place: Sighting['place']): boolean {
    if (place.kind !== 'container') return true;
    const isIt = ({ ids }: PodContainer): boolean => ids.includes(place.id);
    const pod = this.pods.find(({ containers }) => containers.some(isIt));
    const container = pod?.containers.find(isIt);
    if (pod === undefined || container === undefined || pod.from === 'logs') return false;
    const key = keyOf(pod, container);
    const demand = this.demands.of(key);
    if (this.at !== undefined) demand.looked(this.at);
    life.name(key, pod.name, demand);
    demand.setting ??= settingOf(pod, container, undefined);
    return true;
  }

  /** With what is still open, as if it closed now. What comes out is not added to any more. */
  foldedOf({ key, demand }: NamedDemand): Demand {
    const lives = [...this.lives].flatMap((life) => (life.demand === demand ? [life.state] : []));
    return fold({ demands: [{ key, demand }], lives }).of(key);
  }

  /** To be written down. */
  kept(): Kept {
    const lives = [...this.lives].flatMap((life) => (life.key === undefined ? [] : [life.state]));
    const kills = this.oomKills.kept();
    return {
      demands: this.demands,
      lives: [...lives, ...this.lives.unseen],
      ...(kills !== undefined && { kills }),
    };
  }

  /**
   * Takes in another record of this node, whenever it turns up: what an earlier agent kept. Both may tell of the same
   * past, which counts once. Lives that run go on where the record has them.
   */
  restore({ demands, lives, kills }: Kept): void {
    if (kills !== undefined) this.oomKills.restore(kills);
    for (const { demand } of demands)
      for (const { life, at, times = 1 } of demand.kills)
        this.oomKills.counted({ id: life, kills: times, isCounted: true, at });
    const spans = new Map<string, Readonly<Record<Teller, Span>>>();
    for (const { key, demand } of demands) {
      if (this.at !== undefined && demand.lastAt > this.at + aheadSeconds) demand.forgetLater(this.at);
      const own = this.demands.of(key);
      spans.set(keyText(key), { own: spanOf(own), other: spanOf(demand) });
      own.reunite(demand);
      this.newest = Math.max(this.newest, demand.lastAt);
    }
    this.lives.reunite(
      lives,
      (state) => state.key && this.demands.of(state.key),
      ({ key }, by) => {
        const span = key && spans.get(keyText(key));
        if (span === undefined) return false;
        const { [by]: teller, [by === 'own' ? 'other' : 'own']: told } = span;
        return teller.lookedFrom <= told.lookedUntil && told.lookedUntil <= teller.lookedUntil;
      },
    );
  }

  /** What the containers of that name need; undefined: none was seen. */
  demandOf(id: CgroupId): NamedDemand | undefined {
    const life = this.lives.of(id);
    return life?.key === undefined ? undefined : { key: life.key, demand: life.demand };
  }

  /** The largest real that was sampled. */
  peakOf(id: CgroupId): Bytes | undefined {
    return this.lives.of(id)?.peak as Bytes | undefined;
  }

  /** When this cgroup, or another of its name, was first seen. */
  sinceOf(id: CgroupId): number | undefined {
    const life = this.lives.of(id);
    if (life?.since === undefined) return undefined;
    return 1000 * Math.min(life.since, life.demand.since);
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
    this.demands.of(key).killed(defined<Kill>(kill));
  }
}

type Span = Pick<Demand, 'lookedFrom' | 'lookedUntil'>;
const spanOf = ({ lookedFrom, lookedUntil }: Span): Span => ({ lookedFrom, lookedUntil });

/** @param at milliseconds; undefined for what no history can be of */
const secondsOf = (at: number | undefined): number | undefined =>
  at !== undefined && canBeRemembered(at / 1000) ? at / 1000 : undefined;

/** Everything that is open closed. */
export function fold({ demands, lives }: Pick<Kept, 'demands' | 'lives'>): Demands {
  const folded = new Demands();
  folded.merge(demands);
  for (const state of lives) {
    if (state.key === undefined) continue;
    new Life('', state).closeInto(folded.of(state.key));
  }
  return folded;
}

interface Named extends Owner {
  readonly setting: Setting;
}

function nameOf(sighting: Accounted): Named | undefined {
  const owner = ownerOf(sighting);
  if (owner === undefined) return undefined;
  const { pod, container, usage } = sighting;
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
