/** Walks the host's tree once: every cgroup placed by its path, every one that counts sampled where it stands. */
import type { Host } from '../edges/host.ts';
import { holdsOthers, placeOf } from '../identify/place.ts';
import type { CgroupId, Skipped } from '../model/cgroup.ts';
import type { Place } from '../model/place.ts';
import type { Sighting } from '../model/sighting.ts';
import { sampleCgroup } from '../sample/cgroup.ts';

export interface Sampled {
  readonly sightings: readonly Sighting[];
  /** What is left out on purpose. */
  readonly skipped: readonly Skipped[];
  /** Files and directories that could not be read or understood. */
  readonly faults: readonly Skipped[];
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
  if (host.cgroups === undefined) return { sightings: [], skipped: [], faults: [] };
  const { version, tree } = host.cgroups;
  const sightings: Sighting[] = [];
  const skipped: Skipped[] = [];
  const faults: Skipped[] = [];
  const unlisted = tree.walk((raw) => {
    const place = placeAt(raw.id);
    if (place.kind === 'skip') skipped.push({ cgroup: raw.id.path, why: place.why });
    // The root has no figures of its own: the node's come from /proc/meminfo.
    if (place.kind !== 'skip' && place.kind !== 'inner' && place.kind !== 'root') {
      const taken = sampleCgroup(raw, version, detailed);
      sightings.push({ place, sample: taken });
      for (const why of taken.faults) faults.push({ cgroup: raw.id.path, why });
    }
    return holdsOthers(place);
  });
  return { sightings, skipped, faults: [...faults, ...unlisted] };
}
