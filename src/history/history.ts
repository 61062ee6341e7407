/** All that is remembered between passes. Times that come in are milliseconds since 1970; those of demand are seconds. */
import type { Bytes } from '../model/bytes.ts';
import type { CgroupId } from '../model/cgroup.ts';
import { defined } from '../model/defined.ts';
import { type Demand, type DemandKey, keyText, type Setting } from '../model/demand.ts';
import type { Pod, PodContainer } from '../model/pod.ts';
import { isOwnLimit } from '../model/report.ts';
import type { Accounted, Identified, Sighting } from '../model/sighting.ts';
import { canBeRemembered } from '../model/time.ts';
import { Demands, type NamedDemand } from './demands.ts';
import { Life, type LifeState } from './life.ts';
import { Lives, type Reading, type Teller } from './lives.ts';
import { OomKills } from './oom-kills.ts';

/** Clocks differ by less: nothing that is dated later than this has happened. */
const aheadSeconds = 3600;

/** What is kept over a restart: what each name added up, and what is still open. */
export interface Kept {
  readonly demands: Iterable<NamedDemand>;
  readonly lives: readonly LifeState[];
}

export class History {
  private readonly lives = new Lives();
  private readonly demands = new Demands();
  private pods: readonly Pod[] = [];
  /** Of the last pass, in seconds; undefined: nobody knew. */
  private at: number | undefined;
  /** Nothing is dated later. */
  private newest = Number.NEGATIVE_INFINITY;
  private readonly oomKills = new OomKills((pod, container, life, at) => {
    this.killed(pod, container, life, at);
  });

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
    const seconds = secondsOf(at);
    if (seconds === undefined) return;
    for (const { demand } of this.demands) demand.running = 0;
    for (const sighting of accounted) {
      const { sample, usage } = sighting;
      const life = this.lives.of(sample.id);
      const named = nameOf(sighting);
      if (life === undefined || named === undefined) continue;
      if (life.key === undefined) life.name(named.key, named.pod, this.demands.of(named.key));
      const { demand } = life;
      demand.running++;
      demand.looked(seconds);
      demand.setting = named.setting;
      const { usageBytes, realBytes, limitBytes, limitFrom, psiFullAvg60 } = usage;
      const limit = isOwnLimit(sample.id.path, limitFrom) ? limitBytes : undefined;
      life.bounded({ usage: usageBytes, real: realBytes, limit, stalled: psiFullAvg60 }, seconds);
      if (life.peak !== undefined) demand.replica(named.pod, life.peak, seconds);
    }
    // A short job's cgroup can be gone before the API has said its name.
    this.lives.adopt((life, { place }) => this.adopted(life, place), seconds);
    this.demands.forget(seconds);
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
    demand.setting ??= settingOf(container, undefined);
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
    return { demands: this.demands, lives: [...lives, ...this.lives.unseen] };
  }

  /**
   * Takes in another record of this node, whenever it turns up: what an earlier agent kept. Both may tell of the same
   * past, which counts once. Lives that run go on where the record has them.
   */
  restore({ demands, lives }: Kept): void {
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

  /** OOM kills of a container over all its lives; undefined: none is known. */
  killsOf(podUID: string, container: string): number | undefined {
    return this.oomKills.of(podUID, container)?.count;
  }

  /** When the last of them was. */
  lastKillOf(podUID: string, container: string): number | undefined {
    return this.oomKills.of(podUID, container)?.lastAt;
  }

  private killed(pod: Pod, container: PodContainer, life: string, at: number | undefined): void {
    // Of any age is too old: the API tells when, where it was not long ago.
    const seconds = secondsOf(at);
    if (seconds === undefined || pod.from === 'logs') return;
    const { limit } = container;
    this.demands.of(keyOf(pod, container)).killed({
      pod: pod.name,
      life,
      // The kubelet's clock can be ahead.
      at: Math.floor(Math.min(seconds, this.at ?? seconds)),
      ...(limit !== undefined && { limit }),
    });
  }
}

type Span = Pick<Demand, 'lookedFrom' | 'lookedUntil'>;
const spanOf = ({ lookedFrom, lookedUntil }: Span): Span => ({ lookedFrom, lookedUntil });

/** @param at milliseconds; undefined for what no history can be of */
const secondsOf = (at: number | undefined): number | undefined =>
  at !== undefined && canBeRemembered(at / 1000) ? at / 1000 : undefined;

/** Everything that is open closed. */
export function fold({ demands, lives }: Kept): Demands {
  const folded = new Demands();
  folded.merge(demands);
  for (const state of lives) {
    if (state.key === undefined) continue;
    new Life('', state).closeInto(folded.of(state.key));
  }
  return folded;
}

interface Named {
  readonly key: DemandKey;
  readonly pod: string;
  readonly setting: Setting;
}

/** Undefined: nobody has told it yet, or there is nothing to size. */
function nameOf({ place, sample, pod, container, usage }: Accounted): Named | undefined {
  const own = usage.limitFrom === undefined ? usage.limitBytes : undefined;
  if (place.kind === 'other') {
    if (place.type === 'slice' || place.type === 'vm') return undefined;
    return {
      key: { namespace: '', workload: `${place.type}/${place.name}`, container: '' },
      pod: sample.id.path,
      setting: defined<Setting>({ type: 'unknown', request: undefined, limit: own, heap: undefined }),
    };
  }
  const named = container?.container;
  if (place.kind !== 'container' || pod === undefined || named === undefined || pod.from === 'logs')
    return undefined;
  return { key: keyOf(pod, named), pod: pod.name, setting: settingOf(named, own) };
}

const settingOf = ({ type, request, limit, heap }: PodContainer, own: Bytes | undefined): Setting =>
  defined<Setting>({ type, request, limit: limit ?? own, heap });

const keyOf = (pod: Pod, container: PodContainer): DemandKey => ({
  namespace: pod.namespace,
  workload: pod.workload ?? `Pod/${pod.name}`,
  container: container.name,
});
