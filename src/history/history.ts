/** All that is remembered between passes. */
import type { Bytes } from '../model/bytes.ts';
import type { CgroupId, CgroupSample } from '../model/cgroup.ts';
import type { Pod } from '../model/pod.ts';
import type { Identified, Sighting } from '../model/sighting.ts';
import { OomKills } from './oom-kills.ts';
import { Peaks } from './peaks.ts';

export class History {
  private readonly peaks = new Peaks();
  private readonly oomKills = new OomKills();

  /** Of every pass. */
  sampled(
    sightings: readonly Sighting[],
    realOf: (sample: CgroupSample) => Bytes | undefined,
    pods: readonly Pod[],
    at: number,
  ): void {
    this.peaks.remember(sightings, realOf, at);
    this.oomKills.hear(pods);
  }

  /** Of a pass in detail. */
  identified(identified: readonly Identified[], at: number): void {
    this.oomKills.see(identified, at);
  }

  /** The largest real that was sampled. */
  peakOf(id: CgroupId): Bytes | undefined {
    return this.peaks.peakOf(id);
  }

  /** When this cgroup was first seen. */
  sinceOf(id: CgroupId): number | undefined {
    return this.peaks.sinceOf(id);
  }

  /** OOM kills of a container over all its lives; undefined: none is known. */
  killsOf(podUID: string, container: string): number | undefined {
    return this.oomKills.of(podUID, container)?.count;
  }

  /** When the last of them was. */
  lastKillOf(podUID: string, container: string): number | undefined {
    return this.oomKills.of(podUID, container)?.lastAt;
  }
}
