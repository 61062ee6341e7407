/** The largest real of each cgroup since it was first sampled. */
import type { Bytes } from '../model/bytes.ts';
import type { CgroupId, CgroupSample } from '../model/cgroup.ts';
import type { Sighting } from '../model/sighting.ts';

interface Peak {
  readonly inode: number;
  /** When it was first seen. */
  readonly since: number;
  real: Bytes | undefined;
  /** The last pass that saw it. */
  pass: number;
}

export class Peaks {
  private readonly peaks = new Map<string, Peak>();
  private pass = 0;

  /** Takes one pass in. What was not seen in it is forgotten. */
  remember(
    sightings: readonly Sighting[],
    realOf: (sample: CgroupSample) => Bytes | undefined,
    at: number,
  ): void {
    const pass = ++this.pass;
    for (const { sample } of sightings) {
      const { path, inode } = sample.id;
      const real = realOf(sample);
      const known = this.peaks.get(path);
      // A cgroup made anew under an old name starts anew.
      if (known === undefined || known.inode !== inode)
        this.peaks.set(path, { inode, since: at, real, pass });
      else {
        known.pass = pass;
        if (real !== undefined && !(known.real !== undefined && known.real >= real)) known.real = real;
      }
    }
    if (this.peaks.size === sightings.length) return;
    for (const [path, peak] of this.peaks) if (peak.pass !== pass) this.peaks.delete(path);
  }

  peakOf(id: CgroupId): Bytes | undefined {
    return this.of(id)?.real;
  }

  /** When this cgroup was first seen, in milliseconds since 1970. */
  sinceOf(id: CgroupId): number | undefined {
    return this.of(id)?.since;
  }

  private of({ path, inode }: CgroupId): Peak | undefined {
    const known = this.peaks.get(path);
    return known?.inode === inode ? known : undefined;
  }
}
