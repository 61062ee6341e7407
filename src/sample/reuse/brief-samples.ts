/**
 * Samples of brief passes without reading `memory.stat`, which takes ten times as long as usage. Two kinds of cgroups do not
 * need it: parents without processes, and small cgroups whose usage did not change.
 */
import { type Bytes, bytes } from '../../model/bytes.ts';
import { type CgroupId, type CgroupSample, isBelow, type MemoryStat } from '../../model/cgroup.ts';
import type { CgroupRole } from '../../model/cgroup-role.ts';
import { defined } from '../../model/json.ts';
import type { Observation } from '../../model/observation.ts';

/** Usage and the fields of a brief `memory.stat`. */
interface Figures {
  readonly usage: number;
  readonly activeAnon: number;
  readonly inactiveAnon: number;
  readonly activeFile: number;
  readonly inactiveFile: number;
}
type Sums = { -readonly [field in keyof Figures]: Figures[field] };

/**
 * Whether a cgroup of this role has no process of its own. The kubelet starts none in the cgroups of pods and QoS classes, and
 * cgroup v2 forbids it.
 */
export const isParentOnly = ({ kind }: CgroupRole): boolean => kind === 'pod' || kind === 'kube';

/**
 * Bytes. Below this usage, a sample is reused while usage stays the same to the byte. Real is at most usage, so no
 * unseen change of its parts can be larger. The sandboxes of pods are that small, and their process sleeps all the time.
 */
const small = 2 ** 20;

/** Bytes. The rest of a parent may change that much before it is read again. */
const tolerance = 2 ** 18;

/** Figures of one pass, summed over the children of a parent. */
export class ChildSums {
  private readonly sums: Sums = { usage: 0, activeAnon: 0, inactiveAnon: 0, activeFile: 0, inactiveFile: 0 };
  private isComplete = true;
  private areSame = true;

  /** @param isSame whether the sample is one of an earlier pass */
  add({ usage, stat }: CgroupSample, isSame = false): void {
    this.areSame &&= isSame;
    const { activeAnon, inactiveAnon, activeFile, inactiveFile } = stat ?? {};
    // For every cgroup of each pass, so without an object in between.
    if (
      usage === undefined ||
      activeAnon === undefined ||
      inactiveAnon === undefined ||
      activeFile === undefined ||
      inactiveFile === undefined
    ) {
      this.isComplete = false;
      return;
    }
    const { sums } = this;
    sums.usage += usage;
    sums.activeAnon += activeAnon;
    sums.inactiveAnon += inactiveAnon;
    sums.activeFile += activeFile;
    sums.inactiveFile += inactiveFile;
  }

  /** Whether each child has the sample of an earlier pass. */
  get isSame(): boolean {
    return this.areSame;
  }

  /** Undefined if a child has no figures. */
  get figures(): Figures | undefined {
    return this.isComplete ? this.sums : undefined;
  }
}

/** Per host, from pass to pass. Entries disappear with their cgroups. */
export class BriefSamples {
  private readonly smallOnes = new WeakMap<CgroupId, Observation>();
  /** What a parent has beyond its children: memory of containers that have ended. */
  private readonly rests = new WeakMap<CgroupId, Figures>();
  /** Parents as of the last brief pass. */
  private readonly sums = new WeakMap<CgroupId, Observation>();

  /** What the last report read, until a brief pass begins with it. */
  private reported: readonly Observation[] | undefined;

  /** Begins anew with what a report read. @param observations parents first, as in the walk */
  reportRead(observations: readonly Observation[]): void {
    this.reported = observations;
  }

  /** A brief pass begins. If each pass reports, there is none. */
  begin(): void {
    if (this.reported !== undefined) this.startFrom(this.reported);
    this.reported = undefined;
  }

