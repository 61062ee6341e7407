/** Walks the host's tree once: every cgroup placed by its path, every one that counts sampled where it stands. */
import type { Host } from '../edges/host.ts';
import { holdsOthers, placeOf } from '../identify/place.ts';
import type { CgroupId, Skipped } from '../model/cgroup.ts';
import type { Place } from '../model/place.ts';
import type { Sighting } from '../model/sighting.ts';
import { sampleCgroup } from '../sample/cgroup.ts';

export interface Sampled {
  readonly sightings: readonly Sighting[];
  readonly skipped: readonly Skipped[];
  /** How many of `skipped` are files or directories that should have been readable. */
  readonly faults: number;
}

/** A path means the same as long as the cgroup lives: its place is found once. */
const places = new WeakMap<CgroupId, Place>();

function placeAt(id: CgroupId): Place {
  const known = places.get(id);
  if (known !== undefined) return known;
  const place = placeOf(id.path);
  places.set(id, place);
  return place;
}

/** @param detailed read the files that only a report needs, too */
export function sample(host: Host, detailed: boolean): Sampled {
  if (host.cgroups === undefined) return { sightings: [], skipped: [], faults: 0 };
  const { version, tree } = host.cgroups;
  const sightings: Sighting[] = [];
  const skipped: Skipped[] = [];
  let faults = 0;
  const unlisted = tree.walk((raw) => {
    const place = placeAt(raw.id);
    if (place.kind === 'skip') skipped.push({ cgroup: raw.id.path, why: place.why });
    // The root has no figures of its own: the node's come from /proc/meminfo.
    if (place.kind !== 'skip' && place.kind !== 'inner' && place.kind !== 'root') {
      const taken = sampleCgroup(raw, version, detailed);
      sightings.push({ place, sample: taken });
      for (const why of taken.faults) skipped.push({ cgroup: raw.id.path, why });
      faults += taken.faults.length;
    }
    return holdsOthers(place);
  });
  return { sightings, skipped: [...skipped, ...unlisted], faults: faults + unlisted.length };
}
