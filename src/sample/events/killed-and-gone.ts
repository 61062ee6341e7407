/** The last samples of cgroups that were OOM-killed, for a report that no longer finds them. */
import type { CgroupSample } from '../../model/cgroup.ts';
import { isSized } from '../../model/cgroup-role.ts';
import type { Observation } from '../../model/observation.ts';

/** A cgroup whose processes the OOM killer has just killed. */
export interface Killed {
  /** With the details of a report. */
  readonly observation: Observation;
  /** OOM kills since the cgroup was created. */
  readonly kills: number;
  /** OOM kills before. */
  readonly before: number;
}

/** A killed cgroup until a report counts its kills. */
interface Waiting {
  readonly observation: Observation;
  /** Its OOM kills at the last report. */
  readonly before: number;
  /** How many reports have had it. */
  reports: number;
}

/** A node with more keeps the latest. */
const mostWaiting = 100;

/** How many reports wait for the name of a killed container: as shipped, those of ten minutes. */
const reportsWaited = 40;

export class KilledAndGone {
  private waiting: readonly Waiting[] = [];

  /** Keeps these samples. */
  keep(killed: readonly Killed[]): void {
    for (const { observation, before } of killed) {
      const { role, sample } = observation;
      // The report has no kills of slices and machines.
      if (role.kind !== 'container' && !(role.kind === 'other' && isSized(role.type))) continue;
      const isSame = (one: Waiting): boolean => one.observation.sample.id.inode === sample.id.inode;
      const earlier = this.waiting.find(isSame);
      const others = this.waiting.filter((one) => !isSame(one));
      const now = { observation, before: earlier?.before ?? before, reports: 0 };
      this.waiting = [...others, now].slice(-mostWaiting);
    }
  }

  /** The samples of cgroups that a pass with a report no longer found. Each stays until it is `counted`. */
  missingFrom(observations: readonly Observation[]): readonly Observation[] {
    if (this.waiting.length === 0) return [];
    const present = new Set(observations.map(({ sample }) => sample.id.inode));
    // A container outside pods keeps its ID over restarts. The new counter begins at 0, so only a first kill is certain.
    const ids = new Set(observations.flatMap(({ role }) => (role.kind === 'other' ? (role.id ?? []) : [])));
    this.waiting = this.waiting.filter(({ observation: { role, sample }, before, reports }) => {
      const isRestarted = role.kind === 'other' && role.id !== undefined && ids.has(role.id);
      return !present.has(sample.id.inode) && !(isRestarted && before > 0) && reports < reportsWaited;
    });
    for (const one of this.waiting) one.reports++;
    return this.waiting.map(({ observation }) => observation);
  }

  /** Forgets these samples: their kills are counted. */
  counted(samples: ReadonlySet<CgroupSample>): void {
    this.waiting = this.waiting.filter(({ observation }) => !samples.has(observation.sample));
  }
}