  private startFrom(observations: readonly Observation[]): void {
    const parents: { readonly sample: CgroupSample; readonly sums: ChildSums }[] = [];
    const end = (): void => {
      const parent = parents.pop();
      if (parent === undefined) return;
      this.keepRest(parent.sample, parent.sums);
      this.sums.delete(parent.sample.id);
      parents.at(-1)?.sums.add(parent.sample);
    };
    for (const { role, sample } of observations) {
      for (
        let last = parents.at(-1);
        last && !isBelow(sample.id.path, last.sample.id.path);
        last = parents.at(-1)
      )
        end();
      if (isParentOnly(role)) parents.push({ sample, sums: new ChildSums() });
      else {
        parents.at(-1)?.sums.add(sample);
        this.smallOnes.delete(sample.id);
        if (sample.faults.length === 0) this.keep({ role, sample: briefOf(sample) });
      }
    }
    while (parents.length > 0) end();
  }

  /** The last observation of a small cgroup, if its usage is still the same. */
  same(id: CgroupId, usage: number): Observation | undefined {
    const last = this.smallOnes.get(id);
    return last?.sample.usage === usage ? last : undefined;
  }

  /** Remembers an observation of a brief pass, if the cgroup is small. */
  keep(observation: Observation): void {
    const { id, usage = small } = observation.sample;
    if (usage < small) this.smallOnes.set(id, observation);
  }

  /** The last observation of a parent, if its usage and its children are still the same. */
  sameParent(id: CgroupId, usage: number, children: ChildSums): Observation | undefined {
    if (!children.isSame) return undefined;
    const last = this.sums.get(id);
    return last?.sample.usage === usage ? last : undefined;
  }

  /** Remembers the observation of a parent in a brief pass, if it is whole: what could not be read is read again. */
  keepParent(observation: Observation): void {
    const { id, stat, faults } = observation.sample;
    if (stat === undefined || faults.length > 0) this.sums.delete(id);
    else this.sums.set(id, observation);
  }

  /**
   * A parent's `memory.stat`: the sums over its children, and its rest as of the last time that it was read. No process of
   * the parent can change what the rest consists of: only freed memory does, or a child that was not found yet. Both
   * change its size.
   * @returns undefined if the size changed
   */
  statOf(id: CgroupId, usage: Bytes, { figures }: ChildSums): MemoryStat | undefined {
    const rest = this.rests.get(id);
    if (rest === undefined || figures === undefined) return undefined;
    if (Math.abs(usage - figures.usage - rest.usage) > tolerance) return undefined;
    return {
      activeAnon: atLeastZero(figures.activeAnon + rest.activeAnon),
      inactiveAnon: atLeastZero(figures.inactiveAnon + rest.inactiveAnon),
      activeFile: atLeastZero(figures.activeFile + rest.activeFile),
      inactiveFile: atLeastZero(figures.inactiveFile + rest.inactiveFile),
    };
  }

  /** Remembers the rest of a parent whose files were just read. */
  keepRest(sample: CgroupSample, { figures: children }: ChildSums): void {
    const whole = figuresOf(sample);
    if (whole === undefined || children === undefined) this.rests.delete(sample.id);
    else
      this.rests.set(sample.id, {
        usage: whole.usage - children.usage,
        activeAnon: whole.activeAnon - children.activeAnon,
        inactiveAnon: whole.inactiveAnon - children.inactiveAnon,
        activeFile: whole.activeFile - children.activeFile,
        inactiveFile: whole.inactiveFile - children.inactiveFile,
      });
  }
}

const atLeastZero = (amount: number): Bytes => bytes(Math.max(0, amount));

/** The sample as a brief pass would have read it. */
function briefOf({ id, version, usage, stat, faults }: CgroupSample): CgroupSample {
  const { activeAnon, inactiveAnon, activeFile, inactiveFile } = stat ?? {};
  return {
    ...{ id, version, faults },
    ...defined({ usage, stat: stat && defined({ activeAnon, inactiveAnon, activeFile, inactiveFile }) }),
  };
}

function figuresOf({ usage, stat }: CgroupSample): Figures | undefined {
  if (usage === undefined || stat === undefined) return undefined;
  const { activeAnon, inactiveAnon, activeFile, inactiveFile } = stat;
  if (
    activeAnon === undefined ||
    inactiveAnon === undefined ||
    activeFile === undefined ||
    inactiveFile === undefined
  )
    return undefined;
  return { usage, activeAnon, inactiveAnon, activeFile, inactiveFile };
}
