/**
 * Kill counters of pod cgroups (v2). They outlive the cgroups of the containers and include them. A kill without an `oom`
 * below the pod was at the pod's own limit, or for the node.
 */
import type { CgroupSample } from '../model/cgroup.ts';

/** Kills between two samples. Milliseconds since 1970. */
export interface Rise {
  /** Minus infinity: before the first sample. */
  readonly from: number;
  readonly to: number;
  /** A container below the pod reached its limit. */
  readonly isAtLimit: boolean;
}

interface Counters {
  readonly inode: number;
  readonly kills: number;
  /** As of the last rise of `kills`: a kill can happen between the reads of two files. */
  readonly limitOoms: number;
  readonly at: number;
  /** Latest last. */
  readonly rises: readonly Rise[];
}

const risesKept = 8;
/** Shared by all pods without a kill. */
const noRises: readonly Rise[] = [];
/** The API reports times in whole seconds. */
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
    const { rises = noRises } = before ?? {};
    const isHigher = kills !== (before?.kills ?? 0);
    const from = before?.at ?? Number.NEGATIVE_INFINITY;
    const rise: Rise = { from, to: at, isAtLimit: limitOoms > (before?.limitOoms ?? 0) };
    this.seen.set(podUID, {
      ...{ inode: id.inode, kills, at },
      limitOoms: isHigher ? limitOoms : (before?.limitOoms ?? 0),
      rises: isHigher ? [...rises, rise].slice(-risesKept) : rises,
    });
    // `riseAt` needs it within the same pass.
    this.pods.set(podUID, this.seen.get(podUID) as Counters);
  }

  /** Forgets pods that this pass did not see. */
  endPass(): void {
    this.pods = this.seen;
    this.seen = new Map();
  }

  /** The rise that contains a kill at that time; undefined: unknown. */
  riseAt(podUID: string, at: number): Rise | undefined {
    const found = this.pods.get(podUID)?.rises.filter(({ from, to }) => from <= at + secondMs && at <= to);
    // If in doubt, the kill was at a limit.
    return found?.find(({ isAtLimit }) => isAtLimit) ?? found?.[0];
  }
}
