/** The largest real of each cgroup since it was first sampled. */
import type { Bytes } from '../model/bytes.ts';
import type { CgroupId } from '../model/cgroup.ts';
import type { Accounted } from '../model/sighting.ts';

export class Peaks {
  private peaks = new Map<string, { readonly inode: number; real: Bytes }>();
  private seen = new Set<string>();

  /** Takes one pass in; gives it back with the peaks so far. What was not seen in it is forgotten. */
  remember(accounted: readonly Accounted[]): readonly Accounted[] {
    const remembered = accounted.map((sighting) => {
      const { realBytes } = sighting.usage;
      this.seen.add(sighting.sample.id.path);
      if (realBytes === undefined) return sighting;
      return {
        ...sighting,
        usage: { ...sighting.usage, peakRealBytes: this.peakOf(sighting.sample.id, realBytes) },
      };
    });
    for (const path of this.peaks.keys()) if (!this.seen.has(path)) this.peaks.delete(path);
    this.seen.clear();
    return remembered;
  }

  /** A cgroup made anew under an old name starts anew. */
  private peakOf({ path, inode }: CgroupId, real: Bytes): Bytes {
    const known = this.peaks.get(path);
    if (known === undefined || known.inode !== inode) {
      this.peaks.set(path, { inode, real });
      return real;
    }
    if (real > known.real) known.real = real;
    return known.real;
  }
}
