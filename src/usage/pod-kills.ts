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
  /** Undefined: in the last pass. */
  readonly at: number | undefined;
  /** Latest last. */
  readonly rises: readonly Rise[];
}

/** Of a pod without a kill, the last pass saw only the inode: such are nearly all, and an object takes a hundred bytes. */
type Known = Counters | number;

const risesKept = 8;
/** Shared by all pods without a kill. */
const noRises: readonly Rise[] = [];
/** The API reports times in whole seconds. */
const secondMs = 1_000;

export class PodKills {
  private pods = new Map<string, Known>();
  private seen = new Map<string, Known>();
  /** Time of the last pass. */
  private lastAt = Number.NEGATIVE_INFINITY;
  private at = Number.NEGATIVE_INFINITY;

  observe(podUID: string, { id, details = {} }: CgroupSample, at: number): void {
    this.at = at;
    const known = this.pods.get(podUID);
    const { oomKills: kills, limitOoms: all } = details;
    if (kills === undefined || all === undefined) {
      if (known !== undefined) this.seen.set(podUID, { ...countersOf(known), at: this.timeOf(known) });
      return;
    }
    const counters = known === undefined ? undefined : countersOf(known);
    const before = counters?.inode === id.inode ? counters : undefined;
    const limitOoms = Math.max(0, all - (details.limitOomsLocal ?? 0));
    const { rises = noRises } = before ?? {};
    const isHigher = kills !== (before?.kills ?? 0);
    const counted = isHigher ? limitOoms : (before?.limitOoms ?? 0);
    if (kills === 0 && counted === 0 && !isHigher && rises === noRises) this.seen.set(podUID, id.inode);
    else {
      const from = before === undefined ? Number.NEGATIVE_INFINITY : this.timeOf(before);
      const rise: Rise = { from, to: at, isAtLimit: limitOoms > (before?.limitOoms ?? 0) };
      this.seen.set(podUID, {
        ...{ inode: id.inode, kills, limitOoms: counted, at: undefined },
        rises: isHigher ? [...rises, rise].slice(-risesKept) : rises,
      });
    }
    // `riseAt` needs it within the same pass.
    this.pods.set(podUID, this.seen.get(podUID) as Known);
  }

  /** Forgets pods that this pass did not see. */
  endPass(): void {
    this.lastAt = this.at;
    this.pods = this.seen;
    this.seen = new Map();
  }

  /** The rise that contains a kill at that time; undefined: unknown. */
  riseAt(podUID: string, at: number): Rise | undefined {
    const known = this.pods.get(podUID);
    if (known === undefined) return undefined;
    const found = countersOf(known).rises.filter(({ from, to }) => from <= at + secondMs && at <= to);
    // If in doubt, the kill was at a limit.
    return found.find(({ isAtLimit }) => isAtLimit) ?? found[0];
  }

  private timeOf(known: Known): number {
    return (typeof known === 'number' ? undefined : known.at) ?? this.lastAt;
  }
}

const countersOf = (known: Known): Counters =>
  typeof known === 'number' ? { inode: known, kills: 0, limitOoms: 0, at: undefined, rises: noRises } : known;
