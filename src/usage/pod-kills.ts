/**
 * What the counters of a pod's cgroup tell of kills in it (v2). They outlive the cgroups of its containers, and count what
 * happened below: a kill without an `oom` below the pod was for the pod's own limit or for the node.
 */
import type { CgroupSample } from '../model/cgroup.ts';

/** Some kills between two looks. Milliseconds since 1970. */
export interface Rise {
  /** Minus infinity: before the first look. */
  readonly from: number;
  readonly to: number;
  /** A limit below the pod was met. */
  readonly isAtLimit: boolean;
}

interface Counters {
  readonly inode: number;
  readonly kills: number;
  /** At the last rise of `kills`: a kill can fall between the reading of two files. */
  readonly limitOoms: number;
  readonly at: number;
  /** Latest last. */
  readonly rises: readonly Rise[];
}

const risesKept = 8;
/** The API tells times in whole seconds. */
const secondMs = 1_000;

export class PodKills {
  private pods = new Map<string, Counters>();
  private seen = new Map<string, Counters>();

  observe(podUID: string, { id, details = {} }: CgroupSample, at: number): void {
    const known = this.pods.get(podUID);
    const { oomKills: kills, limitOoms: all } = details;
    if (kills === undefined || all === undefined) {
      if (known !== undefined) this.seen.set(podUID, known);
      return;
    }
    const before = known?.inode === id.inode ? known : undefined;
    const limitOoms = Math.max(0, all - (details.limitOomsLocal ?? 0));
    const { rises = [] } = before ?? {};
    const isHigher = kills !== (before?.kills ?? 0);
    const from = before?.at ?? Number.NEGATIVE_INFINITY;
    const rise: Rise = { from, to: at, isAtLimit: limitOoms > (before?.limitOoms ?? 0) };
    this.seen.set(podUID, {
      ...{ inode: id.inode, kills, at },
      limitOoms: isHigher ? limitOoms : (before?.limitOoms ?? 0),
      rises: isHigher ? [...rises, rise].slice(-risesKept) : rises,
    });
    // Asked for in this same look.
    this.pods.set(podUID, this.seen.get(podUID) as Counters);
  }

  /** The look is over: pods that were not in it are gone. */
  endPass(): void {
    this.pods = this.seen;
    this.seen = new Map();
  }

  /** In which a kill at that time fell; undefined: the kernel does not tell. */
  riseAt(podUID: string, at: number): Rise | undefined {
    const found = this.pods.get(podUID)?.rises.filter(({ from, to }) => from <= at + secondMs && at <= to);
    // In doubt it was at a limit.
    return found?.find(({ isAtLimit }) => isAtLimit) ?? found?.[0];
  }
}
